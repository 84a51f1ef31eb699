import { constants, setPriority } from 'node:os';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type EngineCommand, EngineLoop } from './engine-loop.ts';
import { BEATS, DEAD, DONE, type EngineProgress } from './engine-progress.ts';

/** What an Engine gives to its worker. */
export interface EngineWorkerData {
  readonly port: MessagePort;
  readonly wakeFd: number;
  readonly progress: EngineProgress;
}

const { port, wakeFd, progress } = workerData as EngineWorkerData;

preferThisThread();
try {
  new EngineLoop(wakeFd, {
    receive: () => receiveMessageOnPort(port)?.message as EngineCommand | undefined,
    done: () => {
      Atomics.add(progress, DONE, 1);
      Atomics.notify(progress, DONE);
    },
    beat: () => void Atomics.add(progress, BEATS, 1),
    failed: (failure) => port.postMessage(failure),
  }).run();
} catch (error) {
  // The main thread may be waiting for an answer, and deaf to what is thrown here until then.
  Atomics.store(progress, DEAD, 1);
  Atomics.notify(progress, DONE);
  throw error;
}
port.close();

/** Delays are kept best by whom the others let go first; without CAP_SYS_NICE it waits as they do. */
function preferThisThread(): void {
  try {
    // Linux takes process 0 for the calling thread alone (setpriority(2), "C library/kernel differences").
    setPriority(0, constants.priority.PRIORITY_HIGHEST);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR'))
      throw error;
  }
}
