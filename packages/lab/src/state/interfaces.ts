import type { Address, Counters, LabInterface } from '@netweir/api';
import { dumpRoutes, type InterfaceAddress, type LinkStats, type Route } from '@netweir/kernel';
import { presentInterfaces } from '../interface/read.ts';
import type { Member } from '../node/member.ts';

/** RT_SCOPE_* of linux/rtnetlink.h; others are of a site. */
const SCOPES: ReadonlyMap<number, Address['scope']> = new Map([
  [0, 'global'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);
/** RT_TABLE_MAIN of linux/rtnetlink.h */
const MAIN = 254;
const DEFAULTS = ['0.0.0.0/0', '::/0'];

/** The interfaces that the lab has made in a node, as the kernel has them now, by their indexes. */
export function interfacesOf(member: Member, withCounters: boolean): LabInterface[] {
  const { stack, plugs, links } = member;
  const addresses = stack.addresses();
  const all = presentInterfaces(stack).map(({ name, link }): LabInterface => {
    const { ifindex, up, carrier, mtu, address: mac, stats } = link;
    const far = plugs.get(name)?.lan.stack ?? links.get(name)?.far?.stack;
    const { egress, ingress } = member.conditions(name);
    return {
      name,
      ifindex,
      up,
      carrier,
      mtu,
      mac: mac ?? null,
      addresses: addresses.filter((one) => one.ifindex === ifindex).map(addressOf),
      to: far?.node ?? null,
      egress,
      ingress,
      ...(withCounters ? { counters: countersOf(stats) } : {}),
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

function addressOf({ address, prefixLength, family, scope }: InterfaceAddress): Address {
  return {
    address,
    prefixLength,
    family: family === 4 ? 'ipv4' : 'ipv6',
    scope: SCOPES.get(scope) ?? 'site',
  };
}

function countersOf(stats: LinkStats | undefined): Counters {
  return {
    atMs: Date.now(),
    rxBytes: stats?.rxBytes ?? 0,
    txBytes: stats?.txBytes ?? 0,
    rxPackets: stats?.rxPackets ?? 0,
    txPackets: stats?.txPackets ?? 0,
    rxDropped: stats?.rxDropped ?? 0,
    txDropped: stats?.txDropped ?? 0,
    rxErrors: stats?.rxErrors ?? 0,
    txErrors: stats?.txErrors ?? 0,
  };
}
