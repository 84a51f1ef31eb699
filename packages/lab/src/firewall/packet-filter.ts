import type { Firewall } from '@netweir/api';
import { KernelError, type NetworkNamespace } from '@netweir/kernel';
import { changeRuleset } from '../stack/ruleset.ts';
import { type ExactFirewall, exactFirewall } from './exact-firewall.ts';
import { fragNeededCommands } from './frag-needed.ts';
import { firewallCommands } from './ruleset.ts';

export interface PacketFilterOptions {
  /** `none` by default. */
  readonly firewall?: Firewall | undefined;
  /**
   * Whether it drops what says that a packet is too big, of IPv4 and of IPv6, its own words included:
   * path MTU discovery fails. `false` by default.
   */
  readonly blockFragNeeded?: boolean | undefined;
}

/** What one router does not let through. */
export class PacketFilter {
  readonly #namespace: NetworkNamespace;
  readonly #uplinkName: string;
  #firewall: ExactFirewall;
  #blockFragNeeded: boolean;

  /** @throws {NetweirError} `invalid-request` */
  constructor(
    namespace: NetworkNamespace,
    uplinkName: string,
    { firewall = 'none', blockFragNeeded = false }: PacketFilterOptions,
  ) {
    this.#namespace = namespace;
    this.#uplinkName = uplinkName;
    this.#firewall = exactFirewall(firewall);
    this.#blockFragNeeded = blockFragNeeded;
    try {
      changeRuleset(namespace, [
        ...firewallCommands(this.#firewall, uplinkName),
        ...(blockFragNeeded ? fragNeededCommands(true) : []),
      ]);
    } catch (error) {
      // Whoever lets everything through works without nftables, too, as in User Mode Linux.
      if (blockFragNeeded || !isOpen(this.#firewall) || !isUnsupported(error)) throw error;
    }
  }

  get firewall(): ExactFirewall {
    return this.#firewall;
  }

  get blockFragNeeded(): boolean {
    return this.#blockFragNeeded;
  }

  setFirewall(firewall: Firewall): void {
    const exact = exactFirewall(firewall);
    changeRuleset(this.#namespace, firewallCommands(exact, this.#uplinkName));
    this.#firewall = exact;
  }

  setBlockFragNeeded(block: boolean): void {
    changeRuleset(this.#namespace, fragNeededCommands(block));
    this.#blockFragNeeded = block;
  }
}

function isOpen({ blockInbound, outboundTcp, outboundUdp }: ExactFirewall): boolean {
  return !blockInbound && outboundTcp === 'allow-all' && outboundUdp === 'allow-all';
}

function isUnsupported(error: unknown): boolean {
  return error instanceof KernelError && error.errnoName === 'EOPNOTSUPP';
}
