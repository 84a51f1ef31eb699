/** Starts in the namespace of a node (see run.ts), calls the code that it is given, and says the result. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Code, Outcome, Task } from './run.ts';

async function load(code: Code): Promise<unknown> {
  if ('url' in code) return (await import(code.url)).default;
  return (await import(moduleOf(code.source))).default;
}

/** The source of a function as a module, whose `import()` then works as in any other. */
function moduleOf(source: string): string {
  return `data:text/javascript,${encodeURIComponent(`export default ${source}`)}`;
}

const { code, args } = workerData as Task;
const run = await load(code);
if (typeof run !== 'function') {
  throw new TypeError('the code to run is no function, nor a module whose default export is one');
}
const outcome: Outcome = { result: await run(...args) };
parentPort?.postMessage(outcome);
