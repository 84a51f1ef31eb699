import { type Netweir, NetweirError } from '@netweir/api';
import { type Connection, daemonListens } from '../../connect.ts';
import { type Context, isOrdinaryUser } from '../../context.ts';

/**
 * As `connect`, but that an ordinary user, who can have no netweir in this process, is told what is missing.
 * @throws NetweirError `daemon-unreachable`
 */
export async function connectToDaemon(context: Context): Promise<Connection> {
  if (isOrdinaryUser() && !(await daemonListens(context.locations.socketPath))) throw noDaemon();
  return await context.connect();
}

/** A command without a daemon ends, and a lab would end with it. */
export function ofDaemon({ netweir, via }: Connection): Netweir {
  if (via === 'daemon') return netweir;
  throw noDaemon();
}

export function noDaemon(): NetweirError {
  return new NetweirError('daemon-unreachable', 'labs live in the daemon, and none runs', {
    remedy:
      'Start it with `netweir up`, as root; `netweir lab up FILE` without --detach needs none.',
  });
}
