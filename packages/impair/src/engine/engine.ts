import { closeSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type ExactDirection, NetweirError } from '@netweir/api';
import {
  DeadlineMap,
  type NetworkNamespace,
  openPacketSender,
  openTap,
  type Tap,
  WakeFd,
} from '@netweir/kernel';
import type { EngineCommand } from './engine-loop.ts';
import { DEAD, DONE, type EngineProgress } from './engine-progress.ts';
import type { EngineWorkerData } from './engine-worker.ts';
import { ENGINE_MARK, type Way } from './hook.ts';
import { type LaneCounters, readCounters, sharedCounters } from './lane-counters.ts';

/** Frames that may wait to be read while the engine's thread does something else. */
const TAP_QUEUE_FRAMES = 8192;
const COMMAND_TIMEOUT_MS = 5000;

/** One direction of one interface. */
export interface LanePlace {
  readonly namespace: NetworkNamespace;
  readonly ifindex: number;
  readonly way: Way;
}

interface OpenLane {
  readonly number: number;
  readonly tapFd: number;
  readonly senderFd: number | undefined;
  readonly counters: Float64Array<SharedArrayBuffer>;
}

/** A lane that is open: the interface to which its packets are to be redirected. */
export interface LaneHandle {
  readonly tapIfindex: number;
}

/**
 * The userspace engine: what sch_netem does, done by one thread of this process for any number of
 * interfaces. While nobody calls for it, it does not exist; when it dies, the programs on the
 * interfaces find the deadline passed and leave the packets alone.
 */
export class Engine {
  readonly deadline = new DeadlineMap();
  readonly #wake = new WakeFd();
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #progress: EngineProgress = new Int32Array(new SharedArrayBuffer(8));
  readonly #lanes = new Map<string, OpenLane>();
  readonly #exit: Promise<void>;
  #commands = 0;
  #lastLane = 0;
  #failure: Error | undefined;
  #isStopping = false;

  /**
   * `onFailure` is called after the thread has died, and everything that it had is closed; its
   * interfaces pass their packets unimpaired then.
   */
  constructor(onFailure: (error: Error) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.unref();
    this.#worker = new Worker(new URL('./engine-worker.js', import.meta.url), {
      workerData: {
        port: port2,
        wakeFd: this.#wake.fd,
        deadlineFd: this.deadline.fd,
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
        this.#release();
        resolve();
        if (this.#failure) onFailure(this.#failure);
      });
    });
  }

  get isAlive(): boolean {
    return this.#failure === undefined && Atomics.load(this.#progress, DEAD) === 0;
  }

  /** @throws KernelError where a TAP or a packet socket cannot be made; NetweirError `engine-failed` */
  open(place: LanePlace, exact: ExactDirection, seed: bigint): LaneHandle {
    const { namespace, ifindex, way } = place;
    const tap = openTap(namespace, { name: tapName(ifindex, way), queueLength: TAP_QUEUE_FRAMES });
    const lane: OpenLane = {
      number: ++this.#lastLane,
      tapFd: tap.fd,
      senderFd: way === 'egress' ? openSender(namespace, ifindex, tap) : undefined,
      counters: sharedCounters(),
    };
    // From here on its descriptors are closed with it, or with a thread that does not answer.
    this.#lanes.set(keyOf(place), lane);
    const { number, tapFd, senderFd, counters } = lane;
    this.#command({ kind: 'open', lane: number, tapFd, senderFd, exact, seed, counters });
    return { tapIfindex: tap.ifindex };
  }

  /** Gives a lane other settings; what waits in it stays. */
  change(place: LanePlace, exact: ExactDirection, seed: bigint): void {
    const lane = this.#lanes.get(keyOf(place));
    if (lane) this.#command({ kind: 'change', lane: lane.number, exact, seed });
  }

  has(place: LanePlace): boolean {
    return this.#lanes.has(keyOf(place));
  }

  counters(place: LanePlace): LaneCounters | undefined {
    const lane = this.#lanes.get(keyOf(place));
    return lane && readCounters(lane.counters);
  }

  /** Delivers what waits, and lets go of the interface and its namespace. */
  close(place: LanePlace): void {
    this.#close(keyOf(place));
  }

  /** Closes every lane of a namespace, whose sockets would keep it alive, or those of one interface. */
  closeAll(namespaceKey: string, ifindex?: number): void {
    const prefix = `${namespaceKey} ${ifindex === undefined ? '' : `${ifindex} `}`;
    for (const key of [...this.#lanes.keys()]) if (key.startsWith(prefix)) this.#close(key);
  }

  /** Ends the thread; what waits is delivered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.isAlive) this.#tell({ kind: 'stop' });
    this.#worker.ref();
    const timer = setTimeout(() => void this.#worker.terminate(), COMMAND_TIMEOUT_MS);
    await this.#exit;
    clearTimeout(timer);
  }

  #close(key: string): void {
    const lane = this.#lanes.get(key);
    // What a dead engine had is closed when its thread has ended.
    if (!lane || !this.isAlive) return;
    this.#command({ kind: 'close', lane: lane.number });
    this.#lanes.delete(key);
    closeLane(lane);
  }

  /** Only once the thread has ended: it would use descriptors that are somebody else's by then. */
  #release(): void {
    this.deadline.set(0);
    for (const lane of this.#lanes.values()) closeLane(lane);
    this.#lanes.clear();
    this.#port.close();
    this.#wake.close();
    this.deadline.close();
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
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw this.#giveUp();
      Atomics.wait(this.#progress, DONE, done, leftMs);
    }
  }

  /** A thread that does not answer is ended, so that it does nothing later on. */
  #giveUp(): NetweirError {
    this.#failure = new Error(`it did not answer within ${COMMAND_TIMEOUT_MS} ms`);
    this.deadline.set(0);
    void this.#worker.terminate();
    return engineFailed(this.#failure.message, this.#failure);
  }
}

function closeLane({ tapFd, senderFd }: OpenLane): void {
  closeSync(tapFd);
  if (senderFd !== undefined) closeSync(senderFd);
}

function openSender(namespace: NetworkNamespace, ifindex: number, tap: Tap): number {
  try {
    return openPacketSender(namespace, ifindex, ENGINE_MARK);
  } catch (error) {
    closeSync(tap.fd);
    throw error;
  }
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
