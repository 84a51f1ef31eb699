import { Worker } from 'node:worker_threads';
import type { NetworkNamespace } from '@netweir/kernel';
import { LabError } from '../errors.ts';
import type { Activities } from './activities.ts';

/** A function that can travel: it sees nothing but its arguments and what it imports itself. */
export type NodeFunction<Args extends readonly unknown[], Result> = (
  ...args: Args
) => Result | Promise<Result>;

/** How code is told to the Worker. */
export type Code = { readonly source: string } | { readonly url: string };

/** What the Worker is started with. */
export interface Task {
  readonly code: Code;
  readonly args: readonly unknown[];
}

/** Messages of the Worker. */
export interface Outcome {
  readonly result: unknown;
}

/** What aborts code: an AbortSignal, such as `AbortSignal.timeout(5000)`. */
export interface RunOptions {
  readonly signal?: AbortSignal;
}

/**
 * Runs code in a Worker of its own. A thread is born into the namespace of the thread that starts it, so that
 * the Worker needs no privilege, and does not know how to get out.
 */
export async function runInWorker(
  namespace: NetworkNamespace,
  activities: Activities,
  task: Task,
  { signal }: RunOptions,
  removed: () => Error,
): Promise<unknown> {
  signal?.throwIfAborted();
  const url = new URL('./worker.js', import.meta.url);
  // What this process was given as text (`node --input-type=module -e …`) says nothing of a file.
  const execArgv = process.execArgv.filter((option) => !option.startsWith('--input-type'));
  const worker = namespace.run<Worker>(() => new Worker(url, { workerData: task, execArgv }));
  const { promise, resolve, reject } = withResolvers<unknown>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  const forget = activities.add(() => {
    reject(removed());
    return worker.terminate();
  });
  worker.once('message', ({ result }: Outcome) => resolve(result));
  worker.once('messageerror', reject);
  worker.once('error', reject);
  worker.once('exit', (code) => reject(endedEarly(code)));
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    forget();
    await worker.terminate();
  }
}

function endedEarly(code: number): LabError {
  return new LabError('ERR_LAB_CODE_ENDED', `the code ended its Worker with exit code ${code}`);
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}
