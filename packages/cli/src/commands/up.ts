import { NetweirError } from '@netweir/api';
import type { DaemonOptions } from '@netweir/daemon';
import { daemonListens } from '../connect.ts';
import type { Context } from '../context.ts';
import { catchInterrupts } from '../interruption.ts';
import { printJson } from '../output/json.ts';
import type { Terminal } from '../terminal.ts';

/** A daemon that listens. */
export type Listening = Parameters<DaemonOptions['onListening']>[0];

export interface UpFlags {
  readonly port: string;
  readonly guardian: boolean;
}

/** `netweir up` */
export async function up(context: Context, options: UpFlags): Promise<number> {
  const { terminal, json } = context;
  await serve(context, parsePort(options.port), options, (info) => {
    if (json) printJson(terminal, { url: info.url, socketPath: info.socketPath });
    else {
      printWhere(terminal, info);
      terminal.err('netweir: Ctrl+C ends it and restores everything\n');
    }
  });
  return 0;
}

/** Where the page and the API are. */
export function printWhere(terminal: Terminal, { url, socketPath }: Listening): void {
  terminal.out(`page    ${url}\nsocket  ${socketPath}\n`);
}

/**
 * Runs the daemon until an interrupt, or until what `onListening` does fails.
 *
 * @throws NetweirError
 */
export async function serve(
  { terminal, locations }: Context,
  page: DaemonOptions['port'],
  { guardian = true }: { readonly guardian?: boolean },
  onListening: (info: Listening) => void | Promise<void>,
): Promise<void> {
  if (await daemonListens(locations.socketPath)) {
    throw new NetweirError(
      'daemon-running',
      `a daemon listens on ${locations.socketPath} already`,
      {
        remedy: 'Use it, end it, or give this one another NETWEIR_SOCKET and NETWEIR_STATE.',
      },
    );
  }
  const { configFilesOf, runDaemon } = await import('@netweir/daemon');
  // Without a terminal that could be hung up, SIGHUP asks a daemon to read its configuration again.
  const ignored = terminal.size() ? [] : (['SIGHUP'] as const);
  using interruption = catchInterrupts(terminal, ignored);
  const failure = new AbortController();
  await runDaemon({
    socketPath: locations.socketPath,
    stateDirectory: locations.stateDirectory,
    configFiles: configFilesOf(locations.environment),
    port: page,
    ...(!guardian && { guardian }),
    signal: AbortSignal.any([interruption.signal, failure.signal]),
    onListening: (info) => {
      Promise.resolve(onListening(info)).catch((error: unknown) => failure.abort(error));
    },
  });
  if (failure.signal.aborted && !interruption.signal.aborted) throw failure.signal.reason;
}

/** @throws NetweirError `invalid-request` */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new NetweirError('invalid-request', `--port "${text}" is not a port`, {
    remedy: 'Write a number from 0 to 65535.',
  });
}
