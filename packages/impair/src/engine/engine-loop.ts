import type { ExactDirection } from '@netweir/api';
import { DeadlineMap, Epoll, monotonicNs, sendAt, TimerFd, WakeFd, writeAt } from '@netweir/kernel';
import { Lane } from './lane.ts';
import { writeCounters } from './lane-counters.ts';

/** What the main thread tells the engine's. Each is answered by one `done`. */
export type EngineCommand =
  | {
      readonly kind: 'open';
      readonly lane: number;
      readonly tapFd: number;
      /** Where what was sent goes back in; absent for a lane of what was received. */
      readonly senderFd: number | undefined;
      readonly exact: ExactDirection;
      readonly seed: bigint;
      readonly counters: Float64Array<SharedArrayBuffer>;
    }
  | {
      readonly kind: 'change';
      readonly lane: number;
      readonly exact: ExactDirection;
      readonly seed: bigint;
    }
  | { readonly kind: 'close'; readonly lane: number }
  | { readonly kind: 'stop' };

/** How the loop reaches the main thread. */
export interface EngineLink {
  /** The next command, or undefined where there is none. */
  receive(): EngineCommand | undefined;
  done(): void;
}

interface Running {
  readonly lane: Lane;
  readonly counters: Float64Array;
}

const TIMER = 0;
const WAKE = 1;
const FIRST_LANE = 2;

/** The kernel redirects packets for so long after a beat: then traffic flows past a dead engine. */
const PATIENCE_NS = 700_000_000;
const BEAT_NS = 150_000_000;
/** Memory of queues that are short again is given back this often. */
const TRIM_NS = 10_000_000_000;
/** What the lead changes by at each expiry, towards the median, and at most is. */
const LEAD_STEP_NS = 1000;
const MAX_LEAD_NS = 250_000;
const EAGAIN = 11;

/**
 * The engine's thread: waits in epoll for frames, for the next one that is due, for the next beat and
 * for commands. It spins at nothing: while no packet comes and none waits, it wakes for the beats.
 */
export class EngineLoop {
  readonly #epoll = new Epoll();
  readonly #timer = new TimerFd();
  readonly #wake: WakeFd;
  readonly #deadline: DeadlineMap;
  readonly #link: EngineLink;
  readonly #lanes = new Map<number, Running>();
  #beatNs = 0;
  #trimNs = 0;
  #timerNs = 0;
  /** Whether the timer was set to a time that lay ahead. */
  #isAwaited = false;
  /**
   * How long after its timer's expiry the thread usually runs: so much earlier is the timer set. Nothing
   * leaves before its time: the thread that is early turns until then.
   */
  #leadNs = 0;
  #stopped = false;

  constructor(wakeFd: number, deadlineFd: number, link: EngineLink) {
    this.#wake = new WakeFd(wakeFd);
    this.#deadline = new DeadlineMap(deadlineFd);
    this.#link = link;
    this.#epoll.add(this.#timer.fd, TIMER);
    this.#epoll.add(wakeFd, WAKE);
  }

  /** Blocks until the command to stop. */
  run(): void {
    try {
      while (!this.#stopped) this.#turn();
      this.#deadline.set(0);
      for (const { lane } of this.#lanes.values()) this.#finish(lane);
    } finally {
      this.#deadline.set(0);
      this.#timer.close();
      this.#epoll.close();
    }
  }

  #turn(): void {
    const startNs = monotonicNs();
    this.#beat(startNs);
    this.#setTimer(startNs);
    for (const handle of this.#epoll.wait()) {
      if (handle === TIMER) this.#timerFired();
      else if (handle === WAKE) this.#obey();
      else this.#receive(handle);
    }
    const nowNs = monotonicNs();
    for (const { lane, counters } of this.#lanes.values()) {
      if (lane.model.wakeNs <= nowNs) lane.release(nowNs);
      writeCounters(counters, lane);
    }
  }

  #receive(handle: number): void {
    const running = this.#lanes.get(handle - FIRST_LANE);
    if (!running) return;
    const errno = running.lane.receive(monotonicNs());
    if (errno !== 0 && errno !== EAGAIN)
      throw new Error(`reading a TAP failed with errno ${errno}`);
  }

  #timerFired(): void {
    this.#timer.clear();
    if (this.#isAwaited) this.#learnLead(monotonicNs() - this.#timerNs);
    this.#timerNs = 0;
  }

  #learnLead(lateNs: number): void {
    const leadNs = this.#leadNs + (lateNs > this.#leadNs ? LEAD_STEP_NS : -LEAD_STEP_NS);
    this.#leadNs = Math.max(0, Math.min(MAX_LEAD_NS, leadNs));
  }

  #setTimer(nowNs: number): void {
    let nextNs = this.#beatNs;
    for (const { lane } of this.#lanes.values()) {
      nextNs = Math.min(nextNs, lane.model.wakeNs - this.#leadNs);
    }
    if (nextNs === this.#timerNs) return;
    this.#timerNs = nextNs;
    this.#isAwaited = nextNs > nowNs;
    this.#timer.set(nextNs);
  }

  #beat(nowNs: number): void {
    if (nowNs < this.#beatNs) return;
    this.#beatNs = nowNs + BEAT_NS;
    if (this.#lanes.size > 0 && !this.#stopped) this.#deadline.set(nowNs + PATIENCE_NS);
    if (nowNs < this.#trimNs) return;
    this.#trimNs = nowNs + TRIM_NS;
    for (const { lane } of this.#lanes.values()) lane.trim();
  }

  #obey(): void {
    this.#wake.clear();
    for (let command = this.#link.receive(); command; command = this.#link.receive()) {
      this.#carryOut(command);
      this.#link.done();
    }
  }

  #carryOut(command: EngineCommand): void {
    switch (command.kind) {
      case 'open':
        this.#open(command);
        return;
      case 'change':
        this.#lanes
          .get(command.lane)
          ?.lane.model.reconfigure(command.exact, command.seed, monotonicNs());
        return;
      case 'close':
        this.#close(command.lane);
        return;
      case 'stop':
        this.#stopped = true;
    }
  }

  #close(number: number): void {
    const running = this.#lanes.get(number);
    this.#lanes.delete(number);
    if (running) this.#finish(running.lane);
  }

  /** Nothing is redirected any more: what is on its way or waits is delivered. */
  #finish(lane: Lane): void {
    lane.receiveRest(monotonicNs());
    while (lane.drain()) this.#beat(monotonicNs());
  }

  #open(command: EngineCommand & { kind: 'open' }): void {
    const { tapFd, senderFd, exact, seed, counters } = command;
    const lane = new Lane({
      tapFd,
      deliver:
        senderFd === undefined
          ? (address, length) => writeAt(tapFd, address, length)
          : (address, length) => sendAt(senderFd, address, length, 0),
      exact,
      seed,
      nowNs: monotonicNs(),
    });
    this.#lanes.set(command.lane, { lane, counters });
    this.#epoll.add(tapFd, FIRST_LANE + command.lane);
    // At once: what is redirected from now on is to be so.
    this.#beatNs = 0;
    this.#beat(monotonicNs());
  }
}
