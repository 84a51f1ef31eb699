import type { Writer } from '../netlink/writer.ts';
import { requireInteger, U16_MAX, U32_MAX } from './range.ts';
import type { StructReader } from './struct-reader.ts';

// enum tc_link_layer, linux/pkt_sched.h
const TC_LINKLAYER_ETHERNET = 1;
const TC_LINKLAYER_MASK = 0x0f;

// These two describe a rate table. None is sent, but they are what tc fills in, and a zero cell_log
// makes the police action fail.
const CELL_LOG = 3;
const CELL_ALIGN = 0xffff;

/** `struct tc_ratespec` (linux/pkt_sched.h): a rate, and what counts as a packet's length. */
export interface RateSpec {
  /** 0 to 2^53-1; what exceeds 32 bits travels in a 64-bit attribute beside the structure. */
  readonly bytesPerSecond: number;
  /** Bytes added to each packet's length. */
  readonly overhead: number;
  /** The least length that a packet counts as, in bytes. */
  readonly mpu: number;
  /** enum tc_link_layer: 0 unaware, 1 Ethernet, 2 ATM. */
  readonly linklayer: number;
}

/** An Ethernet rate without overhead. */
export function rateSpec(bytesPerSecond: number): RateSpec {
  return { bytesPerSecond, overhead: 0, mpu: 0, linklayer: TC_LINKLAYER_ETHERNET };
}

export function writeRateSpec(writer: Writer, spec: RateSpec): Writer {
  requireInteger('rate', spec.bytesPerSecond, 0, Number.MAX_SAFE_INTEGER);
  return writer
    .u8(CELL_LOG)
    .u8(requireInteger('linklayer', spec.linklayer, 0, TC_LINKLAYER_MASK))
    .u16(requireInteger('overhead', spec.overhead, 0, U16_MAX))
    .u16(CELL_ALIGN)
    .u16(requireInteger('mpu', spec.mpu, 0, U16_MAX))
    .u32(Math.min(spec.bytesPerSecond, U32_MAX));
}

/** True where a rate needs its 64-bit attribute. */
export function exceedsU32(bytesPerSecond: number): boolean {
  return bytesPerSecond > U32_MAX;
}

/** The kernel takes the larger of the 32-bit rate and its 64-bit attribute, and so does this. */
export function readRateSpec(reader: StructReader, rate64: bigint | undefined): RateSpec {
  reader.u8();
  const linklayer = reader.u8() & TC_LINKLAYER_MASK;
  const overhead = reader.u16();
  reader.u16();
  const mpu = reader.u16();
  const bytesPerSecond = Math.max(reader.u32(), Number(rate64 ?? 0n));
  return { bytesPerSecond, overhead, mpu, linklayer };
}
