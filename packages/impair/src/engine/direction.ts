import type { ExactDirection } from '@netweir/api';
import { ABSENT, type Fate, Frame, HELD, LOST, REFUSED, SENT, Verdict } from './fate.ts';
import { Prng } from './prng.ts';
import { DelayLine } from './queue.ts';
import { Stages } from './stages.ts';

/** What `dequeue` and `drain` return where no packet is to leave. */
export const NOTHING = -1;

/** What did not come through so far, in packets; a GSO frame that stays whole counts as one. */
export class Counters {
  lost = 0;
  refused = 0;
}

/**
 * What one direction of an interface does to its packets: sch_netem, with time as an argument and
 * without the packets. For each frame, `enqueue` tells its fate; the caller keeps the frame and calls
 * `hold` where it is HELD; `dequeue` returns what was held when it is due. Times are in ns from any
 * start, exact up to 2^53. The same seed and the same times and lengths give the same fates.
 */
export class DirectionModel {
  readonly counters: Counters = new Counters();
  readonly #prng: Prng;
  readonly #line = new DelayLine();
  readonly #verdict = new Verdict();
  readonly #restVerdict = new Verdict();
  readonly #frame = new Frame();
  #stages: Stages;

  /** `seed` is for a direction that has none of its own. */
  constructor(exact: ExactDirection, seed: bigint, nowNs: number) {
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
    return this.#decide(this.#verdict, true);
  }

  /**
   * Tells the fate of a packet behind the first of the GSO frame that was enqueued last, and split because
   * its fate `whole` asked for it. It leaves the verdict of `enqueue` alone. What `whole` says of the first
   * packet is to be done before.
   */
  enqueueRest(lengthBytes: number, whole: Fate): Verdict {
    const { nowNs, isEcnCapable } = this.#frame;
    this.#take(nowNs, lengthBytes, isEcnCapable, 1, lengthBytes);
    return this.#decide(this.#restVerdict, !whole.isDuplicate);
  }

  /**
   * Keeps a packet that is HELD until its fate's time: `handle` is any integer from 0 to 2^32 - 1 by
   * which the caller knows it.
   */
  hold(fate: Pick<Fate, 'dueNs' | 'lengthBytes'>, handle: number): void {
    this.#line.push(fate, handle, fate.lengthBytes);
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

  #decide(verdict: Verdict, mayDuplicate: boolean): Verdict {
    const { packet, duplicate } = verdict;
    packet.reset();
    duplicate.reset();
    let isDuplicated = mayDuplicate && this.#stages.duplicate.happens();
    this.#lose(packet);
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
    duplicate.isMarked = isMarked;
    this.#lose(duplicate);
    if (duplicate.outcome === LOST) {
      this.counters.lost += 1;
      return;
    }
    this.#corrupt(duplicate);
    this.#schedule(duplicate);
  }

  /** All of a frame or nothing, however many packets it stands for. */
  #lose(fate: Fate): void {
    if (!this.#stages.loss.isLost()) return;
    if (this.#stages.marks && this.#frame.isEcnCapable) fate.isMarked = true;
    else fate.outcome = LOST;
  }

  #corrupt(fate: Fate): void {
    const { corruption } = this.#stages;
    if (!corruption.happens()) return;
    fate.isOfFirstSegment = this.#frame.segments > 1;
    fate.corruptBit = corruption.drawBit(this.#frame.firstSegmentBytes);
  }

  #schedule(fate: Fate): void {
    const { reordering, slots } = this.#stages;
    const frame = this.#frame;
    const { nowNs } = frame;
    fate.lengthBytes = fate.isOfFirstSegment ? frame.firstSegmentBytes : frame.lengthBytes;
    if (reordering.jumps()) {
      fate.outcome = SENT;
      fate.dueNs = nowNs;
      return;
    }
    this.#stages.delay(fate, frame);
    frame.lastDueNs = Math.max(frame.lastDueNs, fate.dueNs);
    const isFree = fate.dueNs <= nowNs && !slots.isUsed;
    fate.outcome = isFree && this.#line.firstDueNs > fate.dueNs ? SENT : HELD;
  }
}
