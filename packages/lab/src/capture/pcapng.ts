import type { PacketRecord } from '@netweir/kernel';

/** Block and option numbers of the pcapng format (IETF draft-ietf-opsawg-pcapng). */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR = 1;
const MINOR = 0;
const OPT_ENDOFOPT = 0;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const ISB_STARTTIME = 2;
const ISB_ENDTIME = 3;
const ISB_IFRECV = 4;
const ISB_OSDROP = 7;
const ISB_USRDELIV = 8;
const EPB_FLAGS = 2;

/** 10^-9 s. */
const NANOSECONDS = 9;
/** A section whose length is not told in advance. */
const LENGTH_UNKNOWN = -1n;
/** Type and length in front of a block's body, length behind it. */
const BLOCK_OVERHEAD = 12;
const PACKET_FIXED_LENGTH = 20;
/** The option with the flags, and the end of options. */
const PACKET_OPTIONS_LENGTH = 12;

/** Bits 0 and 1 of epb_flags: 1 inbound, 2 outbound; bits 2 to 4: 1 unicast, 2 multicast, 3 broadcast, 4 promiscuous. */
const FLAGS: Readonly<Record<PacketRecord['type'], number>> = {
  host: 1 | (1 << 2),
  multicast: 1 | (2 << 2),
  broadcast: 1 | (3 << 2),
  otherhost: 1 | (4 << 2),
  outgoing: 2,
};

/** LINKTYPE_* of tcpdump.org: Ethernet frames, or IP packets without anything in front. */
export type LinkType = 1 | 101;

/** The block that a file starts with. */
export function sectionHeader(): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(BYTE_ORDER_MAGIC, 0);
  fixed.writeUInt16LE(MAJOR, 4);
  fixed.writeUInt16LE(MINOR, 6);
  fixed.writeBigInt64LE(LENGTH_UNKNOWN, 8);
  return block(SECTION_HEADER, fixed, [option(SHB_USERAPPL, Buffer.from('netweir'))]);
}

/** What says of which interface packets are, and that their times are in nanoseconds. */
export function interfaceDescription(about: {
  readonly name: string;
  readonly description: string;
  readonly linkType: LinkType;
  readonly snapLength: number;
}): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(about.linkType, 0);
  fixed.writeUInt32LE(about.snapLength, 4);
  return block(INTERFACE_DESCRIPTION, fixed, [
    option(IF_NAME, Buffer.from(about.name)),
    option(IF_DESCRIPTION, Buffer.from(about.description)),
    option(IF_TSRESOL, Buffer.of(NANOSECONDS)),
  ]);
}

/** Bytes of the block of a packet of which so many bytes are captured. */
export function enhancedPacketLength(captured: number): number {
  return BLOCK_OVERHEAD + PACKET_FIXED_LENGTH + align4(captured) + PACKET_OPTIONS_LENGTH;
}

/** Writes the block of a packet of the file's only interface at `at`, into room that is zero. */
export function writeEnhancedPacket(into: Buffer, at: number, packet: PacketRecord): void {
  const { bytes } = packet;
  const length = enhancedPacketLength(bytes.length);
  into.writeUInt32LE(ENHANCED_PACKET, at);
  into.writeUInt32LE(length, at + 4);
  into.writeUInt32LE(0, at + 8);
  into.writeUInt32LE(packet.timeHigh, at + 12);
  into.writeUInt32LE(packet.timeLow, at + 16);
  into.writeUInt32LE(bytes.length, at + 20);
  into.writeUInt32LE(packet.length, at + 24);
  into.set(bytes, at + 28);
  const options = at + 28 + align4(bytes.length);
  into.writeUInt16LE(EPB_FLAGS, options);
  into.writeUInt16LE(4, options + 2);
  into.writeUInt32LE(FLAGS[packet.type], options + 4);
  into.writeUInt32LE(OPT_ENDOFOPT, options + 8);
  into.writeUInt32LE(length, options + 12);
}

/** What became of the packets of an interface while they were captured. */
export interface InterfaceStatistics {
  /** CLOCK_REALTIME in nanoseconds. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Packets that came, those that are in the file, and those that nobody could take in time. */
  readonly received: number;
  readonly delivered: number;
  readonly dropped: number;
}

/** The block that a file ends with. */
export function interfaceStatistics(statistics: InterfaceStatistics): Buffer {
  const fixed = Buffer.alloc(12);
  time(statistics.endNs).copy(fixed, 4);
  return block(INTERFACE_STATISTICS, fixed, [
    option(ISB_STARTTIME, time(statistics.startNs)),
    option(ISB_ENDTIME, time(statistics.endNs)),
    option(ISB_IFRECV, count(statistics.received)),
    option(ISB_OSDROP, count(statistics.dropped)),
    option(ISB_USRDELIV, count(statistics.delivered)),
  ]);
}

function block(type: number, fixed: Buffer, options: readonly Buffer[]): Buffer {
  const body = Buffer.concat([fixed, ...options, Buffer.alloc(4)]);
  const head = Buffer.alloc(8);
  const length = BLOCK_OVERHEAD + body.length;
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, body, head.subarray(4)]);
}

function option(code: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + align4(value.length));
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/** 64 bits, the upper half first. */
function time(ns: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(Number(ns >> 32n), 0);
  bytes.writeUInt32LE(Number(ns & 0xffff_ffffn), 4);
  return bytes;
}

function count(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function align4(length: number): number {
  return (length + 3) & ~3;
}
