import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIP, type Server, Socket } from 'node:net';
import {
  type NetworkNamespace,
  openBoundSocket,
  openInetSocket,
  parseIpAddress,
} from '@netweir/kernel';
import { unknownName } from '../errors.ts';
import type { Activities } from './activities.ts';
import { datagramLookup } from './datagram-lookup.ts';

/** An end of a connection or the place of a server. */
export interface SocketAddress {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

/** An end of a connection by its name or its address, as in `net.connect`. */
export interface NamedSocketAddress {
  readonly host: string;
  readonly port: number;
}

/** A place to listen at: by default all addresses of both families, and a port that is free. */
export type LocalAddress = Partial<SocketAddress>;

const ANY = '::';

/** A TCP connection from inside, once it stands. */
export async function connect(
  namespace: NetworkNamespace,
  activities: Activities,
  { address, port }: SocketAddress,
): Promise<Socket> {
  activities.check();
  const { family } = parseIpAddress(address);
  const socket = new Socket({ fd: openInetSocket(namespace, family, 'stream') });
  closeWith(activities, socket, () =>
    socket.destroy(socket.connecting ? activities.reason() : undefined),
  );
  socket.connect({ host: address, port });
  await once(socket, 'connect');
  return socket;
}

/** Where to connect to, and how names are looked up. */
export interface Destination {
  readonly to: SocketAddress | NamedSocketAddress;
  readonly resolve: (name: string) => readonly string[];
}

/**
 * The first connection that `open` makes to one of the addresses of a destination.
 * @throws {LabError} ERR_LAB_UNKNOWN_NAME; what the last attempt failed with
 */
export async function connectTo(
  { to, resolve }: Destination,
  open: (address: string) => Promise<Socket>,
): Promise<Socket> {
  if ('address' in to) return await open(to.address);
  if (isIP(to.host)) return await open(to.host);
  const addresses = resolve(to.host);
  let failure: unknown = unknownName(to.host);
  for (const address of addresses) {
    try {
      return await open(address);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** A TCP server inside, once it listens. Its connections end with the node too. */
export async function listen(
  namespace: NetworkNamespace,
  activities: Activities,
  { address = ANY, port = 0 }: LocalAddress,
): Promise<Server> {
  activities.check();
  const fd = openBoundSocket(namespace, 'stream', address, port);
  const server = createServer();
  const ended = new AbortController();
  closeWith(activities, server, () => {
    server.close();
    ended.abort();
  });
  server.on('connection', (socket) => closeWith(activities, socket, () => socket.destroy()));
  server.listen({ fd });
  // A server that is closed before it listens says nothing.
  await once(server, 'listening', ended).catch((error) => {
    activities.check();
    throw error;
  });
  return server;
}

/** A UDP socket inside, bound. What it sends to a name goes to the first address of `resolve`. */
export async function openUdp(
  namespace: NetworkNamespace,
  activities: Activities,
  { address = ANY, port = 0 }: LocalAddress,
  resolve: (name: string) => readonly string[] = () => [],
): Promise<UdpSocket> {
  activities.check();
  const { family } = parseIpAddress(address);
  const fd = openBoundSocket(namespace, 'datagram', address, port);
  const controller = new AbortController();
  const { signal } = controller;
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    signal,
    lookup: datagramLookup(family, resolve),
  });
  // Unlike `close`, this may come after the socket was closed.
  closeWith(activities, socket, () => controller.abort());
  const listening = once(socket, 'listening');
  socket.bind({ fd, exclusive: true });
  await listening;
  activities.check();
  return socket;
}

function closeWith(activities: Activities, socket: Socket | Server | UdpSocket, close: () => void) {
  const forget = activities.add(close);
  socket.once('close', forget);
}
