import { nftables } from '@netweir/kernel';

const { addChain, appendRule, match, unless } = nftables;
const { ip6, meta } = nftables;
type Command = nftables.Command;

/** The table of a router's translation of IPv6. */
const TABLE_V6 = { family: 'ip6', table: 'netweir_nat6' } as const;
const PREROUTING = { ...TABLE_V6, chain: 'prerouting' };
const POSTROUTING = { ...TABLE_V6, chain: 'postrouting' };
const { dstnat, srcnat } = nftables.PRIORITY;

/** An inner prefix and the outer one that takes its place, both of one length. */
export interface Prefixes {
  readonly inner: string;
  readonly outer: string;
}

/**
 * Each address of one network has the same interface identifier under the outer prefix, both ways
 * (RFC 6296; the kernel does it by connection, and corrects checksums in place of the address).
 */
export function nptv6Ruleset(wan: string, { inner, outer }: Prefixes): Command[] {
  return [
    ...idleRulesetV6(),
    appendRule(
      PREROUTING,
      match(meta.iifname, wan),
      match(ip6.daddr, outer),
      nftables.dnatTo({ address: inner }),
    ),
    appendRule(
      POSTROUTING,
      match(meta.oifname, wan),
      match(ip6.saddr, inner),
      nftables.snatTo({ address: outer }),
    ),
  ];
}

/** All that leaves has the uplink's address. */
export function masqueradeV6Ruleset(wan: string, address: string): Command[] {
  return [
    ...idleRulesetV6(),
    appendRule(
      POSTROUTING,
      match(meta.oifname, wan),
      unless(ip6.saddr, address),
      unless(ip6.saddr, 'fe80::/10'),
      nftables.snatTo({ address }),
    ),
  ];
}

/** A table that translates no new connection. */
export function idleRulesetV6(): Command[] {
  return [
    nftables.destroyTable(TABLE_V6),
    nftables.addTable(TABLE_V6),
    addChain({ ...PREROUTING, base: { type: 'nat', hook: 'prerouting', priority: dstnat } }),
    addChain({ ...POSTROUTING, base: { type: 'nat', hook: 'postrouting', priority: srcnat } }),
  ];
}
