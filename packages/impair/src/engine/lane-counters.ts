import type { Branch } from './branch.ts';

const FIELDS = [
  'sentPackets',
  'sentBytes',
  'droppedPackets',
  'queuedPackets',
  'queuedBytes',
] as const;

/** What a branch of a lane has done, and what waits in it. */
export type BranchCounters = { readonly [field in (typeof FIELDS)[number]]: number };

/** What a lane has done, to packets that no rule took and to those of each rule. */
export interface LaneCounters {
  readonly base: BranchCounters;
  readonly rules: readonly BranchCounters[];
}

/** Shared memory into which the engine's thread writes the counters of a lane with so many rules. */
export function sharedCounters(rules: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer((1 + rules) * FIELDS.length * 8));
}

/** Writes those of the branch with the given number: 0 is the base, the rules follow. */
export function writeCounters(shared: Float64Array, index: number, branch: Branch): void {
  const { model } = branch;
  const at = index * FIELDS.length;
  shared[at] = branch.sentPackets;
  shared[at + 1] = branch.sentBytes;
  shared[at + 2] = model.counters.lost + model.counters.refused + branch.undelivered;
  shared[at + 3] = model.length;
  shared[at + 4] = branch.queuedBytes;
}

export function readCounters(shared: Float64Array): LaneCounters {
  const rules = shared.length / FIELDS.length - 1;
  return {
    base: readBranch(shared, 0),
    rules: Array.from({ length: rules }, (_, rule) => readBranch(shared, 1 + rule)),
  };
}

function readBranch(shared: Float64Array, index: number): BranchCounters {
  const at = index * FIELDS.length;
  const [sentPackets = 0, sentBytes = 0, droppedPackets = 0, queuedPackets = 0, queuedBytes = 0] =
    shared.subarray(at, at + FIELDS.length);
  return { sentPackets, sentBytes, droppedPackets, queuedPackets, queuedBytes };
}
