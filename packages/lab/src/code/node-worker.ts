import { MessageChannel, type MessagePort, Worker, type WorkerOptions } from 'node:worker_threads';
import { type NetworkNamespace, type PidNamespace, waitForExit } from '@netweir/kernel';
import type { Activities } from './activities.ts';

/** Where code of a node runs. */
export interface Inside {
  readonly namespace: NetworkNamespace;
  /** Where programs start. */
  readonly programs: PidNamespace;
  readonly activities: Activities;
  /** Why what still runs at the end of the node fails. */
  readonly removed: () => Error;
}

/** What a Worker of a node is started with, besides what is its own. */
export interface Equipment {
  /** The pid namespace of the node's programs, as a path. */
  readonly programs: string;
  /** To its node; it takes messages of the type NodeMessage. */
  readonly port: MessagePort;
}

/** What a Worker tells its node: ids of programs, as this process sees them. */
export type NodeMessage = { readonly started: number } | { readonly ended: number };

/**
 * Starts a Worker in a node. A thread is born into the namespace of the thread that starts it, so that the
 * Worker needs no privilege, and does not know how to get out.
 */
export function startWorker<Data>(
  { namespace, programs }: Pick<Inside, 'namespace' | 'programs'>,
  url: URL,
  data: Data,
): Worker {
  const { port1, port2 } = new MessageChannel();
  const options: WorkerOptions = {
    workerData: { ...data, programs: programs.path, port: port2 } satisfies Data & Equipment,
    transferList: [port2],
    // What this process was given as text (`node --input-type=module -e …`) says nothing of a file.
    execArgv: process.execArgv.filter((option) => !option.startsWith('--input-type')),
  };
  const worker = namespace.run<Worker>(() => new Worker(url, options));
  inheritPrograms(port1);
  return worker;
}

/**
 * Waits for the programs that a Worker leaves behind: it is their parent no more, and what nobody waits
 * for keeps its pid namespace.
 */
function inheritPrograms(port: MessagePort): void {
  const running = new Set<number>();
  port.on('message', (message: NodeMessage) => {
    if ('started' in message) running.add(message.started);
    else running.delete(message.ended);
  });
  port.once('close', () => {
    // That the Worker waited for one before it could say so is no matter.
    for (const pid of running) waitForExit(pid).catch(() => undefined);
  });
  port.unref();
}
