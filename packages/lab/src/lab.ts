import {
  AddressPool,
  type EngineChoice,
  IpSupport,
  type LabEvent,
  type LabFile,
  type LabRegionLink,
  type LabState,
  type LinkConditions,
  validate,
} from '@netweir/api';
import type { NetworkNamespace } from '@netweir/kernel';
import { linkBetween } from './condition/neighbours.ts';
import { LabError } from './errors.ts';
import { buildPlan } from './file/build.ts';
import type { LabPlan } from './file/plan.ts';
import { planOf, readLabFile } from './file/read.ts';
import { PacketFilter } from './firewall/packet-filter.ts';
import { startNameServer } from './names/name-server.ts';
import type { NameValue } from './names/names.ts';
import { exactNat, translates } from './nat/settings.ts';
import { checkMtu, checkName, checkNotReserved, REGION_PREFIX } from './node/checks.ts';
import { Device, type DeviceOptions, interfacesOf } from './node/device.ts';
import { Exchange } from './node/exchange.ts';
import type { LabNode } from './node/lab-node.ts';
import { type Cable, cablesOf, type Member } from './node/member.ts';
import { Region } from './node/region.ts';
import { Router, type RouterOptions } from './node/router.ts';
import { withPreset } from './preset/presets.ts';
import { refusalOf } from './refusal.ts';
import { checkRegion, regionOf } from './region/membership.ts';
import type { BreakMode } from './region/region-link.ts';
import { readState, type StateOptions } from './state/state.ts';
import { lanOf, Topology } from './topology.ts';

export interface LabOptions {
  /** `lab1`, `lab2` and so on by default. */
  readonly name?: string;
  /** What puts conditions on links: the kernel where it can by default, else the userspace engine. */
  readonly engine?: EngineChoice;
}

/** Names of the exchange and its interface, of a router's in its network, and of its uplink to another router. */
const IX = 'ix';
const LAN = 'lan';
const WAN = 'wan';
const IX_MTU = 1500;

let labsMade = 0;

/**
 * A network of namespaces in which real programs run: routers on an internet exchange, routers behind
 * routers, devices behind them, all with IPv4 and IPv6. Nothing of it has a name on the host: it is
 * there while this process holds it, and the kernel removes it with the process, however that ends.
 * Needs root, or @netweir/lab/unprivileged.
 *
 * @example
 * await using lab = await Lab.create();
 * const home = lab.router('home');
 * const laptop = lab.device('laptop', { uplink: home });
 */
