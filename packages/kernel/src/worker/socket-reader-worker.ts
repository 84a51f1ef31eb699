import {
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  workerData,
} from 'node:worker_threads';
import { type ReaderCommand, ReaderLoop } from './reader-loop.ts';

/** What a SocketReader gives to its worker. */
export interface ReaderWorkerData {
  readonly port: MessagePort;
  readonly wakeFd: number;
  /** One shared number: the bytes that were posted and not read yet. */
  readonly backlog: Int32Array<SharedArrayBuffer>;
}

const { port, wakeFd, backlog } = workerData as ReaderWorkerData;

const loop = new ReaderLoop(wakeFd, {
  receive: () => receiveMessageOnPort(port)?.message as ReaderCommand | undefined,
  post: (batch) => {
    Atomics.add(backlog, 0, batch.length);
    port.postMessage(batch, [batch.buffer]);
  },
  backlog: () => Atomics.load(backlog, 0),
});
parentPort?.postMessage('ready');
loop.run();
port.close();
