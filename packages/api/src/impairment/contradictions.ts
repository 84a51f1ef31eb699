import { NetweirError } from '../errors/netweir-error.ts';
import type { ExactDirection } from './exact.ts';

/** netem caps jitter there (net/sched/sch_netem.c, tabledist takes an s32). */
const MAX_JITTER_NS = 0x7fff_ffff;

interface Contradiction {
  readonly holds: (direction: ExactDirection) => boolean;
  readonly message: string;
  readonly remedy: string;
}

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    holds: ({ reorder, delay }) => reorder !== undefined && !(delay && delay.meanNs > 0),
    message: 'reorder needs a delay: packets that jump the queue need a queue to jump',
    remedy: 'Set a delay as well, such as 10ms.',
  },
  {
    holds: ({ ecn, loss }) => ecn && loss === undefined,
    message: 'ecn needs a loss: it marks the packets that would be lost',
    remedy: 'Set a loss as well, such as 1%.',
  },
  {
    holds: ({ delay }) =>
      delay !== undefined && delay.distribution !== 'uniform' && delay.jitterNs === 0,
    message: 'a distribution needs a jitter to spread',
    remedy: 'Set a jitter as well, such as 10ms.',
  },
  {
    holds: ({ delay, reorder }) =>
      delay?.keepsOrder === true && (delay.jitterNs === 0 || reorder !== undefined),
    message: 'that the delay keeps the order says something only with a jitter and without reorder',
    remedy: 'Set a jitter, leave `reorder` out, or leave the delay without its own.',
  },
  {
    holds: ({ delay, slot }) =>
      Math.max(delay?.jitterNs ?? 0, slot && 'jitterNs' in slot ? slot.jitterNs : 0) >
      MAX_JITTER_NS,
    message: 'the jitter is above 2.147483647s, the most that the kernel takes',
    remedy: 'Set a smaller jitter.',
  },
  {
    holds: ({ slot }) =>
      slot !== undefined && 'minDelayNs' in slot && slot.maxDelayNs < slot.minDelayNs,
    message: "the slot's maxDelay is below its minDelay",
    remedy: 'Swap the two.',
  },
  {
    holds: ({ slot }) => slot !== undefined && 'maxDelayNs' in slot && slot.maxDelayNs === 0,
    message: 'a slot of no time is no slot',
    remedy: 'Set a minDelay or maxDelay, such as 1ms.',
  },
  {
    holds: ({ slot }) => slot !== undefined && 'jitterNs' in slot && slot.jitterNs === 0,
    message: 'a slot with a distribution needs a jitter to spread',
    remedy: 'Set a jitter, such as 1ms.',
  },
  {
    holds: ({ rate }) => rate !== undefined && rate.cellOverheadBytes !== 0 && rate.cellBytes === 0,
    message: 'a cell overhead needs a cell size',
    remedy: 'Set cellBytes as well.',
  },
];

/** @throws NetweirError `invalid-combination` where settings need one another or exceed the kernel's range */
export function refuseContradictions(direction: ExactDirection): void {
  const found = CONTRADICTIONS.find(({ holds }) => holds(direction));
  if (found) throw new NetweirError('invalid-combination', found.message, { remedy: found.remedy });
}

/** netem reckons a packet's time from the last one's where it has a rate (net/sched/sch_netem.c, netem_enqueue). */
export function rateKeepsOrder(): NetweirError {
  return new NetweirError(
    'invalid-combination',
    'behind a rate packets keep their order: jitter cannot reorder them',
    { remedy: 'Leave the rate out, or ask for `reorder` with a probability.' },
  );
}
