import { close, closeSync } from 'node:fs';
import { promisify } from 'node:util';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { NetweirError } from '@netweir/api';
import {
  DeadlineMap,
  type NetworkNamespace,
  openPacketSender,
  openTap,
  type Tap,
  WakeFd,
} from '@netweir/kernel';
import type { Way } from '../journal/entry.ts';
import type { EngineCommand, LaneFailure } from './engine-loop.ts';
import { BEATS, DEAD, DONE, type EngineProgress } from './engine-progress.ts';
import type { EngineWorkerData } from './engine-worker.ts';
import { ENGINE_MARK, type Redirection } from './hook.ts';
import { laneChange } from './lane-change.ts';
import { type LaneCounters, readCounters, sharedCounters } from './lane-counters.ts';
import type { LaneWanted } from './lane-wanted.ts';

/** Frames that may wait to be read while the engine's thread does something else. */
const TAP_QUEUE_FRAMES = 8192;
/** How long the thread may show no sign of life, and how long it may take to end. */
const TIMEOUT_MS = 5000;
/** How long it may take to start: what it runs is read and compiled. */
const START_TIMEOUT_MS = 30_000;
/** How long it may take for a command: to deliver what waits in the longest queue takes some seconds. */
const COMMAND_TIMEOUT_MS = 60_000;

/** One direction of one interface. */
export interface LanePlace {
  readonly namespace: NetworkNamespace;
  readonly ifindex: number;
  readonly way: Way;
}

interface OpenLane {
  readonly number: number;
  readonly place: LanePlace;
  readonly tapFd: number;
  readonly senderFd: number | undefined;
  readonly deadline: DeadlineMap | undefined;
  counters: Float64Array<SharedArrayBuffer>;
  wanted: LaneWanted;
}

/** A lane that is open: the interface to which its packets are to be redirected, and until when. */
export interface LaneHandle {
  readonly tapIfindex: number;
  /** The map of a DeadlineMap; undefined where mirred redirects. */
  readonly deadlineFd: number | undefined;
}

export interface EngineOptions {
  readonly redirection: Redirection;
  /**
   * Called after the thread has died, and everything that it had is closed; by `bpf`, its interfaces pass
   * their packets unimpaired then.
   */
  readonly onFailure: (error: Error, places: readonly LanePlace[]) => void;
  /** Called after a lane has ended by itself, as when somebody removed its TAP; the others go on. */
  readonly onLaneFailure: (place: LanePlace, errno: number) => void;
}

/**
 * The userspace engine: what sch_netem does, done by one thread of this process for any number of
 * interfaces. While nobody calls for it, it does not exist; when it dies, the programs on the
 * interfaces find the deadline passed and leave the packets alone.
 */
export class Engine {
  readonly #redirection: Redirection;
  readonly #wake = new WakeFd();
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #progress: EngineProgress = new Int32Array(new SharedArrayBuffer(12));
  readonly #lanes = new Map<string, OpenLane>();
  readonly #exit: Promise<void>;
  readonly #leaving = new Set<Promise<void>>();
  #commands = 0;
  #lastLane = 0;
  #failure: Error | undefined;
  #isStopping = false;
  #hasEnded = false;

