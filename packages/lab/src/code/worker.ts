/** Starts in the namespace of a node (see run.ts), calls the code that it is given, and says the result. */
import { parentPort, workerData } from 'node:worker_threads';
import { equip } from './equip.ts';
import { load } from './load.ts';
import type { Equipment } from './node-worker.ts';
import { OUTCOME, type Outcome } from './outcome.ts';
import type { Task } from './run.ts';

/** A DOMException, such as that of an aborted `fetch`, would reach the other side as an empty object. */
function transferable(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  return Object.assign(new Error(error.message), { name: error.name });
}

const { task, ...equipment } = workerData as { readonly task: Task } & Equipment;
equip(equipment);
try {
  const run = await load(task.code);
  if (typeof run !== 'function') {
    throw new TypeError('what is to run is no function, nor a module that exports one by default');
  }
  const outcome: Outcome = { kind: OUTCOME, result: await run(...task.args) };
  parentPort?.postMessage(outcome);
} catch (error) {
  throw transferable(error);
}
