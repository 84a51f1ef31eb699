import { Worker } from 'node:worker_threads';

/** A message that takes longer than this is a hang. */
const PATIENCE_MS = 20_000;

/** Written as JavaScript, for a thread of its own: it ends the process, which is lost anyway. */
const PROGRAM = `
const { workerData: { shared, patienceMs }, parentPort } = require('node:worker_threads');
const { writeSync } = require('node:fs');
let what = '', seen = '', since = Date.now();
parentPort.on('message', (text) => { what = text; since = Date.now(); });
setInterval(() => {
  const now = what + Atomics.load(shared, 0);
  if (now !== seen || what === '') { seen = now; since = Date.now(); return; }
  if (Date.now() - since < patienceMs) return;
  writeSync(2, 'hangs: ' + what + ', message ' + Atomics.load(shared, 0) + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 1000);
`;

const shared = new Int32Array(new SharedArrayBuffer(4));
let worker: Worker | undefined;

/** Tells where a run is; where that stays the same for too long, the process ends with a word about it. */
export function watch(what: string): { at(index: number): void; end(): void } {
  worker ??= startWorker();
  worker.postMessage(what);
  return {
    at: (index) => void Atomics.store(shared, 0, index),
    end: () => worker?.postMessage(''),
  };
}

function startWorker(): Worker {
  const started = new Worker(PROGRAM, {
    eval: true,
    workerData: { shared, patienceMs: PATIENCE_MS },
  });
  started.unref();
  return started;
}
