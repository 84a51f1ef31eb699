import type { SocketOptions } from 'node:dgram';
import { isIP } from 'node:net';
import type { IpFamily } from '@netweir/kernel';
import { unknownName } from '../errors.ts';

type Lookup = NonNullable<SocketOptions['lookup']>;

/**
 * How a UDP socket of a node finds where to send to, at once: names are those that `resolve` knows, and a
 * socket of IPv6 reaches IPv4 by mapped addresses (RFC 4291 section 2.5.5.2), as its answers come from.
 */
export function datagramLookup(
  family: IpFamily,
  resolve: (name: string) => readonly string[],
): Lookup {
  return (host, _options, callback) => {
    const addresses = isIP(host) ? [host] : resolve(host);
    const [address] = family === 4 ? addresses.filter((one) => isIP(one) === 4) : addresses;
    if (address === undefined) callback(unknownName(host), '', family);
    else
      callback(null, family === 6 && isIP(address) === 4 ? `::ffff:${address}` : address, family);
  };
}
