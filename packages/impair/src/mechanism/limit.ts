import type { ExactDirection } from '@netweir/api';

/** tc's default, and the least that we choose. */
const MIN_PACKETS = 1000;
/** A second of small packets on a fast link; what it could hold at most bounds the memory. */
const MAX_PACKETS = 1_000_000;
const MAX_PACKETS_PER_SECOND = 1_000_000;
/** The smallest Ethernet frame: a rate cannot carry more packets than of this size. */
const MIN_FRAME_BITS = 64 * 8;

/**
 * Packets that the delay line must hold so that delay alone loses none: what the rate (or a million
 * packets a second, where there is none) lets in while a packet waits. netem's own default of 1000
 * would cap 100 ms at ten thousand packets a second.
 */
export function defaultLimitPackets({ delay, rate, slot }: ExactDirection): number {
  const delayNs = delay ? delay.meanNs + 4 * delay.jitterNs : 0;
  const slotNs = slot
    ? 'maxDelayNs' in slot
      ? slot.maxDelayNs
      : slot.delayNs + 4 * slot.jitterNs
    : 0;
  const perSecond = rate
    ? Math.min(MAX_PACKETS_PER_SECOND, rate.bitPerSec / MIN_FRAME_BITS)
    : MAX_PACKETS_PER_SECOND;
  const packets = Math.ceil((perSecond * (delayNs + slotNs)) / 1_000_000_000);
  return Math.max(MIN_PACKETS, Math.min(MAX_PACKETS, packets));
}
