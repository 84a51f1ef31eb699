import type { IpSupport } from '@netweir/api';
import type { IpFamily } from '@netweir/kernel';

/** Something of IPv4 and of IPv6, where there is any. */
export interface OfFamilies {
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
}

export function hasFamily(ip: IpSupport, family: IpFamily): boolean {
  return ip === 'dual-stack' || (ip === 'v4-only') === (family === 4);
}

/** What a network that supports `ip` has of both. */
export function supported(
  ip: IpSupport,
  { ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6: string },
): OfFamilies {
  return {
    ipv4: hasFamily(ip, 4) ? ipv4 : undefined,
    ipv6: hasFamily(ip, 6) ? ipv6 : undefined,
  };
}

/** As `supported`, with what is absent throwing, and not enumerable. */
export function present(
  { ipv4, ipv6 }: OfFamilies,
  absent: (family: 'ipv4' | 'ipv6') => Error,
): { readonly ipv4: string; readonly ipv6: string } {
  const result = { ipv4: ipv4 ?? '', ipv6: ipv6 ?? '' };
  for (const family of ['ipv4', 'ipv6'] as const) {
    if (result[family] !== '') continue;
    const get = (): never => {
      throw absent(family);
    };
    Object.defineProperty(result, family, { get, enumerable: false });
  }
  return result;
}
