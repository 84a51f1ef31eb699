import type { LabSwitchName } from '@netweir/api';
import { KernelError, type NetlinkSocket, nftables } from '@netweir/kernel';
import type { EthernetSwitch, SwitchPort } from './ethernet-switch.ts';

/** What every frame goes through that a port takes in, and what goes to all ports. */
const FORWARD = 'forward';
const FLOOD = 'flood';
const STATIONS = { set: 'stations', key: ['ether_addr'], data: ['ifindex'] } as const;

/** What kernels say that have no nftables, not the family netdev, or not these expressions of it. */
const MISSING = ['EOPNOTSUPP', 'ENOENT', 'EPROTONOSUPPORT', 'EAFNOSUPPORT'];
const LOOPBACK_IFINDEX = 1;

/**
 * A switch made of rules at the ingress of its ports (nf_fwd_netdev_egress() of nf_dup_netdev.c). Unlike a
 * Linux bridge it costs the kernel nothing to take away: each of those waits in rcu_barrier() for all
 * callbacks there are (br_multicast_dev_del()), one after the other, with all other changes of interfaces.
 */
export class NftablesSwitch implements EthernetSwitch {
  readonly name: LabSwitchName;
  readonly #netfilter: NetlinkSocket;
  readonly #table: nftables.TablePlace;
  readonly #ports = new Map<number, { readonly port: SwitchPort; readonly station: string }>();

  /** @throws {KernelError} */
  constructor(name: LabSwitchName, netfilter: NetlinkSocket) {
    this.name = name;
    this.#netfilter = netfilter;
    this.#table = { family: 'netdev', table: name };
    nftables.commit(netfilter, frame(this.#table));
  }

  connect(port: SwitchPort, station: string): void {
    const chain = { ...this.#table, chain: port.name };
    const base = {
      type: 'filter',
      hook: 'ingress',
      priority: nftables.PRIORITY.filter,
      policy: 'drop',
      devices: [port.name],
    } as const;
    nftables.commit(this.#netfilter, [
      nftables.addElements({ ...this.#table, ...STATIONS }, [{ key: station, data: port.ifindex }]),
      flood(this.#table, port),
      nftables.addChain({ ...chain, base }),
      nftables.appendRule(chain, nftables.goTo(FORWARD)),
    ]);
    this.#ports.set(port.ifindex, { port, station });
  }

  disconnect(port: SwitchPort): void {
    const known = this.#ports.get(port.ifindex);
    if (!known) return;
    const chain = { ...this.#table, chain: port.name };
    const others = [...this.#ports.values()].filter((one) => one !== known);
    nftables.commit(this.#netfilter, [
      nftables.deleteElements({ ...this.#table, ...STATIONS }, [{ key: known.station }]),
      nftables.flushChain({ ...this.#table, chain: FLOOD }),
      ...others.map((other) => flood(this.#table, other.port)),
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
    const port = { name: 'lo', ifindex: LOOPBACK_IFINDEX };
    nftables.commit(netfilter, [...frame(table), flood(table, port), nftables.deleteTable(table)]);
    return true;
  } catch (error) {
    if (error instanceof KernelError && MISSING.includes(error.errnoName)) return false;
    throw error;
  }
}

/** A switch without ports. */
function frame(table: nftables.TablePlace): nftables.Command[] {
  const forward = { ...table, chain: FORWARD };
  return [
    nftables.addTable(table),
    nftables.addSet({ ...table, ...STATIONS }),
    nftables.addChain({ ...table, chain: FLOOD }),
    nftables.addChain(forward),
    nftables.appendRule(forward, nftables.forwardToMap(nftables.ether.daddr, STATIONS.set)),
    nftables.appendRule(forward, nftables.goTo(FLOOD)),
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
