import { closeSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { WakeFd } from '@netweir/kernel';
import type { TranslatorCommand } from './translator-loop.ts';
import type { TranslatorWorkerData } from './translator-worker.ts';

interface Served {
  readonly fd: number;
  readonly done: Promise<void>;
  readonly resolve: () => void;
}

let shared: TranslatorThread | undefined;

/**
 * Has a NAT64 translate what comes from a TUN interface and give it back there, with the IPv4 address
 * `pool`. All of this process have one thread between them, which is there while one of them is. Takes
 * the descriptor. What is returned ends it, and is fulfilled when the descriptor is closed.
 */
export function translate(fd: number, pool: Uint8Array): () => Promise<void> {
  shared ??= new TranslatorThread();
  const thread = shared;
  const device = thread.add(fd, pool);
  return async () => {
    const removal = thread.remove(device);
    if (thread.isIdle && shared === thread) shared = undefined;
    await removal;
  };
}

/** A thread that waits in epoll, and costs nothing while nothing comes. It keeps no process alive. */
class TranslatorThread {
  readonly #wake = new WakeFd();
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #served = new Map<number, Served>();
  readonly #stop = (): void => this.#tell({ kind: 'stop' });
  #wanted = 0;
  #lastDevice = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#worker = new Worker(new URL('./translator-worker.js', import.meta.url), {
      workerData: { port: port2, wakeFd: this.#wake.fd } satisfies TranslatorWorkerData,
      transferList: [port2],
      // Flags of the main program, such as --input-type, need not fit a Worker.
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('error', (error) => process.emitWarning(error));
    this.#worker.once('exit', () => this.#end());
    this.#port.on('message', (device: number) => this.#release(device));
    this.#port.unref();
    // Node waits for its threads when it exits, and this one would never leave epoll by itself.
    process.on('exit', this.#stop);
  }

  /** Whether nobody wants it any more. */
  get isIdle(): boolean {
    return this.#wanted === 0;
  }

  add(fd: number, pool: Uint8Array): number {
    const device = ++this.#lastDevice;
    let resolve: () => void = () => {};
    const done = new Promise<void>((onDone) => {
      resolve = onDone;
    });
    this.#served.set(device, { fd, done, resolve });
    this.#wanted += 1;
    this.#tell({ kind: 'add', device, fd, pool });
    return device;
  }

  /** The descriptor is closed by this thread once the other one does not use it any more. */
  async remove(device: number): Promise<void> {
    const served = this.#served.get(device);
    this.#wanted -= 1;
    if (!served) return;
    this.#port.ref();
    this.#tell({ kind: 'remove', device });
    if (this.isIdle) this.#stop();
    await served.done;
  }

  #tell(command: TranslatorCommand): void {
    this.#port.postMessage(command);
    this.#wake.wake();
  }

  #release(device: number): void {
    const served = this.#served.get(device);
    if (!served) return;
    this.#served.delete(device);
    closeSync(served.fd);
    served.resolve();
    if (this.#served.size === 0) this.#port.unref();
  }

  #end(): void {
    process.off('exit', this.#stop);
    if (shared === this) shared = undefined;
    for (const device of [...this.#served.keys()]) this.#release(device);
    this.#port.close();
    this.#wake.close();
  }
}
