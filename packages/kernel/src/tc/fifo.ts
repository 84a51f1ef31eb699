import type { Writer } from '../netlink/writer.ts';
import { requireU32 } from './range.ts';
import { StructReader } from './struct-reader.ts';

/** A queue bounded in packets. */
export interface Pfifo {
  readonly kind: 'pfifo';
  readonly limitPackets: number;
}

/** A queue bounded in bytes. */
export interface Bfifo {
  readonly kind: 'bfifo';
  readonly limitBytes: number;
}

/** Writes the TCA_OPTIONS payload: `struct tc_fifo_qopt`. Throws RangeError. */
export function writeFifo(writer: Writer, fifo: Pfifo | Bfifo): void {
  const limit = fifo.kind === 'pfifo' ? fifo.limitPackets : fifo.limitBytes;
  writer.u32(requireU32('limit', limit));
}

export function decodePfifo(bytes: Uint8Array): Pfifo {
  return { kind: 'pfifo', limitPackets: new StructReader(bytes).u32() };
}

export function decodeBfifo(bytes: Uint8Array): Bfifo {
  return { kind: 'bfifo', limitBytes: new StructReader(bytes).u32() };
}
