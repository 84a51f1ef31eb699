import type { ExactDirection } from '@netweir/api';
import { ABSENT, DECIMATED, type Fate, Frame, HELD, LOST, REFUSED, SENT, Verdict } from './fate.ts';
import type { Due } from './packet-heap.ts';
import { Prng } from './prng.ts';
import { DelayLine } from './queue.ts';
import { Stages } from './stages.ts';

/** What `dequeue` and `drain` return where no packet is to leave. */
export const NOTHING = -1;

export interface DirectionModelOptions {
  /**
   * Loses the packets of a GSO frame one by one. netem, and this model by default, loses the whole
   * frame or none of it.
   */
  readonly perSegmentLoss?: boolean;
}

/** What has happened so far, in packets; a GSO frame that stays whole counts as one. */
export class Counters {
  lost = 0;
  refused = 0;
  duplicated = 0;
  corrupted = 0;
  reordered = 0;
  marked = 0;
}

/**
 * What one direction of an interface does to its packets: sch_netem, with time as an argument and
 * without the packets. For each frame, `enqueue` tells its fate; the caller keeps the frame and calls
 * `hold` where it is HELD; `dequeue` returns what was held when it is due. Times are in ns from any
 * start, exact up to 2^53. The same seed and the same times and lengths give the same fates.
 */
export class DirectionModel {
  readonly counters: Counters = new Counters();
  readonly #perSegmentLoss: boolean;
  readonly #prng: Prng;
  readonly #line = new DelayLine();
  readonly #verdict = new Verdict();
  readonly #restVerdict = new Verdict();
  readonly #frame = new Frame();
  #stages: Stages;

  /** `seed` is for a direction that has none of its own. */
  constructor(
    exact: ExactDirection,
    seed: bigint,
    nowNs: number,
    { perSegmentLoss = false }: DirectionModelOptions = {},
  ) {
    this.#perSegmentLoss = perSegmentLoss;
    this.#prng = new Prng(exact.seed ?? seed);
    this.#stages = new Stages(exact, this.#prng, nowNs);
  }

  /**
   * Takes new settings. As with a change of netem to which every attribute is sent
   * (net/sched/sch_netem.c, netem_change), what is queued stays as it is, and the generator, the loss
   * model, the correlations, the reorder gap and the slots start anew.
   */
  reconfigure(exact: ExactDirection, seed: bigint, nowNs: number): void {
    this.#prng.seed(exact.seed ?? seed);
    this.#stages = new Stages(exact, this.#prng, nowNs);
  }

  /** How many packets are held. */
  get length(): number {
    return this.#line.length;
  }

  /** Whether congestion is marked, so that `enqueue` needs to know what is ECN-capable. */
  get marks(): boolean {
    return this.#stages.marks;
  }

