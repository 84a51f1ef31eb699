/** Starts in the namespace of a node (see run.ts), calls the code that it is given, and says the result. */
import { parentPort, workerData } from 'node:worker_threads';
import { startProgramsIn } from './child-processes.ts';
import type { Equipment } from './node-worker.ts';
import type { Code, Outcome, Task } from './run.ts';

async function load(code: Code): Promise<unknown> {
  if ('url' in code) return (await import(code.url)).default;
  return (await import(moduleOf(code.source))).default;
}

/** The source of a function as a module, whose `import()` then works as in any other. */
function moduleOf(source: string): string {
  const text = `export default ${asExpression(source)}`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** A method's source lacks the word that makes it a function; that of other functions is an expression. */
function asExpression(source: string): string {
  const method = /^(async\s+)?(?!async\b|function\b)([\w$]+)\s*\(/;
  return `(${source.replace(method, (_, async = '', name) => `${async}function ${name}(`)})`;
}

/** A DOMException, such as that of an aborted `fetch`, would reach the other side as an empty object. */
function transferable(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  return Object.assign(new Error(error.message), { name: error.name });
}

const { task, ...equipment } = workerData as { readonly task: Task } & Equipment;
startProgramsIn(equipment);
try {
  const run = await load(task.code);
  if (typeof run !== 'function') {
    throw new TypeError('what is to run is no function, nor a module that exports one by default');
  }
  const outcome: Outcome = { result: await run(...task.args) };
  parentPort?.postMessage(outcome);
} catch (error) {
  throw transferable(error);
}
