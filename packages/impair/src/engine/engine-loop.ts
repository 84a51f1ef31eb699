import { DeadlineMap, Epoll, monotonicNs, sendAt, TimerFd, WakeFd, writeAt } from '@netweir/kernel';
import { Lane } from './lane.ts';
import type { LaneChange } from './lane-change.ts';
import { LearnedTime } from './learned-time.ts';

/** What the main thread tells the engine's. Each but the last is answered by one `done`. */
export type EngineCommand =
  | {
      readonly kind: 'open';
      readonly lane: number;
      readonly tapFd: number;
      /** Where what was sent goes back in; absent for a lane of what was received. */
      readonly senderFd: number | undefined;
      /** The DeadlineMap of the lane's own program, which stamps frames; undefined where it has none. */
      readonly deadlineFd: number | undefined;
      readonly change: LaneChange;
      readonly seed: bigint;
      /** Where the lane's counters are to be from now on. */
      readonly counters: Float64Array<SharedArrayBuffer>;
    }
  | {
      readonly kind: 'change';
      readonly lane: number;
      readonly change: LaneChange;
      readonly seed: bigint;
      readonly counters: Float64Array<SharedArrayBuffer>;
    }
  | { readonly kind: 'close'; readonly lane: number }
  | { readonly kind: 'stop' };

/** How the loop reaches the main thread. */
export interface EngineLink {
  /** The next command, or undefined where there is none. */
  receive(): EngineCommand | undefined;
  done(): void;
  /** The thread lives. */
  beat(): void;
  /** A lane has ended by itself: its TAP cannot be read. */
  failed(failure: LaneFailure): void;
}

export interface LaneFailure {
  readonly lane: number;
  readonly errno: number;
}

interface Running {
  readonly number: number;
  readonly lane: Lane;
  readonly tapFd: number;
  readonly deadline: DeadlineMap | undefined;
  /** How long a packet takes to the interface, from the decision that it leaves. */
  readonly send: LearnedTime;
}

/** A lane to which nothing is redirected any more, and which still delivers what waits in it. */
interface Closing {
  readonly running: Running;
  onEnd: () => void;
}

const TIMER = 0;
const WAKE = 1;
const FIRST_LANE = 2;

/** The kernel redirects packets for so long after a beat: then traffic flows past a dead engine. */
const PATIENCE_NS = 700_000_000;
const BEAT_NS = 150_000_000;
/** Memory of queues that are short again is given back this often. */
const TRIM_NS = 10_000_000_000;
/** Three of four waits end before the packet's time, for which the thread then turns. */
const LEAD = { startNs: 60_000, upNs: 3000, downNs: 1000, maxNs: 250_000 };
const SEND = { startNs: 0, upNs: 1000, downNs: 1000, maxNs: 100_000 };
/** Of the time that a send takes: until the interface has the packet. The rest is the receiver's. */
const SEND_SHARE = 0.5;
/** The last part of the lead, in which the thread looks at nothing but the clock. */
const SPIN_NS = 20_000;
const EAGAIN = 11;

/**
 * The engine's thread: waits in epoll for frames, for the next one that is due, for the next beat and
 * for commands. While no packet comes and none waits, it wakes for the beats alone.
 *
 * So that a packet reaches the interface at its time, and not after it, the thread leaves the kernel's
 * timer as much earlier as it usually runs late, and the send as much earlier as it usually takes. When
 * it is early nevertheless, it turns until the time has come, for as long as its lead at most.
 */
export class EngineLoop {
  readonly #epoll = new Epoll();
  readonly #timer = new TimerFd();
  readonly #wake: WakeFd;
  readonly #link: EngineLink;
  readonly #lanes = new Map<number, Running>();
  /** The lanes once more, to go through without an iterator for each turn. */
  #running: readonly Running[] = [];
  #closing: readonly Closing[] = [];
  #beatNs = 0;
  #trimNs = 0;
  /** The time as it was read last. */
  #nowNs = 0;
  /** What the timer was set to last. */
  #timerNs = 0;
  /** When the next packet is to be sent. */
  #nextNs = Infinity;
  /** How long after its timer's expiry the thread runs. */
  readonly #lead = new LearnedTime(LEAD);
  #stopped = false;

  constructor(wakeFd: number, link: EngineLink) {
    this.#wake = new WakeFd(wakeFd);
    this.#link = link;
    // Nobody reads its expiry: that would be one call more before the packet leaves.
    this.#epoll.addEdge(this.#timer.fd, TIMER);
    this.#epoll.add(wakeFd, WAKE);
  }

