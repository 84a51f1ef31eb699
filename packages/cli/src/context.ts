import type { Connection } from './connect.ts';
import type { Terminal } from './terminal.ts';

/** Where the daemon's socket and netweir's journal are. */
export interface Locations {
  readonly socketPath: string;
  readonly stateDirectory: string;
}

/** What every command is given. */
export interface Context {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly locations: Locations;
  connect(): Promise<Connection>;
}

/** NETWEIR_SOCKET and NETWEIR_STATE, or the defaults. */
export function locationsOf(environment: Readonly<Record<string, string | undefined>>): Locations {
  return {
    socketPath: environment.NETWEIR_SOCKET || '/run/netweir/netweir.sock',
    stateDirectory: environment.NETWEIR_STATE || '/var/lib/netweir',
  };
}
