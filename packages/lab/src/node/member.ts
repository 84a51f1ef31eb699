import type { LabEvent, LabEventKind } from '@netweir/api';
import { PidNamespace } from '@netweir/kernel';
import { Activities } from '../code/activities.ts';
import type { EventLog } from '../event-log.ts';
import type { PacketFilter } from '../firewall/packet-filter.ts';
import type { Lan, Plug } from '../stack/lan.ts';
import { NetworkStack } from '../stack/network-stack.ts';

/** A node as its lab has it. Handles lead here; a node that was removed is `removed` for good. */
export class Member {
  readonly name: string;
  readonly stack: NetworkStack;
  readonly activities: Activities = new Activities();
  /** By interface name; the first had the default route at the start. */
  readonly plugs: Map<string, Plug> = new Map();
  /** What the default routes lead through. */
  defaultPlug: Plug | undefined;
  /** The network that a router serves. */
  lan: Lan | undefined;
  /** The router of `defaultPlug` at the start. */
  upstream: Member | undefined;
  /** What a router does not let through. */
  filter: PacketFilter | undefined;
  removed = false;
  readonly #events: EventLog;
  #programs: PidNamespace | undefined;

  constructor(name: string, options: { readonly forwards: boolean }, events: EventLog) {
    this.name = name;
    this.#events = events;
    this.stack = new NetworkStack(name, options);
  }

  /** Where programs start, so that they end with the node, and with this process. */
  programs(): PidNamespace {
    if (!this.#programs) {
      const programs = new PidNamespace();
      this.activities.add(() => programs.close());
      this.#programs = programs;
    }
    return this.#programs;
  }

  /** Says to who listens to the lab what happened to this node, or to an interface of it. */
  tell(kind: LabEventKind, interfaceName?: string, value: LabEvent['value'] = null): void {
    const at = interfaceName === undefined ? {} : { interface: interfaceName };
    this.#events.tell(kind, { node: this.name, ...at, value });
  }

  linkDown(interfaceName: string): void {
    this.stack.linkDown(interfaceName);
    this.tell('link-down', interfaceName);
  }

  /** Takes an interface up with its addresses and routes; packets pass as soon as this returns. */
  linkUp(interfaceName: string): void {
    this.stack.linkUp(interfaceName);
    const plug = this.plugs.get(interfaceName);
    plug?.lan.ready(plug, this.stack);
    this.tell('link-up', interfaceName);
  }

  /** Ends what runs in the node and lets its namespace go. */
  async end(): Promise<void> {
    this.removed = true;
    try {
      await this.activities.stop();
    } finally {
      this.stack.close();
    }
  }
}
