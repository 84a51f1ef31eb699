import type { Lane } from './lane.ts';

const FIELDS = [
  'sentPackets',
  'sentBytes',
  'droppedPackets',
  'queuedPackets',
  'queuedBytes',
] as const;

/** What a lane has done, and what waits in it. */
export type LaneCounters = { readonly [field in (typeof FIELDS)[number]]: number };

/** Shared memory into which the engine's thread writes a lane's counters. */
export function sharedCounters(): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(FIELDS.length * 8));
}

export function writeCounters(shared: Float64Array, lane: Lane): void {
  const { counters, length } = lane.model;
  shared[0] = lane.sentPackets;
  shared[1] = lane.sentBytes;
  shared[2] = counters.lost + counters.refused + lane.undelivered;
  shared[3] = length;
  shared[4] = lane.queuedBytes;
}

export function readCounters(shared: Float64Array): LaneCounters {
  const [sentPackets = 0, sentBytes = 0, droppedPackets = 0, queuedPackets = 0, queuedBytes = 0] =
    shared;
  return { sentPackets, sentBytes, droppedPackets, queuedPackets, queuedBytes };
}
