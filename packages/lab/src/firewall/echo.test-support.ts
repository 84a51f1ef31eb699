import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { LabNode } from '../node/lab-node.ts';

/** Within this time an answer comes that comes at all: the labs of these tests delay nothing. */
const PATIENCE_MS = 300;

/** Has a node answer at a port, by UDP with what comes and by TCP with the caller's address. */
export async function answerAt(node: LabNode, port: number): Promise<void> {
  const udp = await node.udp({ port });
  udp.on('message', (text, from) => udp.send(text, from.port, from.address));
  const tcp = await node.listen({ port });
  tcp.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
}

/** Whether a node answers a datagram of another one. */
export async function answersUdp(from: LabNode, address: string, port: number): Promise<boolean> {
  const udp = await from.udp({ address: address.includes(':') ? '::' : '0.0.0.0' });
  try {
    const answer = once(udp, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    udp.on('error', () => {});
    udp.send('hello', port, address);
    return await answer.then(
      () => true,
      () => false,
    );
  } finally {
    udp.close();
  }
}

/** Whether a node echoes what another one sends by TCP. */
export async function answersTcp(from: LabNode, address: string, port: number): Promise<boolean> {
  const conversation = from.connect({ address, port }).then(async (socket) => {
    const echo = once(socket, 'data');
    socket.write('hello');
    await echo;
    socket.destroy();
    return true;
  });
  return await withinPatience(conversation.catch(() => false));
}

async function withinPatience(answer: Promise<boolean>): Promise<boolean> {
  const timer = new AbortController();
  const silence = setTimeout(PATIENCE_MS, false, timer);
  try {
    return await Promise.race([answer, silence]);
  } finally {
    timer.abort();
    await silence.catch(() => {});
  }
}
