import { Attributes } from '../netlink/attributes.ts';
import { Writer } from '../netlink/writer.ts';
import { burstToTicks, ticksToBurst } from './psched.ts';
import { requireInteger, requireU32, U16_MAX } from './range.ts';
import { exceedsU32, type RateSpec, readRateSpec, writeRateSpec } from './ratespec.ts';
import { StructReader } from './struct-reader.ts';

// linux/pkt_sched.h
const TCA_HTB_PARMS = 1; // @nl: TCA_HTB_PARMS rw 2.4.20
export const TCA_HTB_INIT = 2; // @nl: TCA_HTB_INIT rw 2.4.20
const TCA_HTB_DIRECT_QLEN = 5; // @nl: TCA_HTB_DIRECT_QLEN rw 3.10
const TCA_HTB_RATE64 = 6; // @nl: TCA_HTB_RATE64 rw 3.13
const TCA_HTB_CEIL64 = 7; // @nl: TCA_HTB_CEIL64 rw 3.13

const HTB_VERSION = 3;
const HTB_MAX_PRIO = 7;

/** The htb qdisc. It cannot be changed, only made and deleted: htb has no change operation. */
export interface Htb {
  readonly kind: 'htb';
  /** Minor of the class for packets that no filter takes; they are not shaped where it is absent. */
  readonly defaultMinor: number;
  /** A class without a quantum gets its rate in bytes/s divided by this. */
  readonly rate2quantum: number;
  /** Packets that may wait unshaped; the interface's txqueuelen where absent. */
  readonly directQlen?: number;
}

/** A class of htb. */
export interface HtbClass {
  readonly kind: 'htb';
  /** What the class is guaranteed. Above zero. */
  readonly rate: RateSpec;
  /** What it may reach by borrowing. Above zero. */
  readonly ceil: RateSpec;
  /** Bytes sent at once at `rate`; as read back rounded to 64 ns of it. */
  readonly burstBytes: number;
  /** Bytes sent at once at `ceil`; as read back rounded to 64 ns of it. */
  readonly cburstBytes: number;
  /** Bytes of one turn among classes that borrow; 0 lets htb compute it. Unused in inner classes. */
  readonly quantumBytes: number;
  /** 0 (first) to 7: order in which classes borrow. Unused in inner classes. */
  readonly prio: number;
}

/** Writes the TCA_OPTIONS payload of the qdisc. Throws RangeError. */
export function writeHtb(writer: Writer, htb: Htb): void {
  writer.attribute(TCA_HTB_INIT, (w) =>
    w
      .u32(HTB_VERSION)
      .u32(requireU32('rate2quantum', htb.rate2quantum))
      .u32(requireInteger('defaultMinor', htb.defaultMinor, 0, U16_MAX))
      .u32(0)
      .u32(0),
  );
  if (htb.directQlen !== undefined) {
    writer.attributeU32(TCA_HTB_DIRECT_QLEN, requireU32('directQlen', htb.directQlen));
  }
}

/** Undefined where the payload has no TCA_HTB_INIT. */
export function decodeHtb(bytes: Uint8Array): Htb | undefined {
  const attributes = Attributes.read(bytes);
  const init = attributes.bytes(TCA_HTB_INIT);
  if (!init) return undefined;
  const reader = new StructReader(init);
  reader.u32();
  const rate2quantum = reader.u32();
  const defaultMinor = reader.u32();
  const directQlen = attributes.bytes(TCA_HTB_DIRECT_QLEN);
  return {
    kind: 'htb',
    defaultMinor,
    rate2quantum,
    ...(directQlen && { directQlen: new StructReader(directQlen).u32() }),
  };
}

/**
 * A TCA_OPTIONS payload as the kernel dumps it, made fit to be sent: a dump has the version as
 * 0x30011 and the packets sent unshaped so far, but htb_init accepts the version 3 only.
 */
export function restorableHtb(dumped: Uint8Array): Uint8Array {
  const writer = new Writer(dumped.length + 8);
  for (const { type, payload } of Attributes.entries(dumped)) {
    if (type !== TCA_HTB_INIT || payload.length < 20) {
      writer.attributeBytes(type, payload);
      continue;
    }
    writer.attribute(type, (w) => w.u32(HTB_VERSION).raw(payload.subarray(4, 16)).u32(0));
  }
  return writer.finish();
}

/** The TCA_OPTIONS payload of a class. Throws RangeError. */
export function encodeHtbClass(htbClass: HtbClass): Uint8Array {
  const { rate, ceil } = htbClass;
  const writer = new Writer(256);
  if (exceedsU32(rate.bytesPerSecond)) writer.attributeU64(TCA_HTB_RATE64, rate.bytesPerSecond);
  if (exceedsU32(ceil.bytesPerSecond)) writer.attributeU64(TCA_HTB_CEIL64, ceil.bytesPerSecond);
  writer.attribute(TCA_HTB_PARMS, (w) => {
    writeRateSpec(w, rate);
    writeRateSpec(w, ceil);
    w.u32(burstToTicks(htbClass.burstBytes, rate.bytesPerSecond))
      .u32(burstToTicks(htbClass.cburstBytes, ceil.bytesPerSecond))
      .u32(requireU32('quantum', htbClass.quantumBytes))
      .u32(0)
      .u32(requireInteger('prio', htbClass.prio, 0, HTB_MAX_PRIO));
  });
  return writer.finish();
}

/** Undefined where the payload has no parameters. */
export function decodeHtbClass(bytes: Uint8Array): HtbClass | undefined {
  const attributes = Attributes.read(bytes);
  const parms = attributes.bytes(TCA_HTB_PARMS);
  if (!parms) return undefined;
  const u64 = (type: number) => new StructReader(attributes.bytes(type)).u64();
  const reader = new StructReader(parms);
  const rate = readRateSpec(reader, u64(TCA_HTB_RATE64));
  const ceil = readRateSpec(reader, u64(TCA_HTB_CEIL64));
  const burstBytes = ticksToBurst(reader.u32(), rate.bytesPerSecond);
  const cburstBytes = ticksToBurst(reader.u32(), ceil.bytesPerSecond);
  const quantumBytes = reader.u32();
  reader.u32();
  return { kind: 'htb', rate, ceil, burstBytes, cburstBytes, quantumBytes, prio: reader.u32() };
}
