import { isDeepStrictEqual } from 'node:util';
import {
  type BitsPerSecond,
  CERTAIN,
  type Distribution,
  type ExactDirection,
  type Nanoseconds,
  type Probability,
} from '@netweir/api';
import { type Netem, netemDistribution, neutralNetem } from '@netweir/kernel';
import { defaultLimitPackets } from './limit.ts';

/** Shapes that the kernel keeps but does not show: what was sent last is all that can be known. */
export interface SentDistributions {
  readonly delay: Distribution;
  readonly slot: Distribution;
}

/**
 * Keeps packets in order and costs them no time (net/sched/sch_netem.c, netem_enqueue: with a rate a packet
 * leaves after the last one; packet_time_ns rounds to 0). In bytes a second, more than the model can ask for.
 */
const ORDER_KEEPING_RATE = 2 ** 50;

export const NO_DISTRIBUTIONS: SentDistributions = { delay: 'uniform', slot: 'uniform' };

export function distributionsOf({ delay, slot }: ExactDirection): SentDistributions {
  return {
    delay: delay?.distribution ?? 'uniform',
    slot: slot && 'distribution' in slot ? slot.distribution : 'uniform',
  };
}

/**
 * The netem that does what is wanted. A netem that once got a table keeps it, so `sent` says what it
 * has (undefined: nobody knows): going back to uniform sends a uniform table.
 */
export function netemOf(wanted: ExactDirection, sent: SentDistributions | undefined): Netem {
  const { delay, loss, duplicate, corrupt, reorder, rate, slot, ecn, seed } = wanted;
  return {
    ...neutralNetem,
    latencyNs: delay?.meanNs ?? 0,
    jitterNs: delay?.jitterNs ?? 0,
    limit: wanted.limitPackets ?? defaultLimitPackets(wanted),
    loss: loss ? netemLoss(loss) : neutralNetem.loss,
    gap: reorder?.gap ?? 0,
    duplicate: duplicate?.probability ?? 0,
    correlation: {
      delay: delay?.correlation ?? 0,
      loss: loss?.model === 'random' ? loss.correlation : 0,
      duplicate: duplicate?.correlation ?? 0,
    },
    reorder: reorder ? chance(reorder.probability, reorder.correlation) : neutralNetem.reorder,
    corrupt: corrupt ?? neutralNetem.corrupt,
    rate: netemRate(rate, delay?.keepsOrder ?? false),
    ecn,
    slot: slot ? netemSlot(slot) : neutralNetem.slot,
    ...tables(wanted, sent),
    ...(seed !== undefined && { seed }),
  };
}

/**
 * What a netem does, in the model's terms. `asked` tells what the kernel does not: the shapes, and
 * whether the seed was anybody's wish.
 */
export function directionOfNetem(netem: Netem, asked: ExactDirection | undefined): ExactDirection {
  const sent = asked ? distributionsOf(asked) : NO_DISTRIBUTIONS;
  const { loss, duplicate, corrupt, reorder, correlation, rate, slot } = netem;
  const direction: ExactDirection = {
    ...((netem.latencyNs > 0 || netem.jitterNs > 0) && {
      delay: {
        meanNs: netem.latencyNs as Nanoseconds,
        jitterNs: netem.jitterNs as Nanoseconds,
        correlation: correlation.delay as Probability,
        distribution: sent.delay,
        keepsOrder:
          rate.bytesPerSecond === ORDER_KEEPING_RATE || (asked?.delay?.keepsOrder ?? false),
      },
    }),
    ...(duplicate > 0 && { duplicate: chance(duplicate, correlation.duplicate) }),
    ...(corrupt.probability > 0 && { corrupt: chance(corrupt.probability, corrupt.correlation) }),
    ...(netem.gap > 0 && {
      reorder: { ...chance(reorder.probability, reorder.correlation), gap: netem.gap },
    }),
    ...(rate.bytesPerSecond > 0 &&
      rate.bytesPerSecond !== ORDER_KEEPING_RATE && {
        rate: {
          bitPerSec: (rate.bytesPerSecond * 8) as BitsPerSecond,
          packetOverheadBytes: rate.packetOverhead,
          cellBytes: rate.cellSize,
          cellOverheadBytes: rate.cellOverhead,
        },
      }),
    ...lossOfNetem(loss, correlation.loss),
    ...slotOfNetem(slot, sent.slot),
    ecn: netem.ecn,
    ...(asked?.seed !== undefined && netem.seed !== undefined && { seed: netem.seed }),
  };
  return netem.limit === defaultLimitPackets(direction)
    ? direction
    : { ...direction, limitPackets: netem.limit };
}