  constructor({ redirection, onFailure, onLaneFailure }: EngineOptions) {
    this.#redirection = redirection;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on('message', (failure: LaneFailure) => this.#laneFailed(failure, onLaneFailure));
    this.#port.unref();
    this.#worker = new Worker(new URL('./engine-worker.js', import.meta.url), {
      workerData: {
        port: port2,
        wakeFd: this.#wake.fd,
        progress: this.#progress,
      } satisfies EngineWorkerData,
      transferList: [port2],
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#exit = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        if (!this.#isStopping) this.#failure ??= new Error('its thread ended');
        const places = [...this.#lanes.values()].map(({ place }) => place);
        this.#release();
        resolve();
        if (this.#failure) onFailure(this.#failure, places);
      });
    });
  }

  /** Whether it has let go of all that it had; a dead one does so a moment later. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isAlive(): boolean {
    return this.#failure === undefined && Atomics.load(this.#progress, DEAD) === 0;
  }

  /** @throws KernelError where a TAP or a packet socket cannot be made; NetweirError `engine-failed` */
  open(place: LanePlace, wanted: LaneWanted, seed: bigint): LaneHandle {
    if (!this.isAlive) throw engineFailed('its thread is ending', this.#failure);
    const { namespace, ifindex, way } = place;
    const tap = openTap(namespace, { name: tapName(ifindex, way), queueLength: TAP_QUEUE_FRAMES });
    const lane: OpenLane = {
      number: ++this.#lastLane,
      place,
      tapFd: tap.fd,
      senderFd: way === 'egress' ? this.#openSender(namespace, ifindex, tap) : undefined,
      deadline: this.#redirection === 'bpf' ? new DeadlineMap() : undefined,
      counters: sharedCounters(wanted.rules.length),
      wanted,
    };
    // From here on its descriptors are closed with it, or with a thread that does not answer.
    this.#lanes.set(keyOf(place), lane);
    const { number, tapFd, senderFd, counters } = lane;
    const deadlineFd = lane.deadline?.fd;
    this.#command({
      ...{ kind: 'open', lane: number, tapFd, senderFd, deadlineFd },
      ...{ change: laneChange(wanted, undefined), seed, counters },
    });
    return { tapIfindex: tap.ifindex, deadlineFd };
  }

  /** Gives a lane other settings; what waits in it stays, and what stays the same goes on. */
  change(place: LanePlace, wanted: LaneWanted, seed: bigint): void {
    const lane = this.#lanes.get(keyOf(place));
    if (!lane) return;
    const counters = sharedCounters(wanted.rules.length);
    const change = laneChange(wanted, lane.wanted);
    this.#command({ kind: 'change', lane: lane.number, change, seed, counters });
    lane.counters = counters;
    lane.wanted = wanted;
  }

  /** What a lane was asked for last; undefined where there is none. */
  wanted(place: LanePlace): LaneWanted | undefined {
    return this.#lanes.get(keyOf(place))?.wanted;
  }

  has(place: LanePlace): boolean {
    return this.#lanes.has(keyOf(place));
  }

  counters(place: LanePlace): LaneCounters | undefined {
    const lane = this.#lanes.get(keyOf(place));
    return lane && readCounters(lane.counters);
  }

  /**
   * Redirects nothing more, delivers what waits, and lets go of the interface and its namespace. The
   * program is still needed until then: what goes back into the interface bears a mark.
   */
  close(place: LanePlace): void {
    const lane = this.#end(keyOf(place));
    if (lane) closeLane(lane);
  }

  /**
   * Closes the lanes of one interface, or every lane of a namespace, whose sockets would keep it alive. All
   * those TAPs go in the next moments, for the kernel takes its time for each.
   */
  leave(namespaceKey: string, ifindex?: number): void {
    for (const key of this.#keysOf(namespaceKey, ifindex)) {
      const lane = this.#end(key);
      if (!lane) continue;
      if (ifindex !== undefined) {
        closeLane(lane);
        continue;
      }
      const gone = closeLaneLater(lane).finally(() => this.#leaving.delete(gone));
      this.#leaving.add(gone);
    }
  }

  /** Waits for what `leave` began. */
  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** Ends the thread; what waits is delivered, as far as that takes no more than five seconds. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.isAlive) this.#tell({ kind: 'stop' });
    this.#worker.ref();
    const timer = setTimeout(() => void this.#worker.terminate(), TIMEOUT_MS);
    await this.#exit;
    clearTimeout(timer);
    await this.left();
  }

  #openSender(namespace: NetworkNamespace, ifindex: number, tap: Tap): number {
    // A filter without a program would redirect its packets again: they pass by it.
    const mark = this.#redirection === 'bpf' ? ENGINE_MARK : undefined;
    try {
      return openPacketSender(namespace, ifindex, mark);
    } catch (error) {
      closeSync(tap.fd);
      throw error;
    }
  }

  #keysOf(namespaceKey: string, ifindex?: number): string[] {
    const prefix = `${namespaceKey} ${ifindex === undefined ? '' : `${ifindex} `}`;
    return [...this.#lanes.keys()].filter((key) => key.startsWith(prefix));
  }

  /** Has the thread forget a lane; what a dead one had is closed when it has ended. */
  #end(key: string): OpenLane | undefined {
    const lane = this.#lanes.get(key);
    if (!lane || !this.isAlive) return undefined;
    this.#command({ kind: 'close', lane: lane.number });
    this.#lanes.delete(key);
    return lane;
  }

  #laneFailed({ lane: number, errno }: LaneFailure, tell: EngineOptions['onLaneFailure']): void {
    for (const [key, lane] of this.#lanes) {
      if (lane.number !== number) continue;
      this.#lanes.delete(key);
      closeLane(lane);
      tell(lane.place, errno);
    }
  }

  /** Only once the thread has ended: it would use descriptors that are somebody else's by then. */
  #release(): void {
    this.#passAll();
    for (const lane of this.#lanes.values()) closeLane(lane);
    this.#lanes.clear();
    this.#port.close();
    this.#wake.close();
    this.#hasEnded = true;
  }

  /** Has the interfaces keep their packets. */
  #passAll(): void {
    for (const { deadline } of this.#lanes.values()) deadline?.set(0);
  }

  #tell(command: EngineCommand): void {
    this.#port.postMessage(command);
    this.#wake.wake();
  }

  /** Waits until the thread has carried it out: what is reported afterwards is so. */
  #command(command: EngineCommand): void {
    const before = this.#commands++;
    this.#tell(command);
    const deadline = Date.now() + COMMAND_TIMEOUT_MS;
    for (;;) {
      const done = Atomics.load(this.#progress, DONE);
      if (done > before) return;
      if (!this.isAlive) throw engineFailed('its thread died', this.#failure);
      const beats = Atomics.load(this.#progress, BEATS);
      const patienceMs = beats === 0 ? START_TIMEOUT_MS : TIMEOUT_MS;
      if (Atomics.wait(this.#progress, DONE, done, patienceMs) !== 'timed-out') continue;
      const isMute = Atomics.load(this.#progress, BEATS) === beats;
      if (isMute || Date.now() > deadline) throw this.#giveUp();
    }
  }

  /** A thread that does not answer is ended, so that it does nothing later on. */
  #giveUp(): NetweirError {
    this.#failure = new Error('it does not answer');
    this.#passAll();
    void this.#worker.terminate();
    return engineFailed(this.#failure.message, this.#failure);
  }
}

function closeLane({ tapFd, senderFd, deadline }: OpenLane): void {
  deadline?.close();
  closeSync(tapFd);
  if (senderFd !== undefined) closeSync(senderFd);
}

async function closeLaneLater({ tapFd, senderFd, deadline }: OpenLane): Promise<void> {
  deadline?.close();
  if (senderFd !== undefined) closeSync(senderFd);
  await promisify(close)(tapFd);
}

/** What the TAP behind one way of an interface is called. */
export function tapName(ifindex: number, way: Way): string {
  return `nw${ifindex}${way === 'egress' ? 'e' : 'i'}`;
}

function keyOf({ namespace, ifindex, way }: LanePlace): string {
  return `${namespace.key} ${ifindex} ${way}`;
}

function engineFailed(reason: string, cause: Error | undefined): NetweirError {
  return new NetweirError('engine-failed', `the userspace engine failed: ${reason}`, {
    cause,
    remedy:
      'Packets flow unimpaired meanwhile. Set the impairment again, and tell us what happened.',
  });
}
