import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { requireU32 } from './range.ts';
import { StructReader } from './struct-reader.ts';

// linux/pkt_sched.h
const TCA_FQ_CODEL_TARGET = 1; // @nl: TCA_FQ_CODEL_TARGET rw 3.5
const TCA_FQ_CODEL_LIMIT = 2; // @nl: TCA_FQ_CODEL_LIMIT rw 3.5
const TCA_FQ_CODEL_INTERVAL = 3; // @nl: TCA_FQ_CODEL_INTERVAL rw 3.5
const TCA_FQ_CODEL_ECN = 4; // @nl: TCA_FQ_CODEL_ECN rw 3.5
const TCA_FQ_CODEL_FLOWS = 5; // @nl: TCA_FQ_CODEL_FLOWS rw 3.5
const TCA_FQ_CODEL_QUANTUM = 6; // @nl: TCA_FQ_CODEL_QUANTUM rw 3.5
const TCA_FQ_CODEL_CE_THRESHOLD = 7; // @nl: TCA_FQ_CODEL_CE_THRESHOLD rw 4.2
const TCA_FQ_CODEL_DROP_BATCH_SIZE = 8; // @nl: TCA_FQ_CODEL_DROP_BATCH_SIZE rw 4.7
const TCA_FQ_CODEL_MEMORY_LIMIT = 9; // @nl: TCA_FQ_CODEL_MEMORY_LIMIT rw 4.7

/** Fair queueing with controlled delay. What is absent takes the kernel's default, or is kept. */
export interface FqCodel {
  readonly kind: 'fq_codel';
  /** Packets over all flows. */
  readonly limit?: number;
  /** Number of queues, fixed when the qdisc is made: a change that carries it fails with EINVAL. */
  readonly flows?: number;
  readonly quantumBytes?: number;
  /** Microseconds; reads back up to 1 less. */
  readonly intervalUs?: number;
  /** Microseconds; reads back up to 1 less. */
  readonly targetUs?: number;
  readonly ecn?: boolean;
  /** Microseconds; reads back up to 1 less. */
  readonly ceThresholdUs?: number;
  readonly memoryLimitBytes?: number;
  /** Packets dropped at once where the limit is exceeded. */
  readonly dropBatchSize?: number;
}

/** In tc's order. */
const MEMBERS = [
  ['limit', TCA_FQ_CODEL_LIMIT],
  ['flows', TCA_FQ_CODEL_FLOWS],
  ['quantumBytes', TCA_FQ_CODEL_QUANTUM],
  ['intervalUs', TCA_FQ_CODEL_INTERVAL],
  ['targetUs', TCA_FQ_CODEL_TARGET],
  ['ecn', TCA_FQ_CODEL_ECN],
  ['ceThresholdUs', TCA_FQ_CODEL_CE_THRESHOLD],
  ['memoryLimitBytes', TCA_FQ_CODEL_MEMORY_LIMIT],
  ['dropBatchSize', TCA_FQ_CODEL_DROP_BATCH_SIZE],
] as const;

/** Writes the TCA_OPTIONS payload. Throws RangeError. */
export function writeFqCodel(writer: Writer, fqCodel: FqCodel): void {
  for (const [name, type] of MEMBERS) {
    const value = fqCodel[name];
    if (value !== undefined) writer.attributeU32(type, requireU32(name, Number(value)));
  }
}

export function decodeFqCodel(bytes: Uint8Array): FqCodel {
  const attributes = Attributes.read(bytes);
  const present = MEMBERS.filter(([, type]) => attributes.has(type)).map(([name, type]) => {
    const value = new StructReader(attributes.bytes(type)).u32();
    return [name, name === 'ecn' ? value !== 0 : value] as const;
  });
  return { kind: 'fq_codel', ...Object.fromEntries(present) };
}
