import { type Prefix, parsePrefix } from './prefix.ts';

/** A range of both families that is cut into parts; the part with an index belongs to both. */
export interface Range {
  /** For errors: what a part of it is. */
  readonly part: string;
  readonly ipv4: Prefix;
  readonly ipv6: Prefix;
  readonly partLength: { readonly ipv4: number; readonly ipv6: number };
  readonly firstIndex: number;
}

/** The lengths of what one router serves. */
export const SUBNET_LENGTH = { ipv4: 24, ipv6: 64 } as const;

const range = (
  part: string,
  ipv4: string,
  ipv6: string,
  partLength: Range['partLength'],
  firstIndex: number,
): Range => ({ part, ipv4: parsePrefix(ipv4), ipv6: parsePrefix(ipv6), partLength, firstIndex });

/**
 * Every range that a lab uses; none overlaps another. 198.18.0.0/15 is for benchmarks (RFC 2544),
 * 203.0.113.0/24 and 2001:db8::/32 for documentation (RFC 5737, RFC 3849), 10.0.0.0/8 and fd00::/8
 * are private (RFC 1918, RFC 4193).
 *
 * | range | for |
 * |---|---|
 * | 198.18.0.0/20, 2001:db8::/64 | the internet exchange: gateway .1, routers from .10 |
 * | 198.18.(16 r).0/20, 2001:db8:(100 + r)::/48 | region r, from 1: its backbone, then its public subnets |
 * | 198.19.n.0/24, 2001:db8:1:n::/64 | public subnets outside regions, from n = 1 |
 * | 10.(n / 256).(n % 256).0/24, fd10:0:0:n::/64 | private subnets, from n = 1 |
 * | 203.0.113.(2 k)/31, fd11::(2 k)/127 | links between two routers, from k = 0 (RFC 3021, RFC 6164) |
 */
export const RANGES: Readonly<
  Record<'exchange' | 'regions' | 'public' | 'private' | 'links', Range>
> = {
  exchange: range('internet exchange', '198.18.0.0/20', '2001:db8::/64', { ipv4: 20, ipv6: 64 }, 0),
  regions: range('region', '198.18.0.0/16', '2001:db8:100::/40', { ipv4: 20, ipv6: 48 }, 1),
  public: range('public subnet', '198.19.0.0/16', '2001:db8:1::/48', SUBNET_LENGTH, 1),
  private: range('private subnet', '10.0.0.0/8', 'fd10::/48', SUBNET_LENGTH, 1),
  links: range('link', '203.0.113.0/24', 'fd11::/120', { ipv4: 31, ipv6: 127 }, 0),
};

/** The number behind the exchange's and a backbone's prefix that their first router has. */
export const FIRST_ROUTER = 10;
