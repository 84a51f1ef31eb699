import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { isNetweirError, NetweirError } from '@netweir/api';
import { daemonListens } from './connect.ts';
import { type Locations, locationsOf } from './context.ts';

const OWNER_ONLY = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Where an ordinary user's commands find netweir: root's daemon if it lets this user speak to it, else the
 * user's own, if there is one or if it is `forLabs` that it is asked for.
 *
 * @throws NetweirError `not-permitted` where somebody else has made the folder of its socket
 */
export async function locationsOfUser(forLabs: boolean): Promise<Locations> {
  const ofSystem = locationsOf(process.env);
  if (process.env.NETWEIR_SOCKET || (await isUsable(ofSystem.socketPath))) return ofSystem;
  const ofUser = userLocations();
  const folder = dirname(ofUser.socketPath);
  if (forLabs) {
    if (existsSync(folder)) requireOwn(folder);
    return ofUser;
  }
  return isOwn(folder) && (await isUsable(ofUser.socketPath)) ? ofUser : ofSystem;
}

/** As of rootless containers, whose daemon may keep labs as well. */
function userLocations(): Locations {
  const { env } = process;
  const { XDG_RUNTIME_DIR, XDG_STATE_HOME, NETWEIR_STATE } = env;
  const run = XDG_RUNTIME_DIR
    ? join(XDG_RUNTIME_DIR, 'netweir')
    : `/tmp/netweir-${process.geteuid?.()}`;
  return {
    socketPath: join(run, 'netweir.sock'),
    stateDirectory:
      NETWEIR_STATE || join(XDG_STATE_HOME || join(homedir(), '.local/state'), 'netweir'),
    environment: env,
  };
}

/**
 * Makes the folder of the socket, for this user alone.
 * @throws NetweirError `not-permitted` where somebody else has made it
 */
export function prepareSocketFolder(socketPath: string): void {
  const folder = dirname(socketPath);
  try {
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  } catch (cause) {
    throw new NetweirError('not-permitted', `cannot make ${folder}`, {
      cause,
      remedy: 'Set XDG_RUNTIME_DIR or NETWEIR_SOCKET.',
    });
  }
  requireOwn(folder);
}

function requireOwn(folder: string): void {
  if (isOwn(folder)) return;
  throw new NetweirError('not-permitted', `${folder} is not yours, or others may write to it`, {
    remedy: 'Remove it, or set XDG_RUNTIME_DIR or NETWEIR_SOCKET.',
  });
}

/** Whether a folder is this user's, and nobody else may put a socket there. */
function isOwn(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.geteuid?.()) return false;
  return (found.mode & WRITABLE_BY_OTHERS) === 0;
}

/** Whether somebody listens there to whom this user may speak. */
async function isUsable(socketPath: string): Promise<boolean> {
  try {
    return await daemonListens(socketPath);
  } catch (error) {
    if (isNetweirError(error)) return false;
    throw error;
  }
}
