import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { check, KernelError } from '../errors.ts';
import * as libc from '../libc.ts';
import { type BatchVisitor, readBatch } from './batch.ts';
import type { ReaderCommand } from './reader-loop.ts';
import type { ReaderWorkerData } from './socket-reader-worker.ts';

const EFD_NONBLOCK = 0x800;
const EFD_CLOEXEC = 0x80000;

/** What becomes of what arrives at a socket. All are called on the thread that made the reader. */
export interface SocketHandler {
  /**
   * One datagram. `receivedAtNs` is the time of `process.hrtime.bigint()` (CLOCK_MONOTONIC) at which the
   * worker received it, however busy this thread was.
   */
  message(bytes: Uint8Array, receivedAtNs: bigint): void;
  /** At least `lost` datagrams were lost: whatever they tell about has to be read again as a whole. */
  overrun(lost: number): void;
  /** The descriptor is closed, by `remove` or `close`, or because of `error`. Nothing follows. */
  closed(error: Error | undefined): void;
}

/** Names a descriptor that a reader owns. */
export type SocketHandle = number;

interface Watched {
  readonly handler: SocketHandler;
  readonly fd: number;
  removed: boolean;
  finishing: boolean;
}

/**
 * Receives from any number of datagram sockets (netlink, raw, UDP) that the event loop cannot watch
 * itself or must not be late for. One worker thread blocks in epoll for all of them, and costs nothing
 * while nothing arrives. It does not keep the process alive.
 */
export class SocketReader {
  /**
   * Fulfilled as soon as the worker reads, some 100 ms after its start, or has ended: what arrives
   * before is received, but stamped late.
   */
  readonly ready: Promise<void>;
  readonly #wakeFd: number;
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #exit: Promise<void>;
  readonly #watched = new Map<SocketHandle, Watched>();
  readonly #stop = (): void => this.#command({ kind: 'stop' });
  readonly #backlog = new Int32Array(new SharedArrayBuffer(4));
  #lastHandle = 0;
  #finishing = 0;
  #ended = false;

  /** @throws {KernelError} when no eventfd can be made */
  constructor() {
    this.#wakeFd = check(libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), 'create', 'eventfd');
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(new URL('./socket-reader-worker.js', import.meta.url), {
      workerData: {
        port: port2,
        wakeFd: this.#wakeFd,
        backlog: this.#backlog,
      } satisfies ReaderWorkerData,
      transferList: [port2],
      // Flags of the main program, such as --input-type, need not fit a Worker.
      execArgv: [],
    });
    this.#worker.unref();
    this.#exit = this.#untilExit();
    this.ready = new Promise((resolve) => {
      this.#worker.once('message', () => resolve());
      this.#worker.once('exit', () => resolve());
    });
    this.#port.on('message', (batch: Uint8Array) => this.#deliver(batch));
    this.#port.unref();
    // Node waits for its threads when it exits, and this one would never leave epoll by itself.
    process.on('exit', this.#stop);
  }

  /** Receives from `fd`, and closes it in the end. What is queued already is received, too. */
  add(fd: number, handler: SocketHandler): SocketHandle {
    return this.#add(fd, handler, undefined);
  }

  /**
   * As `add`, for a descriptor of `openPacketReceiver`: messages are what `readPacketRecord` reads, with
   * up to `snapLength` bytes of each packet. It outlives the interface's going down and up.
   */
  addPackets(fd: number, snapLength: number, handler: SocketHandler): SocketHandle {
    return this.#add(fd, handler, snapLength);
  }

  /**
   * Receives what is queued, and closes the descriptor then, of which `closed` tells. Nothing more may
   * come to it (see `stopPacketReceiver`). Keeps the process alive until then.
   */
  finish(handle: SocketHandle): void {
    const watched = this.#watched.get(handle);
    if (!watched || watched.finishing) return;
    watched.finishing = true;
    this.#finishing++;
    this.#port.ref();
    this.#command({ kind: 'finish', handle });
  }

  /**
   * Stops receiving at once, and has the descriptor closed by the thread that reads it, so that its
   * number cannot be taken by another file in between; `closed` tells when that is done.
   */
  remove(handle: SocketHandle): void {
    const watched = this.#watched.get(handle);
    if (!watched || watched.removed) return;
    watched.removed = true;
    this.#command({ kind: 'remove', handle });
  }

  /** Closes all descriptors and ends the worker. */
  async close(): Promise<void> {
    for (const watched of this.#watched.values()) watched.removed = true;
    this.#stop();
    this.#worker.ref();
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #visitor: BatchVisitor = {
    message: (handle, bytes, receivedAtNs) => {
      const watched = this.#watched.get(handle);
      if (watched && !watched.removed) watched.handler.message(bytes, receivedAtNs);
    },
    overrun: (handle, lost) => {
      const watched = this.#watched.get(handle);
      if (watched && !watched.removed) watched.handler.overrun(lost);
    },
    closed: (handle, errno) => {
      const watched = this.#watched.get(handle);
      this.#watched.delete(handle);
      if (watched?.finishing && --this.#finishing === 0) this.#port.unref();
      watched?.handler.closed(errno === 0 ? undefined : receiveError(watched.fd, errno));
    },
  };

  #add(fd: number, handler: SocketHandler, snapLength: number | undefined): SocketHandle {
    if (this.#ended) throw new Error('the socket reader is closed');
    const handle = ++this.#lastHandle;
    this.#watched.set(handle, { fd, handler, removed: false, finishing: false });
    this.#command({ kind: 'add', handle, fd, snapLength });
    return handle;
  }

  #deliver(batch: Uint8Array): void {
    Atomics.sub(this.#backlog, 0, batch.length);
    readBatch(batch, this.#visitor);
  }

  #command(command: ReaderCommand): void {
    if (this.#ended) return;
    this.#port.postMessage(command);
    libc.write(this.#wakeFd, WAKE);
  }

  #untilExit(): Promise<void> {
    return new Promise((resolve) => {
      let failure: Error | undefined;
      this.#worker.on('error', (error) => {
        failure = error;
      });
      this.#worker.on('exit', () => {
        this.#end(failure);
        resolve();
      });
    });
  }

  /** The worker is gone; what it did not close, which is so only where it never ran, is closed here. */
  #end(error: Error | undefined): void {
    this.#ended = true;
    process.off('exit', this.#stop);
    for (let last = receiveMessageOnPort(this.#port); last; ) {
      this.#deliver(last.message as Uint8Array);
      last = receiveMessageOnPort(this.#port);
    }
    for (const { fd, handler } of this.#watched.values()) {
      libc.close(fd);
      handler.closed(error);
    }
    this.#watched.clear();
    this.#port.close();
    libc.close(this.#wakeFd);
  }
}

/** What an eventfd takes: any 64-bit number but zero. */
const WAKE = new Uint8Array(BigUint64Array.of(1n).buffer);

function receiveError(fd: number, errno: number): KernelError {
  return new KernelError({ operation: 'receive', target: `descriptor ${fd}`, errno });
}
