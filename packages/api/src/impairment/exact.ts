import { parseDuration } from '../units/duration.ts';
import { CERTAIN, parsePercent } from '../units/percent.ts';
import type { BitsPerSecond, Nanoseconds, Probability } from '../units/quantity.ts';
import { parseRate } from '../units/rate.ts';
import { rateKeepsOrder, refuseContradictions } from './contradictions.ts';
import type { Direction, Distribution } from './schema.ts';

export interface ExactCorrelated {
  readonly probability: Probability;
  readonly correlation: Probability;
}

export type ExactLoss =
  | ({ readonly model: 'random' } & ExactCorrelated)
  | {
      readonly model: 'gilbert-elliott';
      readonly p: Probability;
      readonly r: Probability;
      readonly lossInBad: Probability;
      readonly lossInGood: Probability;
    }
  | {
      readonly model: 'state';
      readonly p13: Probability;
      readonly p31: Probability;
      readonly p32: Probability;
      readonly p23: Probability;
      readonly p14: Probability;
    };

export type ExactSlot = { readonly maxPackets: number; readonly maxBytes: number } & (
  | { readonly minDelayNs: Nanoseconds; readonly maxDelayNs: Nanoseconds }
  | {
      readonly distribution: Distribution;
      readonly delayNs: Nanoseconds;
      readonly jitterNs: Nanoseconds;
    }
);

/** A `Direction` in the kernel's numbers: nanoseconds, bits per second, parts of 2^32 - 1. */
export interface ExactDirection {
  readonly delay?: {
    readonly meanNs: Nanoseconds;
    readonly jitterNs: Nanoseconds;
    readonly correlation: Probability;
    readonly distribution: Distribution;
    /** Whether a packet never overtakes another by its jitter. */
    readonly keepsOrder: boolean;
  };
  readonly loss?: ExactLoss;
  readonly duplicate?: ExactCorrelated;
  readonly corrupt?: ExactCorrelated;
  readonly reorder?: ExactCorrelated & { readonly gap: number };
  readonly rate?: {
    readonly bitPerSec: BitsPerSecond;
    readonly packetOverheadBytes: number;
    readonly cellBytes: number;
    readonly cellOverheadBytes: number;
  };
  readonly limitPackets?: number;
  readonly slot?: ExactSlot;
  readonly ecn: boolean;
  readonly seed?: bigint;
}

/**
 * The exact numbers of a direction that its schema has accepted, with tc's defaults filled in.
 *
 * @throws NetweirError `invalid-combination` where settings need one another or exceed the kernel's range
 */
export function exactDirection(direction: Direction): ExactDirection {
  const { delay, loss, duplicate, corrupt, reorder, rate, limitPackets, slot, ecn, seed } =
    direction;
  const exact: ExactDirection = {
    ...(delay && { delay: exactDelay(delay) }),
    ...(loss && { loss: exactLoss(loss) }),
    ...(duplicate && { duplicate: exactCorrelated(duplicate) }),
    ...(corrupt && { corrupt: exactCorrelated(corrupt) }),
    ...(reorder && { reorder: { ...exactCorrelated(reorder), gap: reorder.gap ?? 1 } }),
    ...(rate && {
      rate: {
        bitPerSec: parseRate(rate.rate),
        packetOverheadBytes: rate.packetOverheadBytes ?? 0,
        cellBytes: rate.cellBytes ?? 0,
        cellOverheadBytes: rate.cellOverheadBytes ?? 0,
      },
    }),
    ...(limitPackets !== undefined && { limitPackets }),
    ...(slot && { slot: exactSlot(slot) }),
    ecn: ecn ?? false,
    ...(seed !== undefined && { seed: BigInt(seed) }),
  };
  refuseContradictions(exact);
  if (rate && delay?.reorder === 'natural') throw rateKeepsOrder();
  return exact;
}

/** Whether a direction asks for nothing that packets would notice: nothing set, or all of it zero. */
export function isUntouched(direction: Direction): boolean {
  const { delay, loss, duplicate, corrupt, reorder, rate, slot } = exactDirection(direction);
  const isDelayed = delay !== undefined && delay.meanNs + delay.jitterNs > 0;
  const isLost = loss !== undefined && !(loss.model === 'random' && loss.probability === 0);
  const happens = [duplicate, corrupt, reorder].some((one) => one && one.probability > 0);
  return !(isDelayed || isLost || happens || rate || slot);
}

function exactDelay(delay: NonNullable<Direction['delay']>): NonNullable<ExactDirection['delay']> {
  return {
    meanNs: parseDuration(delay.mean),
    jitterNs: parseDuration(delay.jitter ?? '0ms'),
    correlation: percentOr(delay.correlation, 0),
    distribution: delay.distribution ?? 'uniform',
    keepsOrder: delay.reorder === 'none',
  };
}

function exactCorrelated(value: {
  probability: string;
  correlation?: string | undefined;
}): ExactCorrelated {
  return {
    probability: parsePercent(value.probability),
    correlation: percentOr(value.correlation, 0),
  };
}

function exactLoss(loss: NonNullable<Direction['loss']>): ExactLoss {
  switch (loss.model) {
    case 'random':
      return { model: 'random', ...exactCorrelated(loss) };
    case 'gilbert-elliott': {
      const p = parsePercent(loss.p);
      return {
        model: 'gilbert-elliott',
        p,
        r: percentOr(loss.r, CERTAIN - p),
        lossInBad: percentOr(loss.lossInBad, CERTAIN),
        lossInGood: percentOr(loss.lossInGood, 0),
      };
    }
    case 'state': {
      const p13 = parsePercent(loss.p13);
      return {
        model: 'state',
        p13,
        p31: percentOr(loss.p31, CERTAIN - p13),
        p32: percentOr(loss.p32, 0),
        p23: percentOr(loss.p23, CERTAIN),
        p14: percentOr(loss.p14, 0),
      };
    }
  }
}

function exactSlot(slot: NonNullable<Direction['slot']>): ExactSlot {
  const limits = { maxPackets: slot.maxPackets ?? 0, maxBytes: slot.maxBytes ?? 0 };
  if ('minDelay' in slot) {
    const minDelayNs = parseDuration(slot.minDelay);
    return {
      ...limits,
      minDelayNs,
      maxDelayNs: slot.maxDelay ? parseDuration(slot.maxDelay) : minDelayNs,
    };
  }
  return {
    ...limits,
    distribution: slot.distribution,
    delayNs: parseDuration(slot.delay),
    jitterNs: parseDuration(slot.jitter),
  };
}

function percentOr(text: string | undefined, otherwise: number): Probability {
  return text === undefined ? (otherwise as Probability) : parsePercent(text);
}
