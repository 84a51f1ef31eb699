import { MessageChannel, type MessagePort, Worker, type WorkerOptions } from 'node:worker_threads';
import {
  type MountNamespace,
  type NetworkNamespace,
  type PidNamespace,
  waitForExit,
} from '@netweir/kernel';
import type { Activities } from './activities.ts';
import { type Loading, newLoading, untilLoaded } from './loading.ts';
import type { Task } from './run.ts';
import type { NameAnswer, NameQuestion } from './worker-names.ts';

/** Where code of a node runs. */
export interface Inside {
  readonly namespace: NetworkNamespace;
  /** Where programs start. */
  readonly programs: PidNamespace;
  /** With what files; undefined where there are no others than outside. */
  readonly mounts: MountNamespace | undefined;
  readonly nameservers: readonly string[];
  /** Whether these know other names than the lab. */
  readonly asksNameservers: boolean;
  /** The addresses of a name, as the node knows it. */
  readonly resolve: (name: string) => readonly string[] | null;
  readonly activities: Activities;
}

/** What a Worker of a node is started with, besides what is its own. */
export interface Equipment {
  /** The pid namespace of the node's programs, as a path. */
  readonly programs: string;
  /** The mount namespace of its programs, as a path. */
  readonly mounts: string | undefined;
  readonly nameservers: readonly string[];
  readonly asksNameservers: boolean;
  readonly loading: Loading;
  /** To its node; it takes messages of the type NodeMessage, and gives those of type NameAnswer. */
  readonly port: MessagePort;
}

/** What a Worker tells its node: ids of programs, as this process sees them; and what it asks. */
export type NodeMessage = { readonly started: number } | { readonly ended: number } | NameQuestion;

/**
 * Starts a Worker in a node. A thread is born into the namespace of the thread that starts it, so that the
 * Worker needs no privilege, and does not know how to get out.
 */
export function startWorker(inside: Inside, url: URL, task: Task): Worker {
  const { port1, port2 } = new MessageChannel();
  const { namespace, programs, mounts, nameservers, asksNameservers } = inside;
  const loading = newLoading();
  const equipment: Equipment = {
    loading,
    programs: programs.path,
    mounts: mounts?.path,
    nameservers,
    asksNameservers,
    port: port2,
  };
  const options: WorkerOptions = {
    workerData: { task, ...equipment },
    transferList: [port2],
    // What this process was given as text (`node --input-type=module -e …`) says nothing of a file.
    execArgv: process.execArgv.filter((option) => !option.startsWith('--input-type')),
  };
  const worker = namespace.run<Worker>(() => new Worker(url, options));
  const terminate = worker.terminate.bind(worker);
  worker.terminate = async () => {
    await untilLoaded(loading);
    return await terminate();
  };
  serve(port1, inside);
  return worker;
}

/**
 * Answers a Worker, and waits for the programs that it leaves behind: it is their parent no more, and what
 * nobody waits for keeps its pid namespace.
 */
function serve(port: MessagePort, { resolve }: Inside): void {
  const running = new Set<number>();
  port.on('message', (message: NodeMessage) => {
    if ('started' in message) running.add(message.started);
    else if ('ended' in message) running.delete(message.ended);
    else {
      const { question, name } = message;
      port.postMessage({ question, addresses: resolve(name) } satisfies NameAnswer);
    }
  });
  port.once('close', () => {
    // That the Worker waited for one before it could say so is no matter.
    for (const pid of running) waitForExit(pid).catch(() => undefined);
  });
  port.unref();
}
