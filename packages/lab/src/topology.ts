import type { EngineChoice } from '@netweir/api';
import { AddressPlan } from './addressing/plan.ts';
import { Conditions } from './condition/conditions.ts';
import { LabError, NodeRemoved } from './errors.ts';
import { EventLog } from './event-log.ts';
import { NameFiles } from './names/name-files.ts';
import { Names } from './names/names.ts';
import { isBehind, networksAbove } from './nat/announcement.ts';
import { Translation, type Uplink } from './nat/translation.ts';
import type { LabNode } from './node/lab-node.ts';
import { Member } from './node/member.ts';
import { Regions } from './region/regions.ts';
import { Lan, type LanOptions, type Plug } from './stack/lan.ts';
import { Switches } from './stack/switches.ts';

/** Who is connected to whom in one lab, and the kernel's side of it. */
export class Topology {
  readonly plan: AddressPlan = new AddressPlan();
  readonly events: EventLog = new EventLog();
  readonly conditions: Conditions;
  readonly switches: Switches = new Switches();
  readonly names: Names = new Names(() => this.members, this.events);
  readonly files: NameFiles = new NameFiles(this.names, this.plan.exchange.gateway, this.events);
  readonly regions: Regions;
  /** By name, in lower case: as parts of domain names (RFC 4343) they are the same in any. */
  readonly #members = new Map<string, Member>();
  readonly #memberOf = new WeakMap<LabNode, Member>();

  constructor(engine: EngineChoice) {
    this.conditions = new Conditions(engine);
    this.regions = new Regions(this.plan, this.conditions);
  }

  get members(): IterableIterator<Member> {
    return this.#members.values();
  }

  /**
   * Makes a node and has it connected by `connect`. Where that fails, nothing of it is left.
   * @throws {LabError} ERR_LAB_NAME_TAKEN
   */
  add<T>(name: string, options: { readonly forwards: boolean }, connect: (member: Member) => T): T {
    const key = name.toLowerCase();
    const taken = this.#members.get(key);
    if (taken) {
      throw new LabError('ERR_LAB_NAME_TAKEN', `the lab has a node ${taken.name} already`);
    }
    const member = new Member(name, options, this);
    try {
      const result = connect(member);
      this.#members.set(key, member);
      member.tell('node-added');
      return result;
    } catch (error) {
      try {
        this.#disconnect(member);
        this.conditions.leave(member.stack);
      } finally {
        // Of what has begun nothing fails that the first error does not say.
        member.activities.stop().catch(() => undefined);
        member.stack.close();
      }
      throw error;
    }
  }

  /** Makes a handle lead to its node. */
  handle<Node extends LabNode>(member: Member, node: Node): Node {
    this.#memberOf.set(node, member);
    return node;
  }

  /** The node of a handle. @throws {LabError} ERR_LAB_OTHER_LAB; {NodeRemoved} */
  member(node: LabNode): Member {
    const member = this.#memberOf.get(node);
    if (!member) {
      throw new LabError('ERR_LAB_OTHER_LAB', `node ${node.name} is not of this lab`);
    }
    if (member.removed) throw new NodeRemoved(node.name);
    return member;
  }

  /** Gives a node a network to serve. */
  serve(member: Member, options: LanOptions): Lan {
    try {
      member.lan = new Lan(member, this.switches, options);
    } catch (error) {
      this.plan.giveBackSubnet(options.subnet);
      throw error;
    }
    member.lan.create();
    return member.lan;
  }

  /** Gives a node an interface in the network that another one serves. */
  plug(member: Member, interfaceName: string, router: Member, mtu: number): Plug {
    const plug = lanOf(router).plug(member.stack, interfaceName, mtu);
    member.plugs.set(interfaceName, plug);
    member.defaultPlug ??= plug;
    return plug;
  }

