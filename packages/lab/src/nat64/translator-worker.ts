import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type TranslatorCommand, TranslatorLoop } from './translator-loop.ts';

/** What a TranslatorThread gives to its Worker. */
export interface TranslatorWorkerData {
  readonly port: MessagePort;
  readonly wakeFd: number;
}

const { port, wakeFd } = workerData as TranslatorWorkerData;

new TranslatorLoop(wakeFd, {
  receive: () => receiveMessageOnPort(port)?.message as TranslatorCommand | undefined,
  removed: (device) => port.postMessage(device),
}).run();
port.close();
