import type { Comparison } from '@netweir/api';
import type { Compared } from './compare.ts';
import type { Element } from './element.ts';

/** What was noticed during a measurement that may tell why something is not as set. */
export interface Circumstances {
  /** What is on the way of what is compared, with the counters from before. */
  readonly elements: readonly Element[];
  /** The counters from after, in the same order. */
  readonly after: readonly (Element | undefined)[];
  readonly isWayKnown: boolean;
  /** Interfaces on the way with qdiscs of somebody else's that delay, drop or shape. */
  readonly foreign: readonly string[];
  /** How late this process was with sending, at worst but for one in a hundred, in milliseconds. */
  readonly lateMs: number;
  readonly offeredBitPerSec?: number | undefined;
}

const LATE_MS = 5;

/** Adds why a comparison may be as it is; none to what is as set. */
export function withHints(compared: Compared, circumstances: Circumstances): Comparison {
  if (compared.verdict === 'as set') return { ...compared, hints: [] };
  const one = unlessLate(compared, circumstances.lateMs);
  const hints = HINTS.flatMap((hint) => hint(one, circumstances) ?? []);
  return { ...one, hints };
}

/** What may as well be the lateness of this process, which stamps what it sends and what comes, is no difference. */
function unlessLate(one: Compared, lateMs: number): Compared {
  const isTime = one.quantity === 'delay' || one.quantity === 'jitter';
  const excess = (one.achieved ?? 0) - one.set;
  const isLate = isTime && one.verdict === 'differs' && excess > 0 && excess <= lateMs;
  return isLate ? { ...one, verdict: 'unclear' } : one;
}

type Hint = (compared: Compared, circumstances: Circumstances) => string | undefined;

const isMore = ({ achieved, set }: Compared): boolean => (achieved ?? 0) > set;

const HINTS: readonly Hint[] = [
  ({ achieved, samples }) =>
    achieved === null || samples === 0
      ? 'nothing arrived: is the way open for this kind of packets (firewall, link state, routes)?'
      : undefined,
  ({ verdict, samples, quantity, achieved, low, high, set }) =>
    verdict === 'unclear' &&
    achieved !== null &&
    quantity !== 'rate' &&
    (low ?? set) <= set &&
    (high ?? set) >= set
      ? `${samples} packets are too few to tell: measure for longer (--duration)`
      : undefined,
  (one, { isWayKnown }) =>
    one.verdict !== 'as set' && isMore(one) && !isWayKnown
      ? 'part of the way is not known to netweir: what it adds cannot be told from what is set'
      : undefined,
  (one, { foreign }) =>
    isMore(one) && foreign.length > 0
      ? `somebody else's qdiscs are on the way, too: ${foreign.join(', ')}`
      : undefined,
  overfullQueue,
  correlatedLoss,
  lateEngine,
  coarseTimers,
  bursts,
  ({ quantity, verdict, set }, { offeredBitPerSec }) =>
    quantity === 'rate' && verdict === 'unclear' && (offeredBitPerSec ?? set * 2) < set * 1.05
      ? `netweir could offer ${Math.round((offeredBitPerSec ?? 0) / 1e6)} Mbit/s only, of ${Math.round(set / 1e6)} Mbit/s that are set`
      : undefined,
  (one, { lateMs }) =>
    ['delay', 'jitter', 'rate'].includes(one.quantity) && lateMs > LATE_MS
      ? `this process was up to ${lateMs.toFixed(0)} ms late with sending: the machine is busy`
      : undefined,
];

/** Drops that are none of the losses asked for. */
function overfullQueue(one: Compared, { elements, after }: Circumstances): string | undefined {
  if (one.quantity !== 'loss' && one.quantity !== 'rate') return undefined;
  const full = elements.filter(({ exact, counters }, index) => {
    const dropped = (after[index]?.counters?.droppedPackets ?? 0) - (counters?.droppedPackets ?? 0);
    return !exact.loss && dropped > 0;
  });
  if (full.length === 0 || (one.quantity === 'loss' && !isMore(one))) return undefined;
  const names = full.map(
    ({ name, exact }) =>
      `${name}${exact.limitPackets === undefined ? '' : ` (${exact.limitPackets} packets)`}`,
  );
  return `the queue was full and dropped packets at ${names.join(', ')}`;
}

function correlatedLoss({ quantity }: Compared, { elements }: Circumstances): string | undefined {
  const isCorrelated = elements.some(
    ({ exact: { loss } }) => loss?.model === 'random' && loss.correlation > 0,
  );
  return quantity === 'loss' && isCorrelated
    ? 'a correlation changes how often netem loses packets: use gilbert-elliott for bursts of loss'
    : undefined;
}

function lateEngine(one: Compared, { elements }: Circumstances): string | undefined {
  const isOurs = elements.some(({ mechanism }) => mechanism === 'userspace');
  return isOurs && isMore(one) && ['delay', 'jitter'].includes(one.quantity)
    ? 'the userspace engine runs late where the machine has no processor to spare'
    : undefined;
}

/** A tick of the slowest kernels. */
const LONGEST_TICK_MS = 10;

function coarseTimers(one: Compared, { elements }: Circumstances): string | undefined {
  const isKernel = elements.some(({ mechanism }) => mechanism !== 'userspace');
  const excess = (one.achieved ?? 0) - one.set;
  return isKernel && one.quantity === 'delay' && excess > 0 && excess <= LONGEST_TICK_MS
    ? 'a kernel without high-resolution timers delays by whole ticks (1 to 10 ms, CONFIG_HZ)'
    : undefined;
}

function bursts(one: Compared, { elements }: Circumstances): string | undefined {
  const isBucket = elements.some(({ mechanism }) => mechanism === 'tbf');
  return isBucket && one.quantity === 'rate' && isMore(one)
    ? 'a token bucket lets its burst through at once; offloads (GSO) hand it large packets'
    : undefined;
}
