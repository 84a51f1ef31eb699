import { LabNode } from './lab-node.ts';
import type { Member } from './member.ts';

/** The internet exchange: where routers without an upstream meet. */
export class Exchange extends LabNode {
  /** What these routers have as their gateway. */
  readonly ipv4: string;
  readonly ipv6: string;

  constructor(member: Member, gateway: { readonly ipv4: string; readonly ipv6: string }) {
    super(member);
    this.ipv4 = gateway.ipv4;
    this.ipv6 = gateway.ipv6;
  }
}
