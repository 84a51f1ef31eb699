import { interfaceAddress, interfaceCounters, type LabInterface } from '@netweir/api';
import { dumpRoutes, type Route } from '@netweir/kernel';
import { presentInterfaces } from '../interface/read.ts';
import type { Member } from '../node/member.ts';

/** RT_TABLE_MAIN of linux/rtnetlink.h */
const MAIN = 254;
const DEFAULTS = ['0.0.0.0/0', '::/0'];

/** The interfaces that the lab has made in a node, as the kernel has them now, by their indexes. */
export function interfacesOf(member: Member, withCounters: boolean): LabInterface[] {
  const { stack, plugs, links } = member;
  const atMs = Date.now();
  const addresses = stack.addresses();
  const all = presentInterfaces(stack).map(({ name, link }): LabInterface => {
    const { ifindex, up, carrier, mtu, address: mac, stats } = link;
    const far = plugs.get(name)?.lan.stack ?? links.get(name)?.far.stack;
    const { egress, ingress } = member.conditions(name);
    return {
      name,
      ifindex,
      up,
      carrier,
      mtu,
      mac: mac ?? null,
      addresses: addresses.filter((one) => one.ifindex === ifindex).map(interfaceAddress),
      to: far?.node ?? null,
      egress,
      ingress,
      ...(withCounters ? { counters: interfaceCounters(stats, atMs) } : {}),
    };
  });
  return all.toSorted((a, b) => a.ifindex - b.ifindex);
}

/** What a node's default routes lead through: those of IPv4, or else of IPv6. */
export function defaultInterfaceOf({ stack }: Member, all: readonly LabInterface[]): string | null {
  const routes = stack.netlink
    .dump(dumpRoutes())
    .filter(({ table, destination }) => table === MAIN && DEFAULTS.includes(destination))
    .toSorted((a: Route, b: Route) => a.family - b.family || a.metric - b.metric);
  return all.find(({ ifindex }) => ifindex === routes[0]?.ifindex)?.name ?? null;
}