export class Lab {
  readonly name: string;
  /** What the file that this lab is built from says without effect, or with an unexpected one. */
  readonly warnings: readonly string[];
  readonly ix: Exchange;
  readonly #topology: Topology;
  readonly #nodes = new Map<string, LabNode>();
  /** Of removed nodes, what still ends. */
  readonly #endings = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  private constructor(name: string, engine: EngineChoice, warnings: readonly string[]) {
    this.name = name;
    this.warnings = warnings;
    const topology = new Topology(engine);
    this.#topology = topology;
    const { exchange } = topology.plan;
    try {
      this.ix = topology.add(IX, { forwards: true }, (made) => {
        const ip = 'dual-stack';
        topology.serve(made, { name: IX, subnet: exchange, mtu: undefined, ip });
        topology.start(made);
        const { ipv4, ipv6 } = exchange.gateway;
        startNameServer(made, [ipv4, ipv6], topology.names);
        return this.#handle(made, new Exchange(made, exchange.gateway));
      });
    } catch (error) {
      topology.switches.close();
      throw error;
    }
  }

  /**
   * Makes a lab with nothing in it but the internet exchange.
   * @throws {LabError} ERR_LAB_INVALID_NAME; ERR_LAB_NOT_PERMITTED for an ordinary user
   */
  static async create(options: LabOptions = {}): Promise<Lab> {
    return Lab.#create(options, []);
  }

  /**
   * Makes the lab that a file in TOML describes; the file's own name for it is overridden by that of the
   * options. Where it cannot be made, nothing of it is left.
   * @throws {LabFileError} with everything that is wrong in the file
   * @throws {LabError} as `create`, `router` and `device`; and what reading a file throws
   */
  static async load(file: string | URL, options: LabOptions = {}): Promise<Lab> {
    return await Lab.#build(await readLabFile(file), options);
  }

  /** As `load`, for what would be in the file. */
  static async build(file: LabFile, options: LabOptions = {}): Promise<Lab> {
    return await Lab.#build(planOf(file), options);
  }

  static async #build(plan: LabPlan, options: LabOptions): Promise<Lab> {
    const name = options.name ?? plan.name;
    const lab = Lab.#create({ ...options, ...(name && { name }) }, plan.warnings);
    try {
      buildPlan(lab, plan);
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  static #create({ name, engine = 'auto' }: LabOptions, warnings: readonly string[]): Lab {
    labsMade += 1;
    try {
      return new Lab(checkName(name ?? `lab${labsMade}`), engine, warnings);
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
  }

  /**
   * Makes a router. Once this returns it is connected, and packets pass.
   * @throws {LabError} ERR_LAB_INVALID_NAME, ERR_LAB_NAME_TAKEN, ERR_LAB_MTU, ERR_LAB_INVALID_PREFIX,
   * ERR_LAB_ADDRESSES_EXHAUSTED, ERR_LAB_OTHER_LAB, ERR_LAB_CLOSED
   * @throws {NetweirError} `invalid-request` for a preset or a firewall that cannot be
   */
  router(name: string, wanted: RouterOptions = {}): Router {
    this.#checkNew(name);
    const options = withPreset(wanted);
    const { upstream = options.region ?? this.ix, natV6 = 'none' } = options;
    const nat = exactNat(options.nat ?? 'none');
    const ip = validate(IpSupport, options.ip ?? 'dual-stack', 'the IP support');
    const { downlink } = options;
    const pool = options.addresses ?? (translates(nat) ? 'private' : 'public');
    const addresses = validate(AddressPool, pool, 'where addresses are from');
    const uplinkName = upstream === this.ix ? IX : WAN;
    const above = this.#member(upstream);
    const mtu = checkMtu(options.mtu, [ip, lanOf(above).ip]);
    checkRegion(name, above, options.region && this.#member(options.region));
    const topology = this.#topology;
    return topology.add(name, { forwards: true }, (made) => {
      const region = regionOf(above);
      const wish = { pool: addresses, ipv4: downlink, ...(region && { region: region.plan }) };
      const subnet = topology.plan.takeSubnet(wish);
      topology.serve(made, { name: LAN, subnet, mtu: options.mtu, ip });
      topology.plug(made, uplinkName, above, mtu);
      topology.start(made);
      topology.translate(made);
      made.translation?.setNat(nat);
      made.translation?.setNatV6(natV6);
      topology.announce(made);
      made.filter = new PacketFilter(made.stack.namespace, uplinkName, options);
      made.startConditions({
        [uplinkName]: options.conditions,
        [LAN]: options.downlinkConditions,
      });
      return this.#handle(made, new Router(made, topology));
    });
  }

  /**
   * Makes a device. Once this returns it is connected, and packets pass.
   * @throws {LabError} as `router` does
   * @throws InvalidValueError with code `ERR_INVALID_INTERFACE_NAME`
   */
  device(name: string, options: DeviceOptions = {}): Device {
    this.#checkNew(name);
    const interfaces = interfacesOf(name, options);
    const routers = interfaces.map(([to, { router }]) => [to, this.#member(router)] as const);
    const conditions = interfaces.map(([to, wanted]) => [to, wanted.conditions] as const);
    const ips = routers.map(([, router]) => lanOf(router).ip);
    const mtu = checkMtu(options.mtu, ips);
    const topology = this.#topology;
    return topology.add(name, { forwards: false }, (made) => {
      for (const [interfaceName, router] of routers)
        topology.plug(made, interfaceName, router, mtu);
      topology.start(made);
      made.startConditions(Object.fromEntries(conditions));
      return this.#handle(made, new Device(made, topology));
    });
  }

  /**
   * Sets the conditions of the link between a device and its router, or between two routers: those of
   * the device's interface, or of the uplink of the router downstream. Between two regions, as seen from `a`.
   * @throws {LabError} ERR_LAB_NOT_NEIGHBOURS, ERR_LAB_AMBIGUOUS_LINK
   * @throws NetweirError as `LabNode.setConditions`
   */
  setLinkConditions(a: LabNode, b: LabNode, conditions: LinkConditions | null): void {
    const [member, other] = [this.#member(a), this.#member(b)];
    const { member: near, interfaceName } = linkBetween(member, other);
    (near === member ? a : b).setConditions(interfaceName, conditions);
  }

  /**
   * Gives a name addresses, or a text, for all nodes, in place of what it had; names of nodes too can be
   * given others. Programs and code that run already know it at once.
   * @throws {LabError} ERR_LAB_INVALID_NAME; InvalidValueError for what is no IP address
   */
  setName(name: string, value: NameValue): void {
    this.#checkOpen();
    this.#topology.names.set(name, value);
  }

  /** Takes a name away that was set. Whether there was one. */
  deleteName(name: string): boolean {
    return this.#topology.names.delete(name);
  }

  /** The addresses that a name has for all nodes; none where there is no such name. */
  resolve(name: string): readonly string[] {
    return this.#topology.names.find(name)?.addresses ?? [];
  }

  /**
   * Has programs and code of all nodes ask a name server of yours for what is no name of the lab;
   * undefined for the lab's own, at the exchange. Workers that run already keep the one they have.
   * @throws InvalidValueError for what is no IP address
   */
  setNameserver(address: string | undefined): void {
    this.#checkOpen();
    this.#topology.names.setNameserver(address);
  }

  /**
   * Makes a region: a node `region-NAME`, whose backbone the routers meet at that are made with
   * `{ region }`. Without a link, what is for other regions goes over the exchange.
   * @throws {LabError} ERR_LAB_INVALID_NAME, ERR_LAB_NAME_TAKEN, ERR_LAB_CLOSED;
   * ERR_LAB_ADDRESSES_EXHAUSTED beyond 15 regions
   */
  region(name: string): Region {
    this.#checkOpen();
    const nodeName = checkName(`${REGION_PREFIX}${checkName(name)}`);
    const topology = this.#topology;
    return topology.add(nodeName, { forwards: true }, (made) => {
      const plan = topology.plan.takeRegion();
      made.region = { name, plan };
      const [ipv4, ipv6] = plan.aggregate;
      const subnet = plan.backbone;
      const announced = { ipv4, ipv6 };
      topology.serve(made, { name: LAN, subnet, mtu: undefined, ip: 'dual-stack', announced });
      topology.plug(made, IX, this.#member(this.ix), IX_MTU);
      topology.start(made);
      topology.announce(made);
      topology.regions.enter(made);
      made.tell('region-added', undefined, { region: name, ipv4, ipv6 });
      return this.#handle(made, new Region(made, topology, name));
    });
  }

  /**
   * Makes regions us, eu and asia with links of 40 ms (us to eu), 95 ms (us to asia) and 120 ms (eu to
   * asia), each way.
   * @throws {LabError} as `region` does
   */
  defaultRegions(): { readonly us: Region; readonly eu: Region; readonly asia: Region } {
    const [us, eu, asia] = [this.region('us'), this.region('eu'), this.region('asia')];
    const delay = (mean: string): LinkConditions => ({ delay: { mean } });
    this.linkRegions(us, eu, delay('40ms'));
    this.linkRegions(us, asia, delay('95ms'));
    this.linkRegions(eu, asia, delay('120ms'));
    return { us, eu, asia };
  }

  /**
   * Links two regions: from now on all packets between them pass the link, by both Internet protocols.
   * Conditions are as seen from `a`.
   * @throws {LabError} ERR_LAB_REGION_LINK where they are linked already; ERR_LAB_ADDRESSES_EXHAUSTED
   * @throws NetweirError as `LabNode.setConditions`
   */
  linkRegions(a: Region, b: Region, conditions: LinkConditions | null = null): void {
    this.#topology.regions.link(this.#member(a), this.#member(b), conditions);
  }

  /** Changes what the link of two regions does, as seen from `a`. @throws as `linkRegions` does */
  setRegionLink(a: Region, b: Region, conditions: LinkConditions | null): void {
    this.#topology.regions.setConditions(this.#member(a), this.#member(b), conditions);
  }

  /**
   * Breaks the link of two regions. With `reroute` packets take the way of least delay over other regions'
   * links, or are answered as unreachable while there is none; with `blackhole` they vanish.
   * @throws {LabError} ERR_LAB_REGION_LINK where they are not linked
   */
  breakRegionLink(a: Region, b: Region, { mode = 'reroute' }: { mode?: BreakMode } = {}): void {
    this.#topology.regions.break(this.#member(a), this.#member(b), mode);
  }

  /** Mends the link of two regions. @throws {LabError} ERR_LAB_REGION_LINK where it is not broken */
  restoreRegionLink(a: Region, b: Region): void {
    this.#topology.regions.restore(this.#member(a), this.#member(b));
  }

  /** Takes the link of two regions away; what is between them goes over the exchange again. */
  unlinkRegions(a: Region, b: Region): void {
    this.#topology.regions.unlink(this.#member(a), this.#member(b));
  }

  /** The links between regions as they are now. */
  get regionLinks(): LabRegionLink[] {
    return this.#topology.regions.links;
  }

  /** The nodes by their names, the exchange too, in the order in which they were made. */
  get nodes(): ReadonlyMap<string, LabNode> {
    return this.#nodes;
  }

  /** The namespace with the other ends of the nodes' interfaces, which no node can get at. @throws {LabError} ERR_LAB_CLOSED */
  get switches(): NetworkNamespace {
    this.#checkOpen();
    return this.#topology.switches.stack.namespace;
  }

  /** How the nodes are plugged in at the switches. @throws {LabError} ERR_LAB_CLOSED */
  get cables(): Cable[] {
    this.#checkOpen();
    return [...this.#topology.members].flatMap(cablesOf);
  }

  /**
   * How everything is now, read from the kernel; with the number of the last event.
   * @throws {LabError} ERR_LAB_CLOSED
   */
  state(options: StateOptions = {}): LabState {
    this.#checkOpen();
    return readState({ name: this.name, topology: this.#topology, nodes: this.#nodes }, options);
  }

  /**
   * Calls `listener` with everything that happens from now on, until what is returned is called. What
   * was so before is in the handles.
   */
  subscribe(listener: (event: LabEvent) => void): () => void {
    return this.#topology.events.subscribe(listener);
  }

  /**
   * Takes a node out: its links and addresses at once; then what runs in it is killed and waited for.
   * @throws {LabError} ERR_LAB_NODE_IN_USE while another node is connected to it, and for the exchange
   * @throws {NodeRemoved}
   */
  async remove(node: LabNode): Promise<void> {
    const member = this.#member(node);
    if (node === this.ix) {
      const remedy = 'close the lab';
      throw new LabError('ERR_LAB_NODE_IN_USE', 'the exchange ends with its lab', remedy);
    }
    this.#topology.remove(member);
    this.#nodes.delete(node.name);
    const ending = member.end();
    member.tell('node-removed');
    this.#endings.add(ending);
    try {
      await ending;
    } finally {
      this.#endings.delete(ending);
    }
  }

  /**
   * Kills what runs in the lab, waits for that, and lets all namespaces go; the kernel takes links,
   * routes and the rest away with them within the next moments. A second call only waits.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#end();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    const endings = [...this.#topology.members].map((member) => member.end());
    const results = await Promise.allSettled([...endings, ...this.#endings]);
    await this.#topology.close();
    this.#nodes.clear();
    this.#topology.events.tell('closed');
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #checkNew(name: string): void {
    checkNotReserved(name);
    this.#checkOpen();
    checkName(name);
  }

  #checkOpen(): void {
    if (this.#closing) throw new LabError('ERR_LAB_CLOSED', `lab ${this.name} is closed`);
  }

  #handle<Node extends LabNode>(member: Member, node: Node): Node {
    this.#nodes.set(node.name, node);
    return this.#topology.handle(member, node);
  }

  #member(node: LabNode): Member {
    return this.#topology.member(node);
  }
}
