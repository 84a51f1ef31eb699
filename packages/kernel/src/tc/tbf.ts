import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { ticksToBurst } from './psched.ts';
import { requireU32 } from './range.ts';
import { exceedsU32, type RateSpec, readRateSpec, writeRateSpec } from './ratespec.ts';
import { StructReader } from './struct-reader.ts';

// linux/pkt_sched.h
const TCA_TBF_PARMS = 1; // @nl: TCA_TBF_PARMS rw 2.2
const TCA_TBF_RATE64 = 4; // @nl: TCA_TBF_RATE64 rw 3.13
const TCA_TBF_PRATE64 = 5; // @nl: TCA_TBF_PRATE64 rw 3.13
const TCA_TBF_BURST = 6; // @nl: TCA_TBF_BURST w 3.14
const TCA_TBF_PBURST = 7; // @nl: TCA_TBF_PBURST w 3.14

/** A token bucket filter. */
export interface Tbf {
  readonly kind: 'tbf';
  /** Above zero. */
  readonly rate: RateSpec;
  /** Bytes that may wait; 0 drops whatever exceeds the rate. Has no effect under another child. */
  readonly limitBytes: number;
  /** The bucket, in bytes: a packet larger than it is dropped. As read back it is rounded. */
  readonly burstBytes: number;
  /** A second bucket that bounds the first one's bursts; its rate must exceed `rate`. */
  readonly peak?: { readonly rate: RateSpec; readonly burstBytes: number };
}

/**
 * Writes the TCA_OPTIONS payload. Bursts are sent in bytes; the `buffer` and `mtu` members, which are
 * times, stay zero, because TCA_TBF_BURST and TCA_TBF_PBURST take their place. Throws RangeError.
 */
export function writeTbf(writer: Writer, tbf: Tbf): void {
  const { rate, peak } = tbf;
  writer.attribute(TCA_TBF_PARMS, (w) => {
    writeRateSpec(w, rate);
    if (peak) writeRateSpec(w, peak.rate);
    else w.zeros(12);
    w.u32(requireU32('limit', tbf.limitBytes)).u32(0).u32(0);
  });
  writer.attributeU32(TCA_TBF_BURST, requireU32('burst', tbf.burstBytes));
  if (exceedsU32(rate.bytesPerSecond)) writer.attributeU64(TCA_TBF_RATE64, rate.bytesPerSecond);
  if (!peak) return;
  const peakRate = peak.rate.bytesPerSecond;
  if (exceedsU32(peakRate)) writer.attributeU64(TCA_TBF_PRATE64, peakRate);
  writer.attributeU32(TCA_TBF_PBURST, requireU32('peak burst', peak.burstBytes));
}

/** Undefined where the payload has no parameters. */
export function decodeTbf(bytes: Uint8Array): Tbf | undefined {
  const attributes = Attributes.read(bytes);
  const parms = attributes.bytes(TCA_TBF_PARMS);
  if (!parms) return undefined;
  const u64 = (type: number) => new StructReader(attributes.bytes(type)).u64();
  const burst = (type: number, ticks: number, rate: RateSpec) => {
    const sent = attributes.bytes(type);
    return sent ? new StructReader(sent).u32() : ticksToBurst(ticks, rate.bytesPerSecond);
  };
  const reader = new StructReader(parms);
  const rate = readRateSpec(reader, u64(TCA_TBF_RATE64));
  const peakRate = readRateSpec(reader, u64(TCA_TBF_PRATE64));
  const limitBytes = reader.u32();
  const burstBytes = burst(TCA_TBF_BURST, reader.u32(), rate);
  const peak = { rate: peakRate, burstBytes: burst(TCA_TBF_PBURST, reader.u32(), peakRate) };
  return {
    kind: 'tbf',
    rate,
    limitBytes,
    burstBytes,
    ...(peakRate.bytesPerSecond > 0 && { peak }),
  };
}
