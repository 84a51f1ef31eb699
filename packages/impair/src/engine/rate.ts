import type { ExactDirection } from '@netweir/api';

const BITS_PER_BYTE = 8;
const NSEC_PER_SEC = 1e9;

/**
 * How long a packet of so many bytes occupies the wire, in whole ns (net/sched/sch_netem.c,
 * packet_time_ns): with its overhead, and rounded up to cells where there are any. The length is the
 * one of the frame with its Ethernet header. Unlike the kernel, it takes the rate in bits, so that
 * none is lost by rounding to bytes, and a negative overhead never makes a length below zero.
 */
export function packetTimeNs(
  lengthBytes: number,
  rate: NonNullable<ExactDirection['rate']>,
): number {
  let length = Math.max(0, lengthBytes + rate.packetOverheadBytes);
  if (rate.cellBytes > 0) {
    const cells = Math.ceil(length / rate.cellBytes);
    length = cells * Math.max(0, rate.cellBytes + rate.cellOverheadBytes);
  }
  return Math.floor((length * BITS_PER_BYTE * NSEC_PER_SEC) / rate.bitPerSec);
}

/**
 * Sets when a packet has been sent that enters a wire with a rate (net/sched/sch_netem.c,
 * netem_enqueue): its own time after the last one, so that order is kept. The wait for that one counts
 * towards the packet's delay.
 */
export function serialise(
  fate: { dueNs: number },
  { nowNs, lastDueNs }: { readonly nowNs: number; readonly lastDueNs: number },
  delayNs: number,
  packetNs: number,
): void {
  fate.dueNs = Math.max(nowNs + delayNs, lastDueNs) + packetNs;
}
