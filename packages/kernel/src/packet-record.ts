/** PACKET_* of linux/if_packet.h: what a packet is to the interface that it passes. */
const TYPES = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing'] as const;
const LOOPBACK = 'host';

/** What a record has before the packet: u64 time, u32 length, u8 type, three bytes of nothing. */
export const PACKET_RECORD_HEADER_LENGTH = 16;

/** A packet as it passed an interface. */
export interface PacketRecord {
  /** CLOCK_REALTIME in nanoseconds, as two halves: a number cannot hold it. */
  readonly timeHigh: number;
  readonly timeLow: number;
  /** Bytes of the whole packet. */
  readonly length: number;
  /** `outgoing` or, of what comes in, to whom it is sent. */
  readonly type: (typeof TYPES)[number];
  /** From the link-layer header on, up to the snap length; shares memory with what was read. */
  readonly bytes: Uint8Array;
}

/** Writes the header of a record at `at`; `type` is a PACKET_* number. */
export function writePacketRecord(
  view: DataView,
  at: number,
  { timeNs, length, type }: { timeNs: bigint; length: number; type: number },
): void {
  view.setBigUint64(at, timeNs, true);
  view.setUint32(at + 8, length, true);
  view.setUint8(at + 12, type);
}

/**
 * Reads a message of a packet socket (see `SocketReader.addPackets`).
 * @throws RangeError where it ends within its header
 */
export function readPacketRecord(message: Uint8Array): PacketRecord {
  if (message.length < PACKET_RECORD_HEADER_LENGTH) {
    throw new RangeError(`${message.length} bytes are no packet record`);
  }
  const view = new DataView(message.buffer, message.byteOffset, PACKET_RECORD_HEADER_LENGTH);
  return {
    timeLow: view.getUint32(0, true),
    timeHigh: view.getUint32(4, true),
    length: view.getUint32(8, true),
    type: TYPES[view.getUint8(12)] ?? LOOPBACK,
    bytes: message.subarray(PACKET_RECORD_HEADER_LENGTH),
  };
}