  /** Blocks until the command to stop, and until what waits has been delivered. */
  run(): void {
    try {
      while (!this.#stopped || this.#closing.length > 0) this.#turn();
    } finally {
      for (const { deadline } of this.#running) deadline?.set(0);
      this.#timer.close();
      this.#epoll.close();
    }
  }

  /** What is due leaves before anything else is done. */
  #turn(): void {
    this.#beat(this.#nowNs);
    const events = this.#await();
    this.#release();
    for (let index = 0; index < events; index++) this.#handle(this.#epoll.handle(index));
    if (events > 0) this.#nowNs = monotonicNs();
    if (this.#closing.length > 0) this.#drain();
    this.#publish();
  }

  /** Waits until something is to be done; returns how many descriptors have something to read. */
  #await(): number {
    this.#nextNs = Infinity;
    for (const { lane, send } of this.#running) {
      this.#nextNs = Math.min(this.#nextNs, lane.wakeNs - send.ns);
    }
    const wakeNs = this.#nextNs - this.#lead.ns;
    const isNear = wakeNs <= this.#nowNs || this.#closing.length > 0;
    if (!isNear && wakeNs < this.#beatNs) this.#setTimer(wakeNs);
    const events = isNear ? this.#epoll.poll() : this.#epoll.wait(this.#beatNs - this.#nowNs);
    this.#nowNs = monotonicNs();
    if (!isNear && wakeNs <= this.#nowNs) this.#lead.learn(this.#nowNs - wakeNs);
    return events;
  }

  #setTimer(timeNs: number): void {
    if (timeNs === this.#timerNs) return;
    this.#timerNs = timeNs;
    this.#timer.set(timeNs);
  }

  #release(): void {
    if (this.#nextNs - this.#nowNs > SPIN_NS) return;
    while (this.#nowNs < this.#nextNs) this.#nowNs = monotonicNs();
    for (const running of this.#running) this.#releaseDue(running);
  }

  #releaseDue(running: Running): void {
    const { lane, send } = running;
    const startNs = this.#nowNs;
    if (lane.wakeNs - send.ns > startNs) return;
    const released = lane.release(startNs + send.ns);
    this.#nowNs = monotonicNs();
    if (released > 0) send.learn(((this.#nowNs - startNs) / released) * SEND_SHARE);
  }

  #handle(handle: number): void {
    if (handle === WAKE) this.#obey();
    else if (handle !== TIMER) this.#receive(handle);
  }

  #receive(handle: number): void {
    const running = this.#lanes.get(handle - FIRST_LANE);
    if (!running) return;
    const errno = running.lane.receive(this.#nowNs);
    if (errno === 0 || errno === EAGAIN) return;
    const lane = running.number;
    this.#close(running, () => this.#link.failed({ lane, errno }));
  }

  #publish(): void {
    for (const { lane } of this.#running) lane.publish();
  }

  #beat(nowNs: number): void {
    if (nowNs < this.#beatNs) return;
    this.#beatNs = nowNs + BEAT_NS;
    this.#link.beat();
    for (const { deadline } of this.#running) deadline?.set(nowNs + PATIENCE_NS);
    if (nowNs < this.#trimNs) return;
    this.#trimNs = nowNs + TRIM_NS;
    for (const { lane } of this.#running) lane.trim();
  }

  #obey(): void {
    this.#wake.clear();
    for (let command = this.#link.receive(); command; command = this.#link.receive()) {
      this.#carryOut(command);
    }
  }

  #carryOut(command: EngineCommand): void {
    switch (command.kind) {
      case 'open':
        this.#open(command);
        this.#link.done();
        return;
      case 'change':
        this.#change(command);
        this.#link.done();
        return;
      case 'close':
        this.#closeOnCommand(command.lane);
        return;
      case 'stop':
        this.#stopped = true;
        for (const running of this.#running) this.#close(running, () => {});
    }
  }

  #change({ lane, change, seed, counters }: EngineCommand & { kind: 'change' }): void {
    const running = this.#lanes.get(lane);
    if (!running) return;
    running.lane.configure(change, seed, monotonicNs(), counters);
    running.lane.publish();
  }

  /** One that ended by itself may still be on its way out, or gone. */
  #closeOnCommand(number: number): void {
    const onEnd = (): void => this.#link.done();
    const running = this.#lanes.get(number);
    const closing = this.#closing.find((one) => one.running.number === number);
    if (running) this.#close(running, onEnd);
    else if (closing) closing.onEnd = onEnd;
    else onEnd();
  }

  /** Redirects nothing more to a lane, and calls `onEnd` once it has delivered what waits in it. */
  #close(running: Running, onEnd: () => void): void {
    running.deadline?.set(0);
    this.#epoll.remove(running.tapFd);
    this.#lanes.delete(running.number);
    this.#running = [...this.#lanes.values()];
    this.#closing = [...this.#closing, { running, onEnd }];
  }

  /** By turns with the other lanes, whose packets do not wait for those of one that ends. */
  #drain(): void {
    for (const closing of this.#closing) {
      const { running, onEnd } = closing;
      if (running.lane.drain(this.#nowNs)) continue;
      running.lane.publish();
      this.#closing = this.#closing.filter((one) => one !== closing);
      onEnd();
    }
    this.#nowNs = monotonicNs();
  }

  #open(command: EngineCommand & { kind: 'open' }): void {
    const { lane: number, tapFd, senderFd, deadlineFd, change, seed, counters } = command;
    const lane = new Lane({
      tapFd,
      deliver:
        senderFd === undefined
          ? (address, length) => writeAt(tapFd, address, length)
          : (address, length) => sendAt(senderFd, address, length, 0),
      change,
      seed,
      nowNs: monotonicNs(),
      counters,
      isStamped: deadlineFd !== undefined,
    });
    const deadline = deadlineFd === undefined ? undefined : new DeadlineMap(deadlineFd);
    const send = new LearnedTime(SEND);
    this.#lanes.set(number, { number, lane, tapFd, deadline, send });
    this.#running = [...this.#lanes.values()];
    this.#epoll.add(tapFd, FIRST_LANE + number);
    // At once: what is redirected from now on is to be so.
    this.#beatNs = 0;
    this.#beat(monotonicNs());
  }
}
