/** There is no such packet: it was not duplicated. */
export const ABSENT = 0;
/** The loss model takes it. */
export const LOST = 1;
/** The queue is full. */
export const REFUSED = 2;
/** It goes on at once. */
export const SENT = 3;
/** It waits until `dueNs`. */
export const HELD = 4;

export type Outcome = typeof ABSENT | typeof LOST | typeof REFUSED | typeof SENT | typeof HELD;

/** A frame that has come. Made once per model and overwritten for frame after frame. */
export class Frame {
  /** When it came. */
  nowNs = 0;
  lengthBytes = 0;
  /** How many packets it stands for, and the length of the first of them. */
  segments = 1;
  firstSegmentBytes = 0;
  isEcnCapable = false;
  /**
   * When the last of all packets that were delayed is due; -Infinity if there was none. Whether it has
   * left does not matter: a late thread takes frames that came before it had.
   */
  lastDueNs = -Infinity;
}

/** What happens to one packet. Made once per model and overwritten for packet after packet. */
export class Fate {
  /** Whether it is of the duplicate and not of the packet itself. */
  readonly isDuplicate: boolean;
  outcome: Outcome = ABSENT;
  /** What it counts on the wire, where it is SENT or HELD: a GSO frame with the headers of all segments. */
  lengthBytes = 0;
  /** When it is due, where it is SENT or HELD: in ns, and in the past if it is late already. */
  dueNs = 0;
  /** Congestion is to be marked in it (`markCongestion`), before it is split or corrupted. */
  isMarked = false;
  /** The bit to invert: 8 times its byte in the frame plus its place there; -1 for none. */
  corruptBit = -1;
  /**
   * A GSO frame is to be split: this fate is of its first packet alone, to which `corruptBit` belongs;
   * the others go to `DirectionModel.enqueueRest`.
   */
  isOfFirstSegment = false;

  constructor(isDuplicate: boolean) {
    this.isDuplicate = isDuplicate;
  }

  reset(): void {
    this.outcome = ABSENT;
    this.isMarked = false;
    this.corruptBit = -1;
    this.isOfFirstSegment = false;
  }
}

/**
 * What happens to a packet that was enqueued, and to its duplicate. The duplicate enters the queue
 * first.
 */
export class Verdict {
  readonly duplicate: Fate = new Fate(true);
  readonly packet: Fate = new Fate(false);
}
