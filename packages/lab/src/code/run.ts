import type { Worker } from 'node:worker_threads';
import { LabError } from '../errors.ts';
import { type Inside, startWorker } from './node-worker.ts';
import { OUTCOME, type Outcome } from './outcome.ts';

/** A function that can travel: it sees nothing but its arguments and what it imports itself. */
export type NodeFunction<Args extends readonly unknown[], Result> = (
  ...args: Args
) => Result | Promise<Result>;

/** How code is told to the Worker. */
export type Code = { readonly source: string } | { readonly url: string };

/** How a function or a module is told to the Worker. */
export function codeOf(code: NodeFunction<never, unknown> | URL): Code {
  return code instanceof URL ? { url: code.href } : { source: code.toString() };
}

/** What the Worker is started with. */
export interface Task {
  readonly code: Code;
  readonly args: readonly unknown[];
}

/** What aborts code: an AbortSignal, such as `AbortSignal.timeout(5000)`. */
export interface RunOptions {
  readonly signal?: AbortSignal;
}

/** Runs code in a Worker of its own. */
export async function runInWorker(
  inside: Inside,
  task: Task,
  { signal }: RunOptions,
): Promise<unknown> {
  signal?.throwIfAborted();
  const worker = startWorker(inside, new URL('./worker.js', import.meta.url), task);
  const { promise, resolve, reject } = withResolvers<unknown>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  const forget = inside.activities.add(() => {
    reject(inside.activities.reason());
    return worker.terminate();
  });
  worker.on('message', (message: Partial<Outcome> | null) => {
    if (message?.kind === OUTCOME) resolve(message.result);
  });
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

/** Starts code in a Worker of its own, which lives until the code or its node ends, or it is terminated. */
export function startThread(inside: Inside, task: Task): Worker {
  const worker = startWorker(inside, new URL('./thread-worker.js', import.meta.url), task);
  worker.once(
    'exit',
    inside.activities.add(() => worker.terminate()),
  );
  return worker;
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
