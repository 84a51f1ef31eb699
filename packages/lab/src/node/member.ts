import type { LabEvent, LabEventKind, LinkConditions } from '@netweir/api';
import { endProcessesIn, PidNamespace } from '@netweir/kernel';
import type { RegionPlan } from '../addressing/region-plan.ts';
import { Activities } from '../code/activities.ts';
import type { Inside } from '../code/node-worker.ts';
import type { Conditions, ConditionsInForce, Link } from '../condition/conditions.ts';
import { NodeRemoved, noAddress } from '../errors.ts';
import type { EventLog } from '../event-log.ts';
import type { PacketFilter } from '../firewall/packet-filter.ts';
import type { Naming } from '../names/name-server.ts';
import type { Translation } from '../nat/translation.ts';
import type { Lan, Plug } from '../stack/lan.ts';
import { NetworkStack, noInterface } from '../stack/network-stack.ts';

/** What leads from an interface of a node to a port of a lab's switches. */
export interface Cable {
  readonly node: string;
  readonly interface: string;
  readonly port: string;
}

/** A node as its lab has it. Handles lead here; a node that was removed is `removed` for good. */
export class Member {
  readonly name: string;
  readonly stack: NetworkStack;
  readonly activities: Activities = new Activities(() => new NodeRemoved(this.name));
  /** By interface name; the first had the default route at the start. */
  readonly plugs: Map<string, Plug> = new Map();
  /** Links of a region to other regions, by interface name. */
  readonly links: Map<string, Link> = new Map();
  /** What a region is, where the node is the router of its backbone. */
  region: { readonly name: string; readonly plan: RegionPlan } | undefined;
  /** What the default routes lead through. */
  defaultPlug: Plug | undefined;
  /** The network that a router serves. */
  lan: Lan | undefined;
  /** Of a router. */
  translation: Translation | undefined;
  /** What a router does not let through. */
  filter: PacketFilter | undefined;
  removed = false;
  readonly naming: Naming;
  readonly #events: EventLog;
  readonly #conditions: Conditions;
  #programs: PidNamespace | undefined;

  constructor(
    name: string,
    options: { readonly forwards: boolean },
    lab: Naming & { readonly events: EventLog; readonly conditions: Conditions },
  ) {
    const { events, conditions } = lab;
    this.name = name;
    this.naming = lab;
    this.#events = events;
    this.#conditions = conditions;
    this.stack = new NetworkStack(name, options);
  }

  /** The router that the default routes lead to. */
  get upstream(): Member | undefined {
    return this.defaultPlug?.lan.router;
  }

  /** Where code of the node runs. */
  inside(): Inside {
    const { names, files } = this.naming;
    return {
      namespace: this.stack.namespace,
      programs: this.#programsOfNode(),
      mounts: files.mountsOf(this),
      nameservers: files.nameserversOf(this),
      asksNameservers: names.nameserver !== undefined,
      resolve: (name) => names.find(name, this)?.addresses ?? null,
      activities: this.activities,
    };
  }

  /** Where programs start, so that they end with the node, and with this process. */
  #programsOfNode(): PidNamespace {
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

  /**
   * Calls `listener` with every new interface that has the name of a former one, until what is returned is
   * called.
   */
  onReplaced(interfaceName: string, listener: (ifindex: number) => void): () => void {
    return this.#events.subscribe(({ kind, node, interface: name }) => {
      const isNew = kind === 'interface-replugged' || kind === 'interface-added';
      if (!isNew || node !== this.name || name !== interfaceName) return;
      listener(this.plug(name).interface.ifindex);
    });
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
    if (this.lan?.interface.name === interfaceName) this.lan.routerReady();
    const far = this.links.get(interfaceName)?.far;
    far?.stack.link({ ifindex: far.ifindex });
    this.tell('link-up', interfaceName);
  }

  /** Puts conditions on interfaces of a node that is being made. */
  startConditions(conditions: Readonly<Record<string, LinkConditions | undefined>>): void {
    for (const [interfaceName, wanted] of Object.entries(conditions)) {
      if (wanted !== undefined) this.#conditions.set(this.link(interfaceName), wanted);
    }
  }

  setConditions(interfaceName: string, conditions: LinkConditions | null): void {
    const link = this.link(interfaceName);
    this.#conditions.set(link, conditions);
    const { egress, ingress } = this.#conditions.inForce(link);
    const value = egress || ingress ? { egress, ingress } : null;
    this.tell('condition-changed', interfaceName, value as LabEvent['value']);
  }

  /** For a link that has another MTU. */
  adaptConditions(interfaceName: string): void {
    this.#conditions.adapt(this.link(interfaceName));
  }

  conditions(interfaceName: string): ConditionsInForce {
    return this.#conditions.inForce(this.link(interfaceName));
  }

  /** Ends what runs in the node and lets its namespace go. */
  async end(): Promise<void> {
    this.removed = true;
    try {
      await this.activities.stop();
      await endProcessesIn(this.stack.namespace);
    } finally {
      this.#conditions.leave(this.stack);
      this.stack.close();
    }
  }

  /** An interface that leads to a router. @throws {LabError} ERR_LAB_NO_INTERFACE */
  plug(interfaceName: string): Plug {
    const plug = this.plugs.get(interfaceName);
    if (!plug) throw noInterface(this.name, interfaceName);
    return plug;
  }

  /** Whether it has an address of the family of another one, its own or that of a network it serves. */
  speaks(address: string): boolean {
    const family = address.includes(':') ? 6 : 4;
    const networks = [...this.plugs.values()].map(({ lan }) => lan);
    return [...networks, ...(this.lan ? [this.lan] : [])].some((lan) => lan.has(family));
  }

  /** An address of the interface with the default routes. @throws {LabError} */
  defaultAddress(family: 'ipv4' | 'ipv6'): string {
    const { defaultPlug } = this;
    if (!defaultPlug) throw noInterface(this.name, 'with default routes');
    const address = defaultPlug.addresses[family];
    if (address !== undefined) return address;
    const { stack, ip } = defaultPlug.lan;
    throw noAddress(this.name, family, stack.node, ip);
  }

  /** The link of an interface. @throws {LabError} ERR_LAB_NO_INTERFACE */
  link(interfaceName: string): Link {
    const plug = this.plugs.get(interfaceName);
    if (plug) return plug.lan.linkOf(plug, this.stack);
    const between = this.links.get(interfaceName);
    if (between) return between;
    if (this.lan?.interface.name !== interfaceName) throw noInterface(this.name, interfaceName);
    return this.lan.routerLink;
  }
}

export function cablesOf({ name: node, stack, plugs, lan }: Member): Cable[] {
  const links = [...plugs.values()].map((plug) => plug.lan.linkOf(plug, stack));
  if (lan) links.push(lan.routerLink);
  return links.map(({ near, far }) => ({ node, interface: near.name, port: far.name }));
}