function tables(
  wanted: ExactDirection,
  sent: SentDistributions | undefined,
): Pick<Netem, 'delayDistribution' | 'slotDistribution'> {
  const { delay, slot } = distributionsOf(wanted);
  // Without a table netem takes such slots for ones between two times, which are 0 (get_slot_next).
  const needsSlotTable = wanted.slot !== undefined && 'distribution' in wanted.slot;
  return {
    ...((delay !== 'uniform' || sent?.delay !== 'uniform') && {
      delayDistribution: netemDistribution(delay),
    }),
    ...((needsSlotTable || sent?.slot !== 'uniform') && {
      slotDistribution: netemDistribution(slot),
    }),
  };
}

function netemRate(rate: ExactDirection['rate'], keepsOrder: boolean): Netem['rate'] {
  if (!rate) {
    return keepsOrder
      ? { ...neutralNetem.rate, bytesPerSecond: ORDER_KEEPING_RATE }
      : neutralNetem.rate;
  }
  return {
    bytesPerSecond: Math.floor(rate.bitPerSec / 8),
    packetOverhead: rate.packetOverheadBytes,
    cellSize: rate.cellBytes,
    cellOverhead: rate.cellOverheadBytes,
  };
}

function netemLoss(loss: NonNullable<ExactDirection['loss']>): Netem['loss'] {
  switch (loss.model) {
    case 'random':
      return { model: 'random', probability: loss.probability };
    case 'gilbert-elliott':
      // The kernel's h is the chance to get through in the bad state, not the chance to be lost.
      return {
        model: 'gilbert-elliott',
        p: loss.p,
        r: loss.r,
        h: CERTAIN - loss.lossInBad,
        k1: loss.lossInGood,
      };
    case 'state':
      return loss;
  }
}

function lossOfNetem(loss: Netem['loss'], correlation: number): Pick<ExactDirection, 'loss'> {
  switch (loss.model) {
    case 'random':
      return loss.probability === 0
        ? {}
        : { loss: { model: 'random', ...chance(loss.probability, correlation) } };
    case 'gilbert-elliott':
      return {
        loss: {
          model: 'gilbert-elliott',
          p: loss.p as Probability,
          r: loss.r as Probability,
          lossInBad: (CERTAIN - loss.h) as Probability,
          lossInGood: loss.k1 as Probability,
        },
      };
    case 'state':
      return {
        loss: {
          model: 'state',
          p13: loss.p13 as Probability,
          p31: loss.p31 as Probability,
          p32: loss.p32 as Probability,
          p23: loss.p23 as Probability,
          p14: loss.p14 as Probability,
        },
      };
  }
}

function netemSlot(slot: NonNullable<ExactDirection['slot']>): Netem['slot'] {
  const limits = { maxPackets: slot.maxPackets, maxBytes: slot.maxBytes };
  return 'minDelayNs' in slot
    ? { ...neutralNetem.slot, ...limits, minDelayNs: slot.minDelayNs, maxDelayNs: slot.maxDelayNs }
    : { ...neutralNetem.slot, ...limits, distDelayNs: slot.delayNs, distJitterNs: slot.jitterNs };
}

function slotOfNetem(
  slot: Netem['slot'],
  distribution: Distribution,
): Pick<ExactDirection, 'slot'> {
  // The kernel turns an absent limit into the largest number (net/sched/sch_netem.c, get_slot).
  const limits = { maxPackets: unlimited(slot.maxPackets), maxBytes: unlimited(slot.maxBytes) };
  if (slot.distDelayNs > 0 || slot.distJitterNs > 0) {
    const delayNs = slot.distDelayNs as Nanoseconds;
    return {
      slot: { ...limits, distribution, delayNs, jitterNs: slot.distJitterNs as Nanoseconds },
    };
  }
  if (slot.maxDelayNs === 0) return {};
  const minDelayNs = slot.minDelayNs as Nanoseconds;
  return { slot: { ...limits, minDelayNs, maxDelayNs: slot.maxDelayNs as Nanoseconds } };
}

function unlimited(limit: number): number {
  return limit === 0x7fff_ffff ? 0 : limit;
}

function chance(
  probability: number,
  correlation: number,
): { probability: Probability; correlation: Probability } {
  return { probability: probability as Probability, correlation: correlation as Probability };
}

/** Whether a netem read back is the one that was sent, as far as the kernel shows it. */
export function isSameNetem(found: Netem, sent: Netem): boolean {
  return isDeepStrictEqual(shown(found), shown(sent));
}

function shown({
  delayDistribution: _delay,
  slotDistribution: _slot,
  slot,
  ...rest
}: Netem): object {
  const { maxPackets, maxBytes, ...delays } = slot;
  return {
    ...rest,
    slot: { ...delays, maxPackets: unlimited(maxPackets), maxBytes: unlimited(maxBytes) },
  };
}
