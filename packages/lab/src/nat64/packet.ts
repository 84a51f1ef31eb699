/** An IP packet in memory, with room before it for a longer header. */
export interface Packet {
  readonly bytes: Uint8Array;
  /** Where its IP header begins. */
  readonly start: number;
  readonly end: number;
  /**
   * Whether the field of the TCP or UDP checksum holds no more than the sum of the pseudo-header, not
   * complemented: the rest is left to the device (CHECKSUM_PARTIAL).
   */
  readonly isPartial: boolean;
  /** Whether it is cut into segments later on, none of which is too long (GSO). */
  readonly isSegmented: boolean;
}

/** Room enough for what a translation puts before a packet. */
export const HEADROOM = 128;

/** A packet of its own memory, complete. */
export function newPacket(length: number): Packet {
  const bytes = new Uint8Array(HEADROOM + length);
  return {
    bytes,
    start: HEADROOM,
    end: HEADROOM + length,
    isPartial: false,
    isSegmented: false,
  };
}

/** A packet of its own memory with these bytes. */
export function packetOf(content: Uint8Array): Packet {
  const packet = newPacket(content.length);
  packet.bytes.set(content, packet.start);
  return packet;
}

/** The bytes of a packet, in its own memory. */
export function contentOf({ bytes, start, end }: Packet): Uint8Array {
  return bytes.subarray(start, end);
}

// IANA's numbers of protocols.
export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;
