import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { type NetworkNamespace, openBoundSocket } from '@netweir/kernel';
import type { Activities } from '../code/activities.ts';
import { answerDns, type NameSource } from './dns-answer.ts';

const PORT = 53;
const LONGEST_QUERY = 65_535;

/** What the asker at an address knows. */
export type SourceFor = (address: string) => NameSource;

/** Answers DNS queries at an address of a node, by UDP and TCP. It keeps no event loop alive. */
export function serveDns(
  namespace: NetworkNamespace,
  activities: Activities,
  address: string,
  sourceFor: SourceFor,
): void {
  serveUdp(namespace, activities, address, sourceFor);
  serveTcp(namespace, activities, address, sourceFor);
}

function serveUdp(
  namespace: NetworkNamespace,
  activities: Activities,
  address: string,
  sourceFor: SourceFor,
): void {
  const fd = openBoundSocket(namespace, 'datagram', address, PORT);
  const socket: UdpSocket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  activities.add(() => socket.close());
  socket.on('message', (query, { address: from, port }) => {
    const answer = answerDns(query, sourceFor(from), 'udp');
    // Where it cannot be sent (the asker's network may be gone), it is lost as in any network.
    if (answer) socket.send(answer, port, from, () => {});
  });
  // Such as ICMP errors in answer to an answer.
  socket.on('error', () => {});
  socket.bind({ fd, exclusive: true });
  socket.unref();
}

function serveTcp(
  namespace: NetworkNamespace,
  activities: Activities,
  address: string,
  sourceFor: SourceFor,
): void {
  const fd = openBoundSocket(namespace, 'stream', address, PORT);
  const server = createServer((socket) => {
    const forget = activities.add(() => socket.destroy());
    socket.once('close', forget);
    socket.on('error', () => socket.destroy());
    socket.unref();
    answerStream(socket, sourceFor);
  });
  activities.add(() => server.close());
  server.listen({ fd });
  server.unref();
}

/** Each query and answer has its length before it (RFC 1035 section 4.2.2). */
function answerStream(socket: Socket, sourceFor: SourceFor): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      const query = received.subarray(2, end);
      received = received.subarray(end);
      const answer = answerDns(query, sourceFor(socket.remoteAddress ?? ''), 'tcp');
      if (!answer || answer.length > LONGEST_QUERY) return void socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
}
