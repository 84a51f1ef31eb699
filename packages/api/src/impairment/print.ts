import { formatDuration } from '../units/duration.ts';
import { formatPercent } from '../units/percent.ts';
import type { Probability } from '../units/quantity.ts';
import { formatRate } from '../units/rate.ts';
import type { ExactCorrelated, ExactDirection, ExactLoss, ExactSlot } from './exact.ts';
import type { Direction } from './schema.ts';

/** The inverse of `exactDirection`: exact numbers as a person writes them, defaults left out. */
export function directionOf(exact: ExactDirection): Direction {
  const { delay, loss, duplicate, corrupt, reorder, rate, limitPackets, slot, ecn, seed } = exact;
  return {
    ...(delay && {
      delay: {
        mean: formatDuration(delay.meanNs),
        ...(delay.jitterNs > 0 && { jitter: formatDuration(delay.jitterNs) }),
        ...correlationOf(delay.correlation),
        ...(delay.distribution !== 'uniform' && { distribution: delay.distribution }),
        ...(delay.keepsOrder && { reorder: 'none' as const }),
      },
    }),
    ...(loss && { loss: lossOf(loss) }),
    ...(duplicate && { duplicate: correlatedOf(duplicate) }),
    ...(corrupt && { corrupt: correlatedOf(corrupt) }),
    ...(reorder && {
      reorder: { ...correlatedOf(reorder), ...(reorder.gap !== 1 && { gap: reorder.gap }) },
    }),
    ...(rate && {
      rate: {
        rate: formatRate(rate.bitPerSec),
        ...(rate.packetOverheadBytes !== 0 && { packetOverheadBytes: rate.packetOverheadBytes }),
        ...(rate.cellBytes !== 0 && { cellBytes: rate.cellBytes }),
        ...(rate.cellOverheadBytes !== 0 && { cellOverheadBytes: rate.cellOverheadBytes }),
      },
    }),
    ...(limitPackets !== undefined && { limitPackets }),
    ...(slot && { slot: slotOf(slot) }),
    ...(ecn && { ecn }),
    ...(seed !== undefined && { seed: String(seed) }),
  };
}

/** One line for a list: `100ms ±10ms · loss 1% · 10mbit`. */
export function summarize(direction: Direction): string {
  const { delay, loss, duplicate, corrupt, reorder, rate, slot, ecn } = direction;
  return [
    delay && `delay ${delay.mean}${delay.jitter ? ` ±${delay.jitter}` : ''}`,
    loss && `loss ${summarizeLoss(loss)}`,
    duplicate && `duplicate ${duplicate.probability}`,
    corrupt && `corrupt ${corrupt.probability}`,
    reorder && `reorder ${reorder.probability}`,
    rate && `rate ${rate.rate}`,
    slot && `slot ${'minDelay' in slot ? slot.minDelay : slot.delay}`,
    ecn && 'ecn',
  ]
    .filter(Boolean)
    .join(' · ');
}

function summarizeLoss(loss: NonNullable<Direction['loss']>): string {
  switch (loss.model) {
    case 'random':
      return loss.probability;
    case 'gilbert-elliott':
      return `in bursts (p ${loss.p})`;
    case 'state':
      return `by states (p13 ${loss.p13})`;
  }
}

function correlationOf(correlation: Probability): { correlation?: string } {
  return correlation === 0 ? {} : { correlation: formatPercent(correlation) };
}

function correlatedOf(exact: ExactCorrelated): { probability: string; correlation?: string } {
  return { probability: formatPercent(exact.probability), ...correlationOf(exact.correlation) };
}

function lossOf(loss: ExactLoss): NonNullable<Direction['loss']> {
  switch (loss.model) {
    case 'random':
      return { model: 'random', ...correlatedOf(loss) };
    case 'gilbert-elliott':
      return {
        model: 'gilbert-elliott',
        p: formatPercent(loss.p),
        r: formatPercent(loss.r),
        lossInBad: formatPercent(loss.lossInBad),
        lossInGood: formatPercent(loss.lossInGood),
      };
    case 'state':
      return {
        model: 'state',
        p13: formatPercent(loss.p13),
        p31: formatPercent(loss.p31),
        p32: formatPercent(loss.p32),
        p23: formatPercent(loss.p23),
        p14: formatPercent(loss.p14),
      };
  }
}

function slotOf(slot: ExactSlot): NonNullable<Direction['slot']> {
  const limits = {
    ...(slot.maxPackets !== 0 && { maxPackets: slot.maxPackets }),
    ...(slot.maxBytes !== 0 && { maxBytes: slot.maxBytes }),
  };
  if ('minDelayNs' in slot) {
    return {
      minDelay: formatDuration(slot.minDelayNs),
      maxDelay: formatDuration(slot.maxDelayNs),
      ...limits,
    };
  }
  return {
    distribution: slot.distribution,
    delay: formatDuration(slot.delayNs),
    jitter: formatDuration(slot.jitterNs),
    ...limits,
  };
}
