import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type EngineCommand, EngineLoop } from './engine-loop.ts';

/** What an Engine gives to its worker. */
export interface EngineWorkerData {
  readonly port: MessagePort;
  readonly wakeFd: number;
  readonly deadlineFd: number;
  /** One shared number: the commands that were carried out. */
  readonly done: Int32Array<SharedArrayBuffer>;
}

const { port, wakeFd, deadlineFd, done } = workerData as EngineWorkerData;

new EngineLoop(wakeFd, deadlineFd, {
  receive: () => receiveMessageOnPort(port)?.message as EngineCommand | undefined,
  done: () => {
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  },
}).run();
port.close();