  /** Gives a router a translation of addresses between its network and its uplink. */
  translate(member: Member): void {
    const { stack, activities } = member;
    const uplink = uplinkOf(member);
    member.translation = new Translation(
      { stack, plan: this.plan, inside: lanOf(member).subnet, activities },
      uplink,
    );
  }

  /** Brings a node up, all in one train; packets pass as soon as this returns. */
  start({ stack, plugs, lan, defaultPlug }: Member): void {
    const ends = [...plugs.values()].map((plug) => plug.interface);
    const routes = defaultPlug ? defaultPlug.lan.defaultRoutes(defaultPlug) : [];
    stack.start([...ends, ...(lan ? [lan.interface] : [])], routes);
    lan?.routerReady();
    for (const plug of plugs.values()) plug.lan.ready(plug, stack);
  }

  /** Tells the routers above where a router's network is, as far as no translation hides it. */
  announce(router: Member): void {
    for (const { above, plug, hidden, shown } of networksAbove(router)) {
      const { ifindex } = plug.lan.interface;
      const { ipv4, ipv6 } = plug.addresses;
      above.stack.deleteRoutes(hidden);
      const routes = shown.flatMap((destination) => {
        const gateway = destination.includes(':') ? ipv6 : ipv4;
        return gateway === undefined ? [] : [{ destination, gateway, ifindex }];
      });
      above.stack.setRoutes(routes);
    }
    this.regions.route();
  }

  /** Has the routers above forget where a router's network is. */
  forget(router: Member): void {
    if (!router.lan) return;
    const { ipv4, ipv6 } = router.lan.announced;
    const outer = router.translation?.outerPrefix;
    this.withdraw(router, [ipv4, ipv6, ...(outer === undefined ? [] : [outer])]);
  }

  /** Has the routers above forget prefixes of a router. */
  withdraw(router: Member, prefixes: readonly string[]): void {
    for (const { above } of networksAbove(router)) above.stack.deleteRoutes(prefixes);
    this.regions.route();
  }

  /** As `announce`, of a router and all routers behind it. */
  announceAll(router: Member): void {
    this.announce(router);
    for (const member of this.members) {
      if (member !== router && isBehind(member, router)) this.announce(member);
    }
  }

  /**
   * Takes a node out of the lab: what it was connected to knows nothing of it any more. Its stack remains.
   * @throws {LabError} ERR_LAB_NODE_IN_USE while another node is connected to it
   */
  remove(member: Member): void {
    const users = [...this.members].filter(({ plugs }) =>
      [...plugs.values()].some(({ lan }) => lan === member.lan),
    );
    if (users.length > 0) {
      const names = users.map(({ name }) => name).join(', ');
      throw new LabError(
        'ERR_LAB_NODE_IN_USE',
        `node ${member.name} cannot be removed: ${names} connected to it`,
        'remove those first, or close the lab',
      );
    }
    this.#disconnect(member);
    this.#members.delete(member.name.toLowerCase());
  }

  /** Lets go of what is of no node, once all nodes have ended. */
  async close(): Promise<void> {
    this.conditions.leave(this.switches.stack);
    this.switches.close();
    await this.conditions.close();
  }

  #disconnect(member: Member): void {
    if (member.region) this.regions.leave(member);
    this.forget(member);
    if (member.lan) {
      this.plan.giveBackSubnet(member.lan.subnet);
      this.conditions.forget(member.lan.routerLink);
      member.lan.end();
    }
    member.translation?.end();
    for (const plug of member.plugs.values()) {
      this.conditions.forget(plug.lan.linkOf(plug, member.stack));
      plug.lan.unplug(plug);
    }
  }
}

/** What a router translates to. */
export function uplinkOf({ name, defaultPlug }: Member): Uplink {
  if (!defaultPlug) throw new TypeError(`router ${name} has no uplink`);
  return { interface: defaultPlug.interface.name, ...defaultPlug.addresses };
}

/** The network that a router serves. */
export function lanOf(router: Member): Lan {
  if (!router.lan) throw new TypeError(`node ${router.name} serves no network`);
  return router.lan;
}
