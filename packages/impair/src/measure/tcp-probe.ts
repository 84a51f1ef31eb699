import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import {
  bindToInterface,
  type NetworkNamespace,
  openBoundSocket,
  openInetSocket,
  parseIpAddress,
} from '@netweir/kernel';
import type { NearEnd } from './ends.ts';

/** How long a connection may take until it counts as lost. */
const TIMEOUT_MS = 3000;
/** More at a time would be a burden for the other end. */
const MAX_OPEN = 32;

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Ends its connections, too: of the other ends' goodbyes some are lost on the way. */
  close(): void;
}

/** A TCP server inside a namespace, once it listens. @throws {KernelError} EADDRNOTAVAIL */
export async function listenIn(
  namespace: NetworkNamespace,
  address: string,
  onConnection: (socket: Socket) => void,
): Promise<Listening> {
  const fd = openBoundSocket(namespace, 'stream', address, 0);
  const accepted = new Set<Socket>();
  const server = createServer((socket) => {
    accepted.add(socket);
    socket.on('close', () => accepted.delete(socket));
    // Who connects may break off as it likes.
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  const listening = once(server, 'listening');
  server.listen({ fd });
  await listening;
  const place = server.address();
  if (place === null || typeof place === 'string') throw new TypeError('a TCP server has a port');
  const close = (): void => {
    for (const socket of accepted) socket.destroy();
    server.close();
  };
  return { server, port: place.port, close };
}

/** A TCP socket inside a namespace that starts to connect. @throws {KernelError} ENODEV */
export function connectFrom(from: NearEnd, address: string, port: number): Socket {
  const fd = openInetSocket(from.namespace, parseIpAddress(address).family, 'stream');
  const socket = new Socket({ fd });
  if (from.interface !== undefined) bindToInterface(fd, from.interface);
  return socket.connect({ host: address, port });
}

/** Opens TCP connections one after the other, and measures how long each takes to stand, or to be refused. */
export class TcpProbes {
  readonly #from: NearEnd;
  readonly #address: string;
  readonly #port: number;
  readonly #open = new Set<Socket>();
  /** In the order of their starts; null where nothing came of it. */
  readonly #times: (number | null)[] = [];

  constructor(from: NearEnd, address: string, port: number) {
    this.#from = from;
    this.#address = address;
    this.#port = port;
  }

  start(): void {
    if (this.#open.size >= MAX_OPEN) return;
    const at = this.#times.push(null) - 1;
    const begun = performance.now();
    const socket = connectFrom(this.#from, this.#address, this.#port);
    this.#open.add(socket);
    const timer = setTimeout(() => socket.destroy(), TIMEOUT_MS);
    socket.once('connect', () => {
      this.#times[at] = performance.now() - begun;
      // Closed by a reset, so that no port stays in TIME_WAIT.
      socket.resetAndDestroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') this.#times[at] = performance.now() - begun;
    });
    socket.once('close', () => {
      clearTimeout(timer);
      this.#open.delete(socket);
    });
  }

  get open(): number {
    return this.#open.size;
  }

  get times(): readonly (number | null)[] {
    return this.#times;
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
