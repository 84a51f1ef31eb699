import {
  Direction,
  type DirectionFlags,
  directionFromFlags,
  exactDirection,
  type FileCondition,
  type FileConditions,
  type LinkCondition,
  type LinkConditions,
  type LinkLimits,
  validate,
  word,
} from '@netweir/api';

/** Ethernet's: what a packet of a full queue is taken to have. */
const PACKET_BYTES = 1500;
const LIMITS = /_(?:kbit|ms|pct|pkts)$/u;

/**
 * Both ways of a link.
 * @throws NetweirError where the kernel could not do it, such as reordering without a delay
 */
export function conditionsOf(conditions: FileConditions): LinkConditions {
  if (typeof conditions === 'string') return conditionOf(conditions);
  if (!('egress' in conditions || 'ingress' in conditions)) {
    return conditionOf(conditions as FileCondition);
  }
  const { egress, ingress } = conditions;
  return {
    ...(egress === undefined ? {} : { egress: conditionOf(egress) }),
    ...(ingress === undefined ? {} : { ingress: conditionOf(ingress) }),
  };
}

/** One way of a link. @throws NetweirError as `conditionsOf` */
export function conditionOf(condition: FileCondition): LinkCondition {
  if (condition === 'mobile') return 'mobile-4g';
  if (typeof condition === 'string') return word<Exclude<LinkCondition, object>>(condition);
  const limits = Object.keys(condition).some((key) => LIMITS.test(key));
  const wanted = limits
    ? fromLimits(condition as LinkLimits)
    : directionFromFlags(flagsOf(condition), (flag) => flag.replace(/[A-Z]/gu, lowered));
  const direction = validate(Direction, wanted ?? {}, 'the condition');
  exactDirection(direction);
  return direction;
}

const lowered = (letter: string): string => `_${letter.toLowerCase()}`;
const raised = (_: string, letter: string): string => letter.toUpperCase();

/** The flags of `netweir set` for keys that are theirs with underscores. */
function flagsOf(condition: object): DirectionFlags {
  const entries = Object.entries(condition).map(([key, value]) => [
    key.replace(/_([a-z])/gu, raised),
    typeof value === 'number' ? String(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function fromLimits(limits: LinkLimits): Direction {
  const numbers = new Map(
    Object.entries(limits).map(([key, value]) => [key as keyof LinkLimits, Number(value)]),
  );
  const value = (key: keyof LinkLimits): number => numbers.get(key) ?? 0;
  const [latency, jitter, rate] = [value('latency_ms'), value('jitter_ms'), value('rate_kbit')];
  const share = (key: keyof LinkLimits) =>
    value(key) > 0 ? { probability: percent(value(key)) } : undefined;
  const optional = {
    delay:
      latency + jitter > 0
        ? { mean: `${latency}ms`, ...(jitter > 0 ? { jitter: `${jitter}ms` } : {}) }
        : undefined,
    loss: lossOf(value('loss_pct'), value('loss_burst_pkts')),
    reorder: share('reorder_pct'),
    duplicate: share('duplicate_pct'),
    corrupt: share('corrupt_pct'),
    rate: rate > 0 ? { rate: `${rate}kbit` } : undefined,
    limitPackets: packetsOf(rate, latency + jitter, value('buffer_ms')),
  };
  const given = Object.entries(optional).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(given);
}

/**
 * Losses in bursts of a mean length, with the same share of all packets: the two states of Gilbert
 * (1960), where the bad one ends with 1 / burst.
 */
function lossOf(share: number, burst: number): Direction['loss'] {
  if (share === 0) return undefined;
  if (burst < 2 || share >= 100) return { model: 'random', probability: percent(share) };
  const p = share / (burst * (1 - share / 100));
  return { model: 'gilbert-elliott', p: percent(p), r: percent(100 / burst) };
}

/** A queue that holds what is on its way, and what waits `bufferMs` at most. */
function packetsOf(rateKbit: number, delayMs: number, bufferMs: number): number | undefined {
  if (rateKbit === 0 || bufferMs === 0) return undefined;
  return Math.max(1, Math.ceil((rateKbit * (delayMs + bufferMs)) / (8 * PACKET_BYTES)));
}

/** Without an exponent, and no finer than the kernel's scale. */
function percent(value: number): string {
  return `${value.toFixed(9).replace(/\.?0+$/u, '')}%`;
}
