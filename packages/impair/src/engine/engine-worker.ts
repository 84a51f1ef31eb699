import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type EngineCommand, EngineLoop } from './engine-loop.ts';
import { DEAD, DONE, type EngineProgress } from './engine-progress.ts';

/** What an Engine gives to its worker. */
export interface EngineWorkerData {
  readonly port: MessagePort;
  readonly wakeFd: number;
  readonly deadlineFd: number;
  readonly progress: EngineProgress;
}

const { port, wakeFd, deadlineFd, progress } = workerData as EngineWorkerData;

try {
  new EngineLoop(wakeFd, deadlineFd, {
    receive: () => receiveMessageOnPort(port)?.message as EngineCommand | undefined,
    done: () => {
      Atomics.add(progress, DONE, 1);
      Atomics.notify(progress, DONE);
    },
  }).run();
} catch (error) {
  // The main thread may be waiting for an answer, and deaf to what is thrown here until then.
  Atomics.store(progress, DEAD, 1);
  Atomics.notify(progress, DONE);
  throw error;
}
port.close();
