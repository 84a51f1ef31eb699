import { Writer } from '../netlink/writer.ts';
import { type Bfifo, decodeBfifo, decodePfifo, type Pfifo, writeFifo } from './fifo.ts';
import { decodeFqCodel, type FqCodel, writeFqCodel } from './fq-codel.ts';
import { decodeHtb, type Htb, restorableHtb, writeHtb } from './htb.ts';
import type { Clsact, Ingress } from './ingress.ts';
import { decodeNetem, type Netem, writeNetem } from './netem.ts';
import { decodePrio, type Prio, writePrio } from './prio.ts';
import { decodeTbf, type Tbf, writeTbf } from './tbf.ts';

/** The options of the qdisc kinds that are understood. */
export type QdiscOptions = Netem | Tbf | Htb | Prio | FqCodel | Pfifo | Bfifo | Ingress | Clsact;

/** Options of any kind as a dump gave them, to put a qdisc or class back that is not understood. */
export interface RawOptions {
  readonly kind: string;
  /** The payload of TCA_OPTIONS; undefined where the dump had none. */
  readonly rawOptions: Uint8Array | undefined;
  /** The payload of TCA_STAB: a size table with its `struct tc_sizespec`. */
  readonly sizeTable?: Uint8Array | undefined;
}

/** The TCA_OPTIONS payload; undefined for a kind that has none. Throws RangeError. */
export function encodeQdiscOptions(options: QdiscOptions | RawOptions): Uint8Array | undefined {
  if (!hasOptions(options)) return undefined;
  const writer = new Writer();
  writeQdiscOptions(writer, options);
  return writer.finish();
}

/** False for a kind without TCA_OPTIONS. */
export function hasOptions(options: QdiscOptions | RawOptions): boolean {
  if ('rawOptions' in options) return options.rawOptions !== undefined;
  return options.kind !== 'ingress' && options.kind !== 'clsact';
}

/** Writes the TCA_OPTIONS payload, nothing for a kind that has none. Throws RangeError. */
export function writeQdiscOptions(writer: Writer, options: QdiscOptions | RawOptions): void {
  if ('rawOptions' in options) {
    writeRawOptions(writer, options);
    return;
  }
  switch (options.kind) {
    case 'netem':
      writeNetem(writer, options);
      break;
    case 'tbf':
      writeTbf(writer, options);
      break;
    case 'htb':
      writeHtb(writer, options);
      break;
    case 'prio':
      writePrio(writer, options);
      break;
    case 'fq_codel':
      writeFqCodel(writer, options);
      break;
    case 'pfifo':
    case 'bfifo':
      writeFifo(writer, options);
      break;
    case 'ingress':
    case 'clsact':
      break;
  }
}

function writeRawOptions(writer: Writer, { kind, rawOptions }: RawOptions): void {
  if (!rawOptions) return;
  writer.raw(kind === 'htb' ? restorableHtb(rawOptions) : rawOptions);
}

const decoders = new Map<string, (bytes: Uint8Array) => QdiscOptions | undefined>([
  ['netem', decodeNetem],
  ['tbf', decodeTbf],
  ['htb', decodeHtb],
  ['prio', decodePrio],
  ['fq_codel', decodeFqCodel],
  ['pfifo', decodePfifo],
  ['bfifo', decodeBfifo],
]);

/** Undefined for a kind that is not understood, and for a payload too short for its kind. */
export function decodeQdiscOptions(
  kind: string,
  bytes: Uint8Array | undefined,
): QdiscOptions | undefined {
  if (kind === 'ingress' || kind === 'clsact') return { kind };
  return bytes && decoders.get(kind)?.(bytes);
}
