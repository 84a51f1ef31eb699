import { join } from 'node:path';
import type { Connection } from './connect.ts';
import type { Terminal } from './terminal.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the daemon's socket and netweir's journal are. */
export interface Locations {
  readonly socketPath: string;
  readonly stateDirectory: string;
  /** Tells where the configuration is. */
  readonly environment: Environment;
}

/** What every command is given. */
export interface Context {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly locations: Locations;
  connect(): Promise<Connection>;
}

/** NETWEIR_SOCKET and NETWEIR_STATE, or the defaults: the system's, or those of a rootless user. */
export function locationsOf(environment: Environment): Locations {
  const { NETWEIR_SOCKET, NETWEIR_STATE, NETWEIR_USER_NAMESPACE } = environment;
  const isRootless = NETWEIR_USER_NAMESPACE !== undefined;
  const { HOME = '/', XDG_RUNTIME_DIR = '/tmp', XDG_STATE_HOME } = environment;
  const run = isRootless ? XDG_RUNTIME_DIR : '/run';
  const state = isRootless ? XDG_STATE_HOME || join(HOME, '.local/state') : '/var/lib';
  return {
    socketPath: NETWEIR_SOCKET || join(run, 'netweir/netweir.sock'),
    stateDirectory: NETWEIR_STATE || join(state, 'netweir'),
    environment,
  };
}

/** Whether this process is neither root nor the root of rootless containers. */
export function isOrdinaryUser(): boolean {
  return process.geteuid?.() !== 0 && process.env.NETWEIR_USER_NAMESPACE === undefined;
}
