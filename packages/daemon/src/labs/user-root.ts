import { NetweirError } from '@netweir/api';
import { labErrorOf } from './errors.ts';
import { loadLabLibrary } from './lab-library.ts';

/**
 * For root, returns at once. An ordinary user's process runs its command line once more, where it is root
 * of what it makes (user_namespaces(7)), and ends as that one does; in which this returns the socket that
 * the page is to listen on, bound to `port` of the user's own 127.0.0.1.
 *
 * @throws NetweirError `not-permitted` where the system forbids it, `address-in-use`
 */
export async function becomeLabRoot(
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const { execPath, execArgv, argv } = process;
  const { becomeRoot } = await loadLabLibrary();
  try {
    return await becomeRoot([execPath, ...execArgv, ...argv.slice(1)], { port, environment });
  } catch (error) {
    throw isInUse(error) ? portInUse(port, error) : labErrorOf(error);
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'errnoName' in error && error.errnoName === 'EADDRINUSE';
}

function portInUse(port: number, cause: unknown): NetweirError {
  return new NetweirError('address-in-use', `something listens on 127.0.0.1:${port} already`, {
    cause,
    remedy: 'End what listens there, or choose another port with `--port`.',
  });
}
