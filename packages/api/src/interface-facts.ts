import type { Address, Counters } from './inventory.ts';

/** RT_SCOPE_* (linux/rtnetlink.h); the numbers between them are for users and reach up to a site. */
const SCOPES: ReadonlyMap<number, Address['scope']> = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
]);

/** An address of an interface as the kernel tells it (RTM_NEWADDR). */
interface KernelAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: number;
}

/** An address of an interface, of what the kernel tells. */
export function interfaceAddress({ address, prefixLength, family, scope }: KernelAddress): Address {
  return {
    address,
    prefixLength,
    family: family === 4 ? 'ipv4' : 'ipv6',
    scope: SCOPES.get(scope) ?? 'site',
  };
}

/** The counters of an interface, of what the kernel tells (IFLA_STATS64); all 0 where it tells none. */
export function interfaceCounters(
  stats: Readonly<Omit<Counters, 'atMs'>> | undefined,
  atMs: number,
): Counters {
  return {
    atMs,
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
