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

/** NETWEIR_SOCKET and NETWEIR_STATE, or the defaults. */
export function locationsOf(environment: Environment): Locations {
  return {
    socketPath: environment.NETWEIR_SOCKET || '/run/netweir/netweir.sock',
    stateDirectory: environment.NETWEIR_STATE || '/var/lib/netweir',
    environment,
  };
}
