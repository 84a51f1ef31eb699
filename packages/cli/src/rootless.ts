import { isNetweirError } from '@netweir/api';
import { daemonListens } from './connect.ts';
import type { Terminal } from './terminal.ts';

const NOTE =
  "netweir: it works on this user's rootless containers; the host's own interfaces and other users' containers need root\n";

/**
 * Runs this command line again as the root of an ordinary user's containers, where there are some and
 * no daemon does it; resolves with its exit code. Undefined: it is to be run in this process.
 *
 * @throws NetweirError `not-permitted` in the process that was started there, and is elsewhere
 */
export async function runRootless(
  terminal: Terminal,
  socketPath: string,
): Promise<number | undefined> {
  const { execPath, execArgv, argv } = process;
  const { enterRootless, isRootless, rootlessNamespace } = await import('@netweir/daemon');
  if (isRootless()) {
    terminal.err(NOTE);
    return undefined;
  }
  const namespace = rootlessNamespace();
  if (!namespace || (await hasDaemon(socketPath))) return undefined;
  return await enterRootless(namespace, [execPath, ...execArgv, ...argv.slice(1)]);
}

/** A daemon that this user may not speak to is none. */
async function hasDaemon(socketPath: string): Promise<boolean> {
  try {
    return await daemonListens(socketPath);
  } catch (error) {
    if (isNetweirError(error)) return false;
    throw error;
  }
}
