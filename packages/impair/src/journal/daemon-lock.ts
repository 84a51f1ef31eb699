import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NetweirError } from '@netweir/api';
import { holdFileLock } from '@netweir/kernel';
import { netweirErrorOf } from '../kernel-error.ts';

/**
 * Makes this process the one daemon of a state directory, until the result is disposed of or the
 * process ends, however it ends: what an earlier daemon left may then be put back.
 *
 * @throws NetweirError `daemon-running`, `journal-failed`, `not-permitted`
 */
export function holdDaemonLock(stateDirectory: string): Disposable {
  const held = hold(stateDirectory);
  if (held) return held;
  throw new NetweirError('daemon-running', `a netweir daemon already uses ${stateDirectory}`, {
    remedy: 'Use it (`netweir ls`), end it first, or give this one another NETWEIR_STATE.',
  });
}

function hold(directory: string): Disposable | undefined {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return holdFileLock(join(directory, 'daemon.lock'));
  } catch (error) {
    const { message } = netweirErrorOf(error);
    const code = isRefusal(error) ? 'not-permitted' : 'journal-failed';
    throw new NetweirError(code, message, {
      cause: error,
      remedy: 'Run netweir as root, or name another state directory with NETWEIR_STATE.',
    });
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && /\bE(?:ACCES|PERM)\b/u.test(error.message);
}
