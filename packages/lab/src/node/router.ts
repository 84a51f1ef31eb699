import type {
  AddressPool,
  Firewall,
  IpSupport,
  LabEvent,
  LinkConditions,
  Nat,
  NatV6,
  RouterPreset,
} from '@netweir/api';
import { present } from '../addressing/ip-support.ts';
import { type LabError, NodeRemoved, noAddress } from '../errors.ts';
import type { ExactFirewall } from '../firewall/exact-firewall.ts';
import type { PacketFilter, PacketFilterOptions } from '../firewall/packet-filter.ts';
import { setUplink } from '../interface/uplink.ts';
import { type ExactNat, exactNat } from '../nat/settings.ts';
import type { Translation } from '../nat/translation.ts';
import { lanOf, type Topology } from '../topology.ts';
import type { Exchange } from './exchange.ts';
import { LabNode } from './lab-node.ts';
import type { Member } from './member.ts';
import type { Region } from './region.ts';

/** How a router is connected, and what it serves. */
export interface RouterOptions extends PacketFilterOptions {
  /** What it is like in the field; what is given beside it counts. */
  readonly preset?: RouterPreset;
  /** The router that its uplink leads to; the internet exchange by default. */
  readonly upstream?: Router;
  /** The region that its uplink leads to, in place of `upstream`; its public addresses are the region's. */
  readonly region?: Region;
  /** How it translates IPv4; `none` by default. */
  readonly nat?: Nat;
  /** How it translates IPv6; `none` by default. */
  readonly natV6?: NatV6;
  /** Where the addresses of its network are from; by default `private` with a `nat`, else `public`. */
  readonly addresses?: AddressPool;
  /** An IPv4 prefix for its network in place of the pool's, such as `172.20.0.0/16`. */
  readonly downlink?: string;
  /** Which Internet protocols its network has; `dual-stack` by default. Its uplink has what is above. */
  readonly ip?: IpSupport;
  /**
   * Bytes, of its uplink and its interface in its network; at least 1280, or 68 where neither network has IPv6. By
   * default the uplink has 1500, and the other the least of all that are plugged in there, 1500 at most.
   */
  readonly mtu?: number;
  /** Of the link of its uplink, as seen from it: see `LabNode.setConditions`. */
  readonly conditions?: LinkConditions;
  /** Of its interface in its network: `egress` is what it sends to all that are connected to it. */
  readonly downlinkConditions?: LinkConditions;
}

/** A router's network. */
export interface Downlink {
  /** With prefix lengths. To ask for what the network does not support throws ERR_LAB_NO_ADDRESS. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** The router's own addresses there; the same is true of them. */
  readonly gateway: { readonly ipv4: string; readonly ipv6: string };
}

/** A node that forwards between its uplink (`ix` or `wan`) and its network (`lan`). */
export class Router extends LabNode {
  readonly downlink: Downlink;
  /** Which Internet protocols its network has. */
  readonly ip: IpSupport;
  readonly #member: Member;
  readonly #topology: Topology;

  constructor(member: Member, topology: Topology) {
    super(member);
    this.#member = member;
    this.#topology = topology;
    const { networks, gateway, ip } = lanOf(member);
    const absent = (family: string): LabError => noAddress(this.name, family, this.name, ip);
    this.downlink = Object.assign(present(networks, absent), {
      gateway: present(gateway, absent),
    });
    this.ip = ip;
  }

  /** The uplink's address. @throws {LabError} ERR_LAB_NO_ADDRESS behind a network without IPv4 */
  get ipv4(): string {
    return this.#member.defaultAddress('ipv4');
  }

  /** The uplink's address. @throws {LabError} ERR_LAB_NO_ADDRESS behind a network without IPv6 */
  get ipv6(): string {
    return this.#member.defaultAddress('ipv6');
  }

  /**
   * Moves the router, with all that is behind it, to another router, or to the exchange. The uplink stays
   * the same interface, with other addresses; its network stays as it is.
   * @throws {LabError} ERR_LAB_UPSTREAM where that router is itself or behind it, ERR_LAB_OTHER_LAB,
   * ERR_LAB_ADDRESSES_EXHAUSTED
   */
  setUplink(upstream: Router | Region | Exchange): void {
    const member = this.#topology.member(this);
    setUplink(this.#topology, member, this.#topology.member(upstream));
  }

  /** How it translates IPv4, in every detail. */
  get nat(): ExactNat {
    return this.#translation().nat;
  }

  /** How it translates IPv6. */
  get natV6(): NatV6 {
    return this.#translation().natV6;
  }

  /**
   * Translates new IPv4 connections in another way from now on: the rules change in one transaction, and
   * the routers above learn of a network that is not translated any more, or forget it. Connections that
   * stand keep their translation until `flushNat`. Where it cannot be done, all stays as it was.
   * @throws {LabError} ERR_LAB_NAT_TIMEOUT
   * @throws NetweirError `invalid-request`
   */
  setNat(nat: Nat): void {
    const translation = this.#translation();
    translation.setNat(exactNat(nat), () => this.#topology.announceAll(this.#member));
    this.#member.tell('nat-changed', undefined, nat as LabEvent['value']);
  }

  /**
   * As `setNat`, of IPv6.
   * @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED where there is no outer prefix for `nptv6`
   * @throws NetweirError `invalid-request`
   */
  setNatV6(natV6: NatV6): void {
    const translation = this.#translation();
    let { outerPrefix } = translation;
    translation.setNatV6(natV6, () => {
      const former = outerPrefix;
      ({ outerPrefix } = translation);
      this.#topology.announceAll(this.#member);
      if (former !== outerPrefix && former !== undefined) {
        this.#topology.withdraw(this.#member, [former]);
      }
    });
    this.#member.tell('nat-v6-changed', undefined, natV6);
  }

  /** Forgets all translated connections and all mappings of clients to ports, as a restart would. */
  flushNat(): void {
    this.#translation().flush();
    this.#member.tell('nat-flushed');
  }

  #translation(): Translation {
    const { removed, translation } = this.#member;
    if (removed || !translation) throw new NodeRemoved(this.name);
    return translation;
  }

  /** What it lets through, in every detail. */
  get firewall(): ExactFirewall {
    return this.#filter().firewall;
  }

  /** Whether it drops what says that a packet is too big. */
  get blockFragNeeded(): boolean {
    return this.#filter().blockFragNeeded;
  }

  /**
   * Gives it another firewall, all at once. What belongs to a connection that was let through before goes
   * on, whatever the new one says.
   * @throws {NetweirError} `invalid-request`
   */
  setFirewall(firewall: Firewall): void {
    this.#filter().setFirewall(firewall);
    this.#member.tell('firewall-changed', undefined, { ...this.firewall });
  }

  /** Makes path MTU discovery fail through it, or work again; hosts still know what they have learned. */
  setBlockFragNeeded(block: boolean): void {
    this.#filter().setBlockFragNeeded(block);
    this.#member.tell('block-frag-needed-changed', undefined, block);
  }

  #filter(): PacketFilter {
    const { removed, filter } = this.#member;
    if (removed || !filter) throw new NodeRemoved(this.name);
    return filter;
  }
}
