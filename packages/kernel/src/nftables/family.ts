import * as nfproto from '../netfilter/nfproto.ts';

/** The families of nftables that are of use here: what packets the chains of a table see. */
export type NftFamily = 'inet' | 'ip' | 'ip6' | 'netdev';

const NUMBERS: Readonly<Record<NftFamily, number>> = {
  inet: nfproto.NFPROTO_INET,
  ip: nfproto.NFPROTO_IPV4,
  ip6: nfproto.NFPROTO_IPV6,
  netdev: nfproto.NFPROTO_NETDEV,
};
const NAMES = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name as NftFamily]));

export function familyNumber(family: NftFamily | undefined): number {
  return family === undefined ? nfproto.NFPROTO_UNSPEC : NUMBERS[family];
}

/** Undefined for arp, bridge and whatever else there is. */
export function familyName(number: number): NftFamily | undefined {
  return NAMES.get(number);
}