  /** When `dequeue` is to be called next; Infinity while nothing is held. */
  get wakeNs(): number {
    return Math.max(this.#line.firstDueNs, this.#stages.slots.nextNs);
  }

  /**
   * Tells the fate of a frame that comes now, and of its duplicate (net/sched/sch_netem.c,
   * netem_enqueue). A GSO frame is one packet of its whole length; of it, `segments` and the length of
   * the first must be given. The verdict is good until the next call.
   */
  enqueue(
    nowNs: number,
    lengthBytes: number,
    isEcnCapable = false,
    segments = 1,
    firstSegmentBytes: number = lengthBytes,
  ): Verdict {
    this.#take(nowNs, lengthBytes, isEcnCapable, segments, firstSegmentBytes);
    return this.#decide(this.#verdict, true, true);
  }

  /**
   * Tells the fate of another packet of a GSO frame that was split because its fate `whole` asked for
   * it: of a survivor of a DECIMATED one, or of one behind the first. It leaves the verdict of `enqueue`
   * alone. What `whole` says of the first packet is to be done before.
   */
  enqueueRest(nowNs: number, lengthBytes: number, isEcnCapable: boolean, whole: Fate): Verdict {
    this.#take(nowNs, lengthBytes, isEcnCapable, 1, lengthBytes);
    const { isDuplicate, outcome } = whole;
    return this.#decide(this.#restVerdict, !isDuplicate, outcome !== DECIMATED);
  }

  /**
   * Keeps a packet that is HELD until its fate's time: `handle` is any integer from 0 to 2^32 - 1 by
   * which the caller knows it.
   */
  hold(fate: Due, handle: number, lengthBytes: number): void {
    this.#line.push(fate, handle, lengthBytes);
  }

  /**
   * The handle of the next packet that leaves now, or NOTHING (net/sched/sch_netem.c, netem_dequeue).
   * To be called until there is none.
   */
  dequeue(nowNs: number): number {
    const line = this.#line;
    if (line.length === 0) return NOTHING;
    const { slots } = this.#stages;
    const dueNs = line.firstDueNs;
    slots.await(dueNs, nowNs);
    if (dueNs > nowNs || slots.nextNs > nowNs) return NOTHING;
    slots.pass(line.firstBytes, nowNs);
    return this.drain();
  }

  /** The handle of the next packet, due or not, or NOTHING: for the end of the model. */
  drain(): number {
    if (this.#line.length === 0) return NOTHING;
    const handle = this.#line.firstHandle;
    this.#line.shift();
    return handle;
  }

  /** Gives memory back that the present packets do not need; for moments without traffic. */
  trim(): void {
    this.#line.trim();
  }

  #take(
    nowNs: number,
    lengthBytes: number,
    isEcnCapable: boolean,
    segments: number,
    firstSegmentBytes: number,
  ): void {
    const frame = this.#frame;
    frame.nowNs = nowNs;
    frame.lengthBytes = lengthBytes;
    frame.isEcnCapable = isEcnCapable;
    frame.segments = segments;
    frame.firstSegmentBytes = firstSegmentBytes;
  }

  #decide(verdict: Verdict, mayDuplicate: boolean, mayLose: boolean): Verdict {
    const { packet, duplicate } = verdict;
    packet.reset();
    duplicate.reset();
    let isDuplicated = mayDuplicate && this.#stages.duplicate.happens();
    if (mayLose) this.#lose(packet);
    if (packet.outcome === DECIMATED) return verdict;
    if (packet.outcome === LOST && !isDuplicated) {
      this.counters.lost += 1;
      return verdict;
    }
    // A packet both lost and duplicated is there once.
    isDuplicated &&= packet.outcome !== LOST;
    packet.outcome = ABSENT;
    this.#corrupt(packet);
    if (this.#line.length >= this.#stages.limitPackets) {
      packet.outcome = REFUSED;
      this.counters.refused += 1;
      return verdict;
    }
    if (isDuplicated) this.#decideDuplicate(duplicate, packet.isMarked);
    this.#schedule(packet);
    return verdict;
  }

  /** The duplicate passes everything again but duplication, and is marked if the packet was. */
  #decideDuplicate(duplicate: Fate, isMarked: boolean): void {
    this.counters.duplicated += 1;
    duplicate.isMarked = isMarked;
    this.#lose(duplicate);
    if (duplicate.outcome === DECIMATED) return;
    if (duplicate.outcome === LOST) {
      this.counters.lost += 1;
      return;
    }
    this.#corrupt(duplicate);
    this.#schedule(duplicate);
  }

  #lose(fate: Fate): void {
    const segments = this.#perSegmentLoss ? this.#frame.segments : 1;
    const lost = segments === 1 ? Number(this.#stages.loss.isLost()) : this.#loseSegments(fate);
    if (lost === 0) return;
    if (this.#stages.marks && this.#frame.isEcnCapable) {
      fate.isMarked = true;
      this.counters.marked += 1;
    } else if (lost === segments) {
      fate.outcome = LOST;
    } else {
      fate.outcome = DECIMATED;
      this.counters.lost += lost;
    }
  }

  #loseSegments(fate: Fate): number {
    fate.clearSegments(this.#frame.segments);
    let lost = 0;
    for (let segment = 0; segment < this.#frame.segments; segment++) {
      if (!this.#stages.loss.isLost()) continue;
      fate.lostSegments[segment] = 1;
      lost += 1;
    }
    return lost;
  }

  #corrupt(fate: Fate): void {
    const { corruption } = this.#stages;
    if (!corruption.happens()) return;
    fate.isOfFirstSegment = this.#frame.segments > 1;
    fate.corruptBit = corruption.drawBit(this.#frame.firstSegmentBytes);
    this.counters.corrupted += 1;
  }

  #schedule(fate: Fate): void {
    const { reordering, slots } = this.#stages;
    const frame = this.#frame;
    const { nowNs } = frame;
    if (reordering.jumps()) {
      fate.outcome = SENT;
      fate.dueNs = nowNs;
      this.counters.reordered += 1;
      return;
    }
    this.#stages.delay(fate, frame);
    frame.lastDueNs = Math.max(frame.lastDueNs, fate.dueNs);
    const isFree = fate.dueNs <= nowNs && !slots.isUsed;
    fate.outcome = isFree && this.#line.firstDueNs > fate.dueNs ? SENT : HELD;
  }
}
