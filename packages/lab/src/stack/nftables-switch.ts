import type { LabSwitchName } from '@netweir/api';
import { KernelError, type NetlinkSocket, nftables } from '@netweir/kernel';
import type { EthernetSwitch, SwitchPort } from './ethernet-switch.ts';

/** What every frame goes through that a port takes in, what comes from a new place, and what goes on. */
const ARRIVE = 'arrive';
const LEARN = 'learn';
const SEND = 'send';
/** What goes to all ports. */
const FLOOD = 'flood';

/** As a Linux bridge: a place is forgotten after five minutes (BR_DEFAULT_AGEING_TIME). */
const LEARNED = { dynamic: true, timeoutMs: 300_000, size: 65_535 } as const;
/** The port behind which an address is. */
const PORTS = { ...LEARNED, set: 'ports', key: ['ether_addr'], data: ['ifindex'] } as const;
/** The same in pairs, for whether an address is behind a port. */
const PLACES = { ...LEARNED, set: 'places', key: ['ether_addr', 'ifindex'] } as const;

/** What kernels say that have not the family netdev, or not these expressions of it. */
const MISSING = ['EOPNOTSUPP', 'ENOENT', 'EAFNOSUPPORT'];
const LOOPBACK = { name: 'lo', ifindex: 1 } as const;

/**
 * A switch made of rules at the ingress of its ports (nf_fwd_netdev_egress() of nf_dup_netdev.c). Unlike a
 * Linux bridge it costs the kernel nothing to take away: each of those waits in rcu_barrier() for all
 * callbacks there are (br_multicast_dev_del()), one after the other, with all other changes of interfaces.
 */
export class NftablesSwitch implements EthernetSwitch {
  readonly name: LabSwitchName;
  readonly #netfilter: NetlinkSocket;
  readonly #table: nftables.TablePlace;
  readonly #ports = new Map<number, SwitchPort>();

  /** @throws {KernelError} */
  constructor(name: LabSwitchName, netfilter: NetlinkSocket) {
    this.name = name;
    this.#netfilter = netfilter;
    this.#table = { family: 'netdev', table: name };
    nftables.commit(netfilter, frame(this.#table));
  }

  connect(port: SwitchPort): void {
    nftables.commit(this.#netfilter, join(this.#table, port));
    this.#ports.set(port.ifindex, port);
  }

  disconnect(port: SwitchPort): void {
    if (!this.#ports.has(port.ifindex)) return;
    const chain = { ...this.#table, chain: port.name };
    const others = [...this.#ports.values()].filter(({ ifindex }) => ifindex !== port.ifindex);
    nftables.commit(this.#netfilter, [
      nftables.flushSet({ ...this.#table, ...PORTS }),
      nftables.flushSet({ ...this.#table, ...PLACES }),
      nftables.flushChain({ ...this.#table, chain: FLOOD }),
      ...others.map((other) => flood(this.#table, other)),
      // Some kernels delete the chain with its interface; then there is one to delete again.
      nftables.addChain(chain),
      nftables.deleteChain(chain),
    ]);
    this.#ports.delete(port.ifindex);
  }

  end(): void {
    nftables.commit(this.#netfilter, [nftables.destroyTable(this.#table)]);
    this.#ports.clear();
  }
}

/** Whether this kernel can have such switches. @throws {KernelError} EPERM */
export function hasNftablesSwitches(netfilter: NetlinkSocket): boolean {
  const table = { family: 'netdev', table: 'sw0' } as const;
  try {
    const whole = [...frame(table), ...join(table, LOOPBACK)];
    nftables.commit(netfilter, [...whole, nftables.destroyTable(table)]);
    return true;
  } catch (error) {
    if (error instanceof KernelError && MISSING.includes(error.errnoName)) return false;
    throw error;
  }
}

/** A switch without ports. */
function frame(table: nftables.TablePlace): nftables.Command[] {
  const { ether, meta } = nftables;
  const chain = (name: string) => ({ ...table, chain: name });
  const place = { key: ether.saddr, data: meta.iif };
  return [
    nftables.addTable(table),
    nftables.addSet({ ...table, ...PORTS }),
    nftables.addSet({ ...table, ...PLACES }),
    ...[FLOOD, SEND, LEARN, ARRIVE].map((name) => nftables.addChain(chain(name))),
    nftables.appendRule(
      chain(ARRIVE),
      nftables.inSet([ether.saddr, meta.iif], PLACES.set),
      nftables.goTo(SEND),
    ),
    nftables.appendRule(chain(ARRIVE), nftables.goTo(LEARN)),
    // By the mark, because nft cannot list a key that is in part what a map has.
    nftables.appendRule(
      chain(LEARN),
      nftables.setMark(nftables.mapped(ether.saddr, PORTS.set, 'mark')),
      nftables.deleteFromSet(PLACES.set, { key: [ether.saddr, meta.mark] }),
    ),
    nftables.appendRule(chain(LEARN), nftables.setMark(nftables.constant('mark', 0))),
    nftables.appendRule(chain(LEARN), nftables.deleteFromSet(PORTS.set, place)),
    nftables.appendRule(chain(LEARN), nftables.addToSet(PORTS.set, place)),
    nftables.appendRule(
      chain(LEARN),
      nftables.addToSet(PLACES.set, { key: [ether.saddr, meta.iif] }),
    ),
    nftables.appendRule(chain(LEARN), nftables.goTo(SEND)),
    // Both are behind the same port, and have heard each other already.
    nftables.appendRule(
      chain(SEND),
      nftables.inSet([ether.daddr, meta.iif], PLACES.set),
      nftables.drop,
    ),
    nftables.appendRule(chain(SEND), nftables.forwardToMap(ether.daddr, PORTS.set)),
    nftables.appendRule(chain(SEND), nftables.goTo(FLOOD)),
  ];
}

/** Has a port take frames in, and get what is for all. */
function join(table: nftables.TablePlace, port: SwitchPort): nftables.Command[] {
  const chain = { ...table, chain: port.name };
  const base = {
    type: 'filter',
    hook: 'ingress',
    priority: nftables.PRIORITY.filter,
    policy: 'drop',
    devices: [port.name],
  } as const;
  return [
    flood(table, port),
    nftables.addChain({ ...chain, base }),
    nftables.appendRule(chain, nftables.goTo(ARRIVE)),
  ];
}

/** Has a port get what is for all, unless that came from there. */
function flood(table: nftables.TablePlace, { ifindex }: SwitchPort): nftables.Command {
  return nftables.appendRule(
    { ...table, chain: FLOOD },
    nftables.unless(nftables.meta.iif, ifindex),
    nftables.duplicateTo(ifindex),
  );
}
