import { Attributes, formatHandle, type Qdisc, type TcClass } from '@netweir/kernel';

/** Kinds whose dump, sent back, makes the same qdisc again. */
const WHOLE: ReadonlySet<string> = new Set([
  ...['pfifo', 'bfifo', 'pfifo_fast', 'noqueue', 'blackhole', 'fq_codel', 'fq', 'codel', 'pie'],
  ...['cake', 'hhf', 'sfq', 'skbprio', 'tbf', 'netem', 'prio', 'multiq', 'mq', 'mqprio'],
  ...['htb', 'hfsc', 'drr', 'qfq'],
]);
/** Kinds that come back but for something that no dump tells. */
const ALMOST: ReadonlyMap<string, string> = new Map(
  ['red', 'choke'].map((kind) => [
    kind,
    'has a table of how its average falls in idle times, which the kernel does not tell',
  ]),
);

/** Kinds whose classes people make; those of others come with the qdisc. */
const WITH_CLASSES: ReadonlySet<string> = new Set(['htb', 'hfsc', 'drr', 'qfq']);

/** Of `struct tc_mqprio_qopt`: behind the number of classes and the map of 16 priorities. */
const MQPRIO_HW_OFFSET = 17;
const TCA_HTB_OFFLOAD = 9;

export interface LossOfQdisc {
  readonly loss: string | undefined;
  /** Whether it cannot be put back even without what is lost. */
  readonly isWhole: boolean;
}

export function hasClassesOfPeople(kind: string): boolean {
  return WITH_CLASSES.has(kind);
}

/** What of a qdisc cannot be put back, in words. */
export function lossOfQdisc(qdisc: Qdisc): LossOfQdisc {
  const what = `the ${qdisc.kind} qdisc ${formatHandle(qdisc.handle)}`;
  const whole = reasonOfWhole(qdisc);
  if (whole) return { loss: `${what} ${whole}`, isWhole: true };
  const part = reasonOfPart(qdisc);
  return { loss: part && `${what} ${part}`, isWhole: false };
}

export function lossOfClass({ kind, handle, hasEstimator }: TcClass): string[] {
  return hasEstimator ? [`the ${kind} class ${formatHandle(handle)} ${ESTIMATOR}`] : [];
}

const ESTIMATOR = 'has a rate estimator, whose settings the kernel does not tell';

function reasonOfWhole({ kind, isOffloaded, rawOptions }: Qdisc): string | undefined {
  if (!WHOLE.has(kind) && !ALMOST.has(kind)) return 'is of a kind that netweir cannot put back';
  const isOffloadAsked =
    (kind === 'mqprio' && (rawOptions?.[MQPRIO_HW_OFFSET] ?? 0) !== 0) ||
    (kind === 'htb' && rawOptions && Attributes.read(rawOptions).has(TCA_HTB_OFFLOAD));
  return isOffloaded || isOffloadAsked ? 'is offloaded to hardware' : undefined;
}

function reasonOfPart({ kind, options, hasEstimator }: Qdisc): string | undefined {
  if (hasEstimator) return ESTIMATOR;
  if (options?.kind === 'netem' && (options.jitterNs > 0 || options.slot.distJitterNs > 0)) {
    return 'has a jitter, whose distribution the kernel does not tell';
  }
  return ALMOST.get(kind);
}
