import { closeSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type ExactDirection, NetweirError } from '@netweir/api';
import {
  DeadlineMap,
  type NetworkNamespace,
  openPacketSender,
  openTap,
  WakeFd,
} from '@netweir/kernel';
import type { EngineCommand } from './engine-loop.ts';
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
  readonly counters: Float64Array;
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
  readonly #done = new Int32Array(new SharedArrayBuffer(4));
  readonly #lanes = new Map<string, OpenLane>();
  readonly #exit: Promise<void>;
  #commands = 0;
  #lastLane = 0;
  #failure: Error | undefined;

  /** `onFailure` is called if the thread dies; its interfaces then pass their packets unimpaired. */
  constructor(onFailure: (error: Error) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.unref();
    this.#worker = new Worker(new URL('./engine-worker.js', import.meta.url), {
      workerData: {
        port: port2,
        wakeFd: this.#wake.fd,
        deadlineFd: this.deadline.fd,
        done: this.#done,
      },
      transferList: [port2],
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('error', (error) => {
      this.#failure = error;
      onFailure(error);
    });
    this.#exit = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
  }

  get isAlive(): boolean {
    return this.#failure === undefined;
  }

  /** @throws KernelError where a TAP or a packet socket cannot be made; NetweirError `engine-failed` */
  open(place: LanePlace, exact: ExactDirection, seed: bigint): LaneHandle {
    const { namespace, ifindex, way } = place;
    const tap = openTap(namespace, { name: tapName(ifindex, way), queueLength: TAP_QUEUE_FRAMES });
    let senderFd: number | undefined;
    try {
      if (way === 'egress') senderFd = openPacketSender(namespace, ifindex, ENGINE_MARK);
      const counters = sharedCounters();
      const lane = ++this.#lastLane;
      this.#command({ kind: 'open', lane, tapFd: tap.fd, senderFd, exact, seed, counters });
      this.#lanes.set(keyOf(place), { number: lane, tapFd: tap.fd, senderFd, counters });
      return { tapIfindex: tap.ifindex };
    } catch (error) {
      closeSync(tap.fd);
      if (senderFd !== undefined) closeSync(senderFd);
      throw error;
    }
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
    const key = keyOf(place);
    const lane = this.#lanes.get(key);
    if (!lane) return;
    this.#lanes.delete(key);
    if (this.isAlive) this.#command({ kind: 'close', lane: lane.number });
    closeSync(lane.tapFd);
    if (lane.senderFd !== undefined) closeSync(lane.senderFd);
  }

  /** Closes every lane of a namespace, whose sockets would keep it alive. */
  closeNamespace(namespaceKey: string): void {
    for (const [key, lane] of this.#lanes) {
      if (!key.startsWith(`${namespaceKey} `)) continue;
      this.#lanes.delete(key);
      if (this.isAlive) this.#command({ kind: 'close', lane: lane.number });
      closeSync(lane.tapFd);
      if (lane.senderFd !== undefined) closeSync(lane.senderFd);
    }
  }

  /** Ends the thread; what waits is delivered. */
  async stop(): Promise<void> {
    this.#port.postMessage({ kind: 'stop' } satisfies EngineCommand);
    this.#wake.wake();
    this.#worker.ref();
    await this.#exit;
    for (const { tapFd, senderFd } of this.#lanes.values()) {
      closeSync(tapFd);
      if (senderFd !== undefined) closeSync(senderFd);
    }
    this.#lanes.clear();
    this.#port.close();
    this.#wake.close();
    this.deadline.close();
  }

  /** Waits until the thread has carried it out: what is reported afterwards is so. */
  #command(command: EngineCommand): void {
    const before = this.#commands++;
    this.#port.postMessage(command);
    this.#wake.wake();
    const deadline = Date.now() + COMMAND_TIMEOUT_MS;
    while (Atomics.load(this.#done, 0) <= before) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0 || this.#failure) throw engineFailed(this.#failure);
      Atomics.wait(this.#done, 0, Atomics.load(this.#done, 0), Math.min(leftMs, 100));
    }
  }
}

/** What the TAP behind one way of an interface is called. */
export function tapName(ifindex: number, way: Way): string {
  return `nw${ifindex}${way === 'egress' ? 'e' : 'i'}`;
}

function keyOf({ namespace, ifindex, way }: LanePlace): string {
  return `${namespace.key} ${ifindex} ${way}`;
}

function engineFailed(cause: Error | undefined): NetweirError {
  const reason = cause ? cause.message : `it did not answer within ${COMMAND_TIMEOUT_MS} ms`;
  return new NetweirError('engine-failed', `the userspace engine failed: ${reason}`, {
    cause,
    remedy: 'Packets flow unimpaired meanwhile. Start netweir anew, and tell us what it said.',
  });
}
