import { isIPv6 } from 'node:net';
import type { SocketAddress } from '../code/sockets.ts';

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
export function formatSocketAddress({ address, port }: SocketAddress): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
