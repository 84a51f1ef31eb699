import { type Bfifo, decodeBfifo, decodePfifo, encodeFifo, type Pfifo } from './fifo.ts';
import { decodeFqCodel, encodeFqCodel, type FqCodel } from './fq-codel.ts';
import { decodeHtb, encodeHtb, type Htb, restorableHtb } from './htb.ts';
import type { Clsact, Ingress } from './ingress.ts';
import { decodeNetem, encodeNetem, type Netem } from './netem.ts';
import { decodePrio, encodePrio, type Prio } from './prio.ts';
import { decodeTbf, encodeTbf, type Tbf } from './tbf.ts';

/** The options of the qdisc kinds that are understood. */
export type QdiscOptions = Netem | Tbf | Htb | Prio | FqCodel | Pfifo | Bfifo | Ingress | Clsact;

/** Options of any kind as a dump gave them, to put a qdisc or class back that is not understood. */
export interface RawOptions {
  readonly kind: string;
  /** The payload of TCA_OPTIONS; undefined where the dump had none. */
  readonly rawOptions: Uint8Array | undefined;
}

/** The TCA_OPTIONS payload; undefined for a kind that has none. Throws RangeError. */
export function encodeQdiscOptions(options: QdiscOptions | RawOptions): Uint8Array | undefined {
  if ('rawOptions' in options) {
    const { kind, rawOptions } = options;
    return kind === 'htb' && rawOptions ? restorableHtb(rawOptions) : rawOptions;
  }
  switch (options.kind) {
    case 'netem':
      return encodeNetem(options);
    case 'tbf':
      return encodeTbf(options);
    case 'htb':
      return encodeHtb(options);
    case 'prio':
      return encodePrio(options);
    case 'fq_codel':
      return encodeFqCodel(options);
    case 'pfifo':
    case 'bfifo':
      return encodeFifo(options);
    case 'ingress':
    case 'clsact':
      return undefined;
  }
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
