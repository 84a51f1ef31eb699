import { NatV6, validate } from '@netweir/api';
import { dumpConntrack, flushConntrack, NETLINK_NETFILTER, nftables } from '@netweir/kernel';
import type { OfFamilies } from '../addressing/ip-support.ts';
import type { AddressPlan } from '../addressing/plan.ts';
import type { Subnet } from '../addressing/subnet.ts';
import type { Activities } from '../code/activities.ts';
import { LabError } from '../errors.ts';
import { Nat64 } from '../nat64/nat64.ts';
import type { NetworkStack } from '../stack/network-stack.ts';
import { changeRuleset } from '../stack/ruleset.ts';
import { closedRuleset, idleRuleset, natRuleset } from './ruleset.ts';
import { idleRulesetV6, masqueradeV6Ruleset, nptv6Ruleset } from './ruleset-v6.ts';
import { type ExactNat, type ExactNatConfig, translates } from './settings.ts';
import { type StandingFlow, standingFlows } from './standing-flows.ts';
import { KERNEL_TIMEOUTS, setConntrackTimeouts, timeoutsOf } from './timeouts.ts';

/** Where a router is between its two networks. */
export interface RouterEnds {
  readonly stack: NetworkStack;
  readonly plan: AddressPlan;
  readonly inside: Subnet;
  /** What has to end with it. */
  readonly activities: Activities;
}

/** A router's uplink and its addresses. */
export interface Uplink extends OfFamilies {
  readonly interface: string;
}

/** The translation of addresses in one router: what is set, and the kernel's side of it. */
export class Translation {
  readonly #ends: RouterEnds;
  #uplink: Uplink;
  #nat: ExactNat = { name: 'none' };
  #natV6: NatV6 = 'none';
  #outer: Subnet | undefined;
  #nat64: Nat64 | undefined;
  /** Whether the kernel has a table for the family. */
  #tables = { ipv4: false, ipv6: false };

  constructor(ends: RouterEnds, uplink: Uplink) {
    this.#ends = ends;
    this.#uplink = uplink;
  }

  get nat(): ExactNat {
    return this.#nat;
  }

  get natV6(): NatV6 {
    return this.#natV6;
  }

