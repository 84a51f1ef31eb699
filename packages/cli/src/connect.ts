import { createConnection } from 'node:net';
import { createClient, type Netweir, NetweirError } from '@netweir/api';
import type { Locations } from './context.ts';

/** netweir, either of the daemon or in this process. */
export interface Connection extends AsyncDisposable {
  readonly netweir: Netweir;
  readonly via: 'daemon' | 'process';
  /** Aborted with a NetweirError when the userspace engine dies, where that is in this process. */
  readonly engineFailure?: AbortSignal;
}

/**
 * The daemon where it listens; otherwise, or where `daemon` is false, netweir in this process.
 *
 * @throws NetweirError `not-permitted` where the socket is there but closed to this user
 */
export async function connect(where: Locations, daemon: boolean): Promise<Connection> {
  if (daemon && (await daemonListens(where.socketPath))) {
    const { unixSocketTransport } = await import('@netweir/api/node');
    return {
      netweir: createClient(unixSocketTransport(where.socketPath)),
      via: 'daemon',
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
  const { configFilesOf, loadConfig, openHost } = await import('@netweir/daemon');
  const failure = new AbortController();
  const config = loadConfig(configFilesOf(where.environment));
  const host = await openHost({
    stateDirectory: where.stateDirectory,
    owner: 'command',
    guardian: config.guardian !== false,
    config,
    onProblem: (error) => {
      // A lease that the host could not end is tried once more by the command, which tells of it.
      if (error.code === 'engine-failed') failure.abort(error);
    },
  });
  return {
    netweir: host,
    via: 'process',
    engineFailure: failure.signal,
    // What a command has set stays when it ends, but no lease does.
    [Symbol.asyncDispose]: () => host.close({ restore: false }),
  };
}

/**
 * Whether somebody listens on the socket. A missing socket and one that an ended daemon left are no.
 *
 * @throws NetweirError `not-permitted`, or `daemon-unreachable` for whatever else is in the way
 */
export function daemonListens(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(error.code ?? '')) resolve(false);
      else reject(cannotConnect(socketPath, error));
    });
  });
}

function cannotConnect(socketPath: string, cause: NodeJS.ErrnoException): NetweirError {
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new NetweirError(
      'not-permitted',
      `cannot connect to the daemon on ${socketPath}: ${cause.code}`,
      { cause, remedy: 'Run netweir as root, or as a user who may open the socket.' },
    );
  }
  return new NetweirError(
    'daemon-unreachable',
    `cannot connect to the daemon on ${socketPath}: ${cause.message}`,
    { cause, remedy: 'See whether the daemon runs, or use --no-daemon.' },
  );
}
