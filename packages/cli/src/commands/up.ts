import { NetweirError } from '@netweir/api';
import { daemonListens } from '../connect.ts';
import type { Context } from '../context.ts';
import { catchInterrupts } from '../interruption.ts';
import { printJson } from '../output/json.ts';

/** `netweir up` */
export async function up(
  { terminal, json, locations }: Context,
  options: { readonly port: string },
): Promise<number> {
  const port = parsePort(options.port);
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
  await runDaemon({
    socketPath: locations.socketPath,
    stateDirectory: locations.stateDirectory,
    configFiles: configFilesOf(locations.environment),
    port,
    signal: interruption.signal,
    onListening: (info) => {
      if (json) printJson(terminal, { url: info.url, socketPath: info.socketPath });
      else {
        terminal.out(`page    ${info.url}\nsocket  ${info.socketPath}\n`);
        terminal.err('netweir: Ctrl+C ends it and restores everything\n');
      }
    },
  });
  return 0;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new NetweirError('invalid-request', `--port "${text}" is not a port`, {
    remedy: 'Write a number from 0 to 65535.',
  });
}
