const AF_PACKET = 17;

/** `struct sockaddr_ll` (linux/if_packet.h); with protocol 0 nothing is received. */
export function sockaddrLl(ifindex: number, protocol = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(20));
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, ifindex, true);
  return new Uint8Array(view.buffer);
}
