import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import {
  type FilterVerdict,
  readVerdict,
  type VerdictTypes,
  writeVerdict,
} from './filter-verdict.ts';

// linux/pkt_cls.h
const TCA_MATCHALL_CLASSID = 1; // @nl: TCA_MATCHALL_CLASSID rw 4.8
const TCA_MATCHALL_ACT = 2; // @nl: TCA_MATCHALL_ACT rw 4.8

const VERDICT: VerdictTypes = { classid: TCA_MATCHALL_CLASSID, actions: TCA_MATCHALL_ACT };

/** Takes every packet. A priority has room for one, and it cannot be replaced, only deleted. */
export interface Matchall extends FilterVerdict {
  readonly kind: 'matchall';
}

/** Writes the TCA_OPTIONS payload. Throws RangeError. */
export function writeMatchall(writer: Writer, matchall: Matchall): void {
  writeVerdict(writer, VERDICT, matchall);
}

/** Undefined where an action is not understood. */
export function decodeMatchall(bytes: Uint8Array): Matchall | undefined {
  const verdict = readVerdict(Attributes.read(bytes), VERDICT);
  return verdict && { kind: 'matchall', ...verdict };
}
