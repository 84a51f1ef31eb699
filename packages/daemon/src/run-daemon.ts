import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NetweirError } from '@netweir/api';
import { holdDaemonLock, netweirErrorOf } from '@netweir/impair';
import { pino } from 'pino';
import type { ConfigFile } from './config/files.ts';
import { loadConfig } from './config/load.ts';
import { ConfigWatch } from './config/watch.ts';
import { openHost } from './host/host.ts';
import type { TcpPlace } from './http/listen.ts';
import { VERSION } from './version.ts';

export interface DaemonOptions {
  readonly port: TcpPlace;
  readonly socketPath: string;
  /** Where the journal and the token are kept. */
  readonly stateDirectory: string;
  /** Where the configuration is read, and read again when it changes or on SIGHUP. */
  readonly configFiles: readonly ConfigFile[];
  /** Whether a guardian process restores where this one is killed; as configured if absent. */
  readonly guardian?: boolean;
  /** Ends the daemon cleanly. */
  readonly signal: AbortSignal;
  readonly onListening: (where: Listening) => void;
}

export interface Listening {
  /** The page's address, with the token behind the `#`. */
  readonly url: string;
  readonly socketPath: string;
}

const TOKEN_BYTES = 24;

/** The page as `@netweir/web` builds it. */
const PAGE_DIRECTORY = fileURLToPath(new URL('../page', import.meta.url));

/**
 * Owns netweir's state on this host until the signal; everything that it set is put back at its end.
 *
 * @throws NetweirError `daemon-running`, `address-in-use`, `not-permitted`, `journal-failed`,
 * `invalid-config`
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { stateDirectory, socketPath, configFiles, signal } = options;
  using _lock = holdDaemonLock(stateDirectory);
  const logger = pino({ name: 'netweir', level: 'warn' }, pino.destination(2));
  const token = keepToken(stateDirectory);
  const onProblem = (error: NetweirError): void => logger.error({ err: error }, error.message);
  const config = loadConfig(configFiles);
  // Commands without a daemon do not wait for it.
  const { createServer } = await import('./http/server.ts');
  const guardian = options.guardian ?? config.guardian ?? true;
  const host = await openHost({ stateDirectory, owner: 'daemon', guardian, config, onProblem });
  try {
    using watch = new ConfigWatch({
      files: configFiles,
      config,
      onChange: (changed) => host.configure(changed),
      onProblem,
    });
    using _reloads = onHangup(() => watch.reload());
    await using server = await createServer({
      netweir: host,
      token,
      pageDirectory: PAGE_DIRECTORY,
      version: VERSION,
      logger,
    });
    await server.listenUnix(socketPath);
    const port = await server.listenTcp(options.port);
    options.onListening({ url: `http://127.0.0.1:${port}/#token=${token}`, socketPath });
    await untilEnd(signal);
  } finally {
    await host.close({ restore: true });
  }
}

/** The same token after a restart, so that an open page goes on. */
function keepToken(directory: string): string {
  const path = join(directory, 'token');
  const kept = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (kept.length >= TOKEN_BYTES) return kept;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  writeFileSync(path, token, { mode: 0o600 });
  return token;
}

/** Until the signal, or until a fault that nobody caught: then, too, everything is put back first. */
async function untilEnd(signal: AbortSignal): Promise<void> {
  const { promise, fail } = faultOf(signal);
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  try {
    await promise;
  } finally {
    process.off('uncaughtException', fail);
    process.off('unhandledRejection', fail);
  }
}

function faultOf(signal: AbortSignal): { promise: Promise<void>; fail: (error: unknown) => void } {
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    fail = (error) => reject(netweirErrorOf(error));
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { promise, fail };
}

function onHangup(listener: () => void): Disposable {
  process.on('SIGHUP', listener);
  return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) };
}
