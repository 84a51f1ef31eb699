import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { NetworkNamespace, openBoundSocket } from '@netweir/kernel';
import type { SocketAddress } from '../code/sockets.ts';
import type { LabNode } from '../node/lab-node.ts';

/** How long silence has to last to be one. */
const SILENCE_MS = 250;
const ANSWER_MS = 3000;

/** A UDP socket of a node. */
export interface UdpEnd {
  readonly socket: UdpSocket;
  readonly port: number;
  send(text: string, to: SocketAddress): void;
  /** What came next, as `text from address:port`; undefined where nothing did. */
  next(limitMs?: number): Promise<string | undefined>;
  /** Nothing comes for a moment. */
  silence(): Promise<boolean>;
  /** As whom the other side sees this one; undefined where it does not answer. */
  ask(to: SocketAddress, limitMs?: number): Promise<string | undefined>;
}

export async function udpEnd(node: LabNode, at: Partial<SocketAddress> = {}): Promise<UdpEnd> {
  const socket = await node.udp({ address: '0.0.0.0', ...at });
  const send = (text: string, { address, port }: SocketAddress): void =>
    socket.send(text, port, address);
  const next = async (limitMs = ANSWER_MS) => {
    const signal = AbortSignal.timeout(limitMs);
    const [data, from] = await once(socket, 'message', { signal }).catch(() => []);
    return data && `${data} from ${from.address}:${from.port}`;
  };
  const silence = async () => (await next(SILENCE_MS)) === undefined;
  const ask = async (to: SocketAddress, limitMs?: number) => {
    const answer = next(limitMs);
    send('who am I', to);
    return (await answer)?.split(' ')[0];
  };
  return { socket, port: socket.address().port, send, next, silence, ask };
}

/** A node's place that tells everybody as whom it sees them, by UDP and by TCP. */
export async function mirror(node: LabNode, address: string): Promise<SocketAddress> {
  const { socket, port } = await udpEnd(node, { address });
  socket.on('message', (_, from) => socket.send(textOf(from), from.port, from.address));
  const server = await node.listen({ address, port });
  server.on('connection', (one) =>
    one.end(textOf({ address: one.remoteAddress ?? '', port: one.remotePort ?? 0 })),
  );
  return { address, port };
}

/** A TCP connection from a certain place, once it stands. */
export async function tcpFrom(
  node: LabNode,
  from: SocketAddress,
  to: SocketAddress,
  limitMs: number = ANSWER_MS,
): Promise<Socket> {
  const fd = node.runSync(() => {
    using namespace = NetworkNamespace.current();
    return openBoundSocket(namespace, 'stream', from.address, from.port);
  });
  const socket = new Socket({ fd });
  socket.connect({ host: to.address, port: to.port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(limitMs) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** As whom a mirror sees a connection from a certain place. */
export async function askTcp(
  node: LabNode,
  from: SocketAddress,
  to: SocketAddress,
): Promise<string> {
  const socket = await tcpFrom(node, from, to);
  return String(Buffer.concat(await socket.toArray()));
}

/** `address:port` as a place. */
export function place(text = ''): SocketAddress {
  const at = text.lastIndexOf(':');
  return { address: text.slice(0, at), port: Number(text.slice(at + 1)) };
}

function textOf({ address, port }: SocketAddress): string {
  return `${address}:${port}`;
}