  /** Whether the IPv4 networks behind it are unknown above. */
  get hidesIpv4(): boolean {
    return translates(this.#nat);
  }

  /** Whether all IPv6 networks behind it are unknown above. */
  get hidesIpv6(): boolean {
    return this.#natV6 === 'masquerade';
  }

  /** The prefix that stands for the router's own IPv6 network above. */
  get outerPrefix(): string | undefined {
    return this.#outer?.ipv6;
  }

  /**
   * Translates new IPv4 connections as is wanted from now on, in one transaction. `announce` tells other
   * routers what is hidden now; where it cannot, all is as it was, and it is called again.
   * @throws {KernelError}
   */
  setNat(nat: ExactNat, announce: () => void = () => {}): void {
    const former = this.#nat;
    this.#translateIpv4(nat);
    announceOr(announce, () => this.#translateIpv4(former));
  }

  #translateIpv4(nat: ExactNat): void {
    if (translates(nat)) this.#commit(this.#ruleset(nat, this.#standingFlows()));
    else if (this.#tables.ipv4) this.#commit(idleRuleset());
    else return;
    this.#tables.ipv4 = true;
    const timeouts = translates(nat) ? timeoutsOf(nat) : KERNEL_TIMEOUTS;
    setConntrackTimeouts(this.#ends.stack.namespace, timeouts);
    this.#nat = nat;
  }

  /**
   * As `setNat`, of IPv6.
   * @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED where there is no outer prefix
   * @throws NetweirError `invalid-request`
   * @throws {KernelError}
   */
  setNatV6(wanted: NatV6, announce: () => void = () => {}): void {
    const natV6 = validate(NatV6, wanted, 'the NAT for IPv6');
    if (natV6 === this.#natV6) return;
    const { plan } = this.#ends;
    const former = { natV6: this.#natV6, outer: this.#outer };
    const outer = natV6 === 'nptv6' ? plan.takeSubnet({ pool: 'public' }) : undefined;
    let nat64: Nat64 | undefined;
    try {
      const rules = this.#rulesetV6(natV6, outer);
      nat64 = natV6 === 'nat64' ? this.#startNat64() : undefined;
      this.#translateIpv6(natV6, outer, rules);
      announceOr(announce, () => this.#translateIpv6(former.natV6, former.outer));
    } catch (error) {
      void nat64?.close();
      if (outer) plan.giveBackSubnet(outer);
      throw error;
    }
    // It is gone at once; what the end of the router waits for is its thread.
    void this.#nat64?.close();
    this.#nat64 = nat64;
    if (former.outer) plan.giveBackSubnet(former.outer);
  }

  #translateIpv6(
    natV6: NatV6,
    outer: Subnet | undefined,
    rules: readonly nftables.Command[] = this.#rulesetV6(natV6, outer),
  ): void {
    this.#commit(rules);
    this.#tables.ipv6 = true;
    this.#natV6 = natV6;
    this.#outer = outer;
  }

  /**
   * Translates to other addresses of the uplink from now on. Connections that were translated to those
   * before are forgotten: nothing would come back. @throws {LabError} ERR_LAB_NO_ADDRESS
   */
  move(uplink: Uplink): void {
    this.#uplink = uplink;
    if (this.#natV6 !== 'none') this.#commit(this.#rulesetV6(this.#natV6, this.#outer));
    this.flush();
  }

  /** Forgets all connections and mappings. */
  flush(): void {
    if (!this.#tables.ipv4 && !this.#tables.ipv6) return;
    const nat = this.#nat;
    const rules = translates(nat) ? this.#ruleset(nat) : undefined;
    using netfilter = this.#ends.stack.namespace.netlink({ protocol: NETLINK_NETFILTER });
    // A packet in between would bring a mapping or a connection over.
    if (rules) nftables.commit(netfilter, closedRuleset());
    try {
      netfilter.request(flushConntrack());
    } catch (error) {
      if (translates(nat)) this.#translateIpv4(nat);
      throw error;
    }
    if (rules) nftables.commit(netfilter, rules);
  }

  /** Gives back what the address plan gave. */
  end(): void {
    if (this.#outer) this.#ends.plan.giveBackSubnet(this.#outer);
    this.#outer = undefined;
  }

  #ruleset(nat: ExactNatConfig, standing: readonly StandingFlow[] = []): nftables.Command[] {
    const { interface: name, ipv4 } = this.#uplink;
    if (ipv4 === undefined) throw this.#noAddress('ipv4');
    return natRuleset(nat, { interface: name, address: ipv4 }, standing);
  }

  /** What conntrack goes on translating, whatever the rules. */
  #standingFlows(): StandingFlow[] {
    const { ipv4 } = this.#uplink;
    if (!this.#tables.ipv4 || ipv4 === undefined) return [];
    using netfilter = this.#ends.stack.namespace.netlink({ protocol: NETLINK_NETFILTER });
    return standingFlows(netfilter.dump(dumpConntrack({ family: 4 })), ipv4);
  }

  #rulesetV6(natV6: NatV6, outer: Subnet | undefined): nftables.Command[] {
    const { inside } = this.#ends;
    const { interface: name, ipv6 } = this.#uplink;
    if (outer) return nptv6Ruleset(name, { inner: inside.ipv6, outer: outer.ipv6 });
    if (natV6 === 'masquerade') {
      if (ipv6 === undefined) throw this.#noAddress('ipv6');
      return masqueradeV6Ruleset(name, ipv6);
    }
    if (natV6 === 'nat64' && this.#uplink.ipv4 === undefined) throw this.#noAddress('ipv4');
    return idleRulesetV6();
  }

  #startNat64(): Nat64 {
    const { stack, activities } = this.#ends;
    return new Nat64(stack, this.#uplink.interface, activities);
  }

  #noAddress(family: string): LabError {
    const { node } = this.#ends.stack;
    return new LabError(
      'ERR_LAB_NO_ADDRESS',
      `router ${node} cannot translate: its uplink has no ${family} address`,
      'connect it to a router whose network has one, or set its NAT to none before',
    );
  }

  #commit(commands: readonly nftables.Command[]): void {
    changeRuleset(this.#ends.stack.namespace, commands);
  }
}

/** Undoes a change that other routers cannot be told of, and tells them of that as far as can be. */
function announceOr(announce: () => void, undo: () => void): void {
  try {
    announce();
  } catch (error) {
    undo();
    try {
      announce();
    } catch {
      // Whoever could not be told knows what it knew; the first error says why.
    }
    throw error;
  }
}
