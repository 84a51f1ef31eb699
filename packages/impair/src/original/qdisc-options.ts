import { Attributes } from '@netweir/kernel';
import { editAttributes, u32At, u32Bytes, viewOf, withAttribute } from './attributes.ts';

// linux/pkt_sched.h
const TCA_CODEL_TARGET = 1;
const TCA_CODEL_INTERVAL = 3;
const TCA_CODEL_CE_THRESHOLD = 5;
const TCA_FQ_CODEL_TARGET = 1;
const TCA_FQ_CODEL_INTERVAL = 3;
const TCA_FQ_CODEL_CE_THRESHOLD = 7;

const CODEL_TIMES: ReadonlySet<number> = new Set([
  TCA_CODEL_TARGET,
  TCA_CODEL_INTERVAL,
  TCA_CODEL_CE_THRESHOLD,
]);
const FQ_CODEL_TIMES: ReadonlySet<number> = new Set([
  TCA_FQ_CODEL_TARGET,
  TCA_FQ_CODEL_INTERVAL,
  TCA_FQ_CODEL_CE_THRESHOLD,
]);

const TCA_PIE_TARGET = 1;
const TCA_RED_PARMS = 1;
const TCA_RED_STAB = 2;
const TCA_RED_FLAGS = 4;

/** The last byte of `struct tc_red_qopt`. */
const RED_FLAGS_OFFSET = 15;

/** Where `struct tc_sfq_qopt` has its limit and its number of flows. */
const SFQ_LIMIT_OFFSET = 8;
const SFQ_FLOWS_OFFSET = 16;

/** The options that make a new qdisc which is dumped with `dumped`: of most kinds the same ones. */
export function restorableOptions(kind: string, dumped: Uint8Array): Uint8Array {
  switch (kind) {
    case 'codel':
      return withLongerTimes(dumped, CODEL_TIMES);
    case 'fq_codel':
      return withLongerTimes(dumped, FQ_CODEL_TIMES);
    case 'sfq':
      return withoutImpossibleLimit(dumped);
    case 'pie':
      return withLongerTarget(dumped);
    case 'red':
    case 'choke':
      return withAttribute(withFlagsOnce(dumped), TCA_RED_STAB, idleDamping);
    default:
      return dumped;
  }
}

/**
 * Microseconds are kept in steps of 1024 ns and rounded down on the way in and on the way out
 * (net/sched/sch_codel.c, sch_fq_codel.c): only one more than was dumped is rounded to the same step.
 */
function withLongerTimes(dumped: Uint8Array, times: ReadonlySet<number>): Uint8Array {
  const options = dumped.slice();
  const view = viewOf(options);
  let at = 0;
  while (at + 8 <= options.length) {
    const length = view.getUint16(at, true);
    if (times.has(view.getUint16(at + 2, true))) {
      view.setUint32(at + 4, Math.min(view.getUint32(at + 4, true) + 1, 0xffff_ffff), true);
    }
    at += Math.max(4, (length + 3) & ~3);
  }
  return options;
}

/**
 * A limit that is sent bounds the number of flows (sfq_change in net/sched/sch_sfq.c): one below
 * it, such as the default's 127 with 128 flows, is the kernel's own and must not be sent.
 */
function withoutImpossibleLimit(dumped: Uint8Array): Uint8Array {
  const options = dumped.slice();
  if (options.length < SFQ_FLOWS_OFFSET + 4) return options;
  const view = viewOf(options);
  if (view.getUint32(SFQ_FLOWS_OFFSET, true) > view.getUint32(SFQ_LIMIT_OFFSET, true)) {
    view.setUint32(SFQ_LIMIT_OFFSET, 0, true);
  }
  return options;
}

/**
 * Microseconds are kept in ticks of 64 ns and rounded down both ways (net/sched/sch_pie.c): one more than was
 * dumped gives the same, but for those that are whole ticks.
 */
function withLongerTarget(dumped: Uint8Array): Uint8Array {
  return editAttributes(dumped, (type, payload) => {
    if (type !== TCA_PIE_TARGET) return payload;
    const us = u32At(payload);
    return u32Bytes(us % 8 === 0 ? us : us + 1);
  });
}

/** red dumps its flags in two places and takes them in either. */
function withFlagsOnce(dumped: Uint8Array): Uint8Array {
  if (!Attributes.read(dumped).has(TCA_RED_FLAGS)) return dumped;
  return editAttributes(dumped, (type, payload) => {
    const copy = payload.slice();
    if (type === TCA_RED_PARMS && copy.length > RED_FLAGS_OFFSET) copy[RED_FLAGS_OFFSET] = 0;
    return copy;
  });
}

/** How much red's average falls in idle times: the middle of what its `Scell_log` leaves possible. */
const idleDamping: Uint8Array = Uint8Array.from({ length: 256 }, (_, cell) =>
  Math.min(31, Math.floor((cell * 31) / 384)),
);
