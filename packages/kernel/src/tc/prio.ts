import type { Writer } from '../netlink/writer.ts';
import { requireInteger } from './range.ts';
import { StructReader } from './struct-reader.ts';

// linux/pkt_sched.h
const TCQ_PRIO_BANDS = 16;
const TCQ_MIN_PRIO_BANDS = 2;
const TC_PRIO_MAX = 15;

/** Length of `struct tc_prio_qopt`. */
const QOPT_LENGTH = 20;

/** The prio qdisc: class H:1 is always served before H:2, and so on. */
export interface Prio {
  readonly kind: 'prio';
  /** 2 to 16. */
  readonly bands: number;
  /** The band, counted from 0, of each of the 16 values of a packet's priority. */
  readonly priomap: readonly number[];
}

/** Writes the TCA_OPTIONS payload: `struct tc_prio_qopt`. Throws RangeError. */
export function writePrio(writer: Writer, prio: Prio): void {
  requireInteger('bands', prio.bands, TCQ_MIN_PRIO_BANDS, TCQ_PRIO_BANDS);
  requireInteger('entries of priomap', prio.priomap.length, TC_PRIO_MAX + 1, TC_PRIO_MAX + 1);
  writer.i32(prio.bands);
  for (const band of prio.priomap) {
    writer.u8(requireInteger('band of priomap', band, 0, prio.bands - 1));
  }
}

/** Undefined where the payload is shorter than its structure. */
export function decodePrio(bytes: Uint8Array): Prio | undefined {
  if (bytes.length < QOPT_LENGTH) return undefined;
  const bands = new StructReader(bytes).i32();
  return { kind: 'prio', bands, priomap: [...bytes.subarray(4, QOPT_LENGTH)] };
}
