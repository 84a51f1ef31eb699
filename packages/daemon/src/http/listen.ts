import { lstat, mkdir, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import { NetweirError } from '@netweir/api';

/** Loopback only: whoever is remote comes through a tunnel of their own. */
const LOOPBACK = '127.0.0.1';

/** A port of 127.0.0.1, of which 0 lets the kernel choose one; or a socket that is bound to one already. */
export type TcpPlace = number | { readonly fd: number };

/**
 * Listens on 127.0.0.1. Returns the port.
 *
 * @throws NetweirError `address-in-use` or `not-permitted`
 */
export async function listenTcp(server: Server, place: TcpPlace): Promise<number> {
  const isPort = typeof place === 'number';
  const options = isPort ? { host: LOOPBACK, port: place } : { fd: place.fd };
  await listen(server, options, isPort ? `${LOOPBACK}:${place}` : LOOPBACK);
  const address = server.address() as AddressInfo;
  return address.port;
}

/**
 * Listens on a Unix socket that only its owner may open. A socket file that a killed daemon left
 * behind is replaced.
 *
 * @throws NetweirError `daemon-running` if somebody answers there, `address-in-use` if the path is
 * no socket, `not-permitted`
 */
export async function listenUnix(server: Server, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw listenError(error, path);
  });
  await removeStale(path);
  await listen(server, { path }, path);
}

function listen(server: Server, options: ListenOptions, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(error, where));
    server.once('error', fail);
    // bind() happens inside listen(), and gives the socket file its mode: 0600 from the start.
    const umask = options.path === undefined ? undefined : process.umask(0o177);
    try {
      server.listen(options, () => {
        server.off('error', fail);
        resolve();
      });
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
  });
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw listenError(error, path);
  });
  if (!found) return;
  if (!found.isSocket()) {
    throw new NetweirError('address-in-use', `${path} exists and is no socket`, {
      remedy: 'Move it away, or choose another path with `--socket`.',
    });
  }
  if (await answers(path)) {
    throw new NetweirError('daemon-running', `a daemon answers on ${path} already`, {
      remedy: 'Use it, or stop it first.',
    });
  }
  await unlink(path);
}

/** Whether a process listens there; the kernel refuses where the one that did is gone. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      // Its backlog is full: somebody is there.
      else if (error.code === 'EAGAIN') resolve(true);
      else reject(listenError(error, path));
    });
  });
}

function listenError(error: unknown, where: string): NetweirError {
  const { code, message } = error as NodeJS.ErrnoException;
  const text = `cannot listen on ${where}: ${message}`;
  if (code === 'EADDRINUSE') {
    const remedy = 'Stop what listens there, or choose another port with `--port`.';
    return new NetweirError('address-in-use', text, { cause: error, remedy });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new NetweirError('not-permitted', text, { cause: error, remedy: 'Run it as root.' });
  }
  return new NetweirError('internal', text, { cause: error });
}
