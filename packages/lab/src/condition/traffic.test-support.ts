import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { output, pings } from '../lab.test-support.ts';
import type { LabNode } from '../node/lab-node.ts';

const PORT = 7;
const TURN_MS = 10;
/** Of some conditions it is their own that a ping is lost. */
const ATTEMPTS = [1, 2, 3];

/** The smallest of some round trips in ms, once the nodes on the way know each other's addresses. */
export function roundTripMs(from: LabNode, address: string): number {
  const isReached = ATTEMPTS.some(() => pings(from, address));
  assert.ok(isReached, `${from.name} reaches ${address}`);
  return Math.min(...pingTimesMs(from, address, '-c5', '-i0.02'));
}

/** What ping says of each answer. */
export function pingTimesMs(from: LabNode, address: string, ...options: string[]): number[] {
  const text = output(from, 'ping', '-n', '-W2', ...options, address);
  return [...text.matchAll(/time=([\d.]+) ms/g)].map(([, time]) => Number(time));
}

export function assertRoundTrip(from: LabNode, address: string, ms: number): void {
  const found = roundTripMs(from, address);
  // The machine may be busy; a condition too much or too little is more than that.
  assert.ok(found >= ms && found < ms + 15, `${found} ms instead of ${ms}`);
}

/** Has a node send back what it gets by UDP. */
export async function echoUdp(node: LabNode): Promise<void> {
  const socket = await node.udp({ port: PORT });
  socket.on('message', (message, from) => socket.send(message, from.port, from.address));
}

export interface UdpEchoOptions {
  readonly count: number;
  readonly bytes?: number;
  /** The longest round trip: after so long a silence no answer comes any more. */
  readonly longestMs?: number;
}

export interface UdpEchoes {
  readonly received: number;
  /** From the first datagram to the last answer. */
  readonly elapsedMs: number;
}

/** Sends datagrams to the IPv4 address where `echoUdp` answers, and counts the answers until none comes any more. */
export async function udpEchoes(
  from: LabNode,
  address: string,
  { count, bytes = 64, longestMs = 300 }: UdpEchoOptions,
): Promise<UdpEchoes> {
  const socket = await from.udp({ address: '0.0.0.0' });
  let received = 0;
  const start = performance.now();
  let last = start;
  socket.on('message', () => {
    received += 1;
    last = performance.now();
  });
  for (let sent = 0; sent < count; sent++) {
    socket.send(Buffer.alloc(bytes), PORT, address);
    // A burst is no subject here: it would fill what the sockets keep.
    if (sent % 10 === 9) await setTimeout(5);
  }
  // In turns, in each of which what is there is received, however busy the machine is.
  for (let silent = 0; received < count && silent * TURN_MS < longestMs; silent++) {
    const before = received;
    await setTimeout(TURN_MS);
    if (received > before) silent = 0;
  }
  socket.close();
  return { received, elapsedMs: last - start };
}

/** Has one node send to another by TCP; kbit/s of what arrives there, from the connection's first byte on. */
export async function tcpKbitPerSec(
  from: LabNode,
  to: LabNode,
  address: string,
  bytes: number,
): Promise<number> {
  const server = await to.listen({ port: PORT });
  const accepted = once(server, 'connection');
  const socket = await from.connect({ address, port: PORT });
  const [peer] = await accepted;
  const start = performance.now();
  socket.end(Buffer.alloc(bytes));
  let received = 0;
  for await (const chunk of peer) received += chunk.length;
  const elapsedMs = performance.now() - start;
  server.close();
  assert.equal(received, bytes);
  return (bytes * 8) / elapsedMs;
}
