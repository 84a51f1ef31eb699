import { AF_INET, AF_INET6 } from './route/address-family.ts';
import type { IpAddress } from './route/ip-address.ts';

/** `struct sockaddr_in` or `struct sockaddr_in6` (linux/in.h, linux/in6.h), for bind(2) and connect(2). */
export function encodeSocketAddress({ family, bytes }: IpAddress, port: number): Uint8Array {
  const isIpv4 = family === 4;
  const view = new DataView(new ArrayBuffer(isIpv4 ? 16 : 28));
  view.setUint16(0, isIpv4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  const encoded = new Uint8Array(view.buffer);
  encoded.set(bytes, isIpv4 ? 4 : 8);
  return encoded;
}
