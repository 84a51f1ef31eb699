import { type Netweir, NetweirError } from '@netweir/api';
import type { Connection } from '../../connect.ts';

/** A command without a daemon ends, and a lab would end with it. */
export function ofDaemon({ netweir, via }: Connection): Netweir {
  if (via === 'daemon') return netweir;
  throw noDaemon();
}

export function noDaemon(): NetweirError {
  return new NetweirError('daemon-unreachable', 'labs live in the daemon, and none runs', {
    remedy: 'Start it with `netweir up`; `netweir lab up FILE` without --detach needs none.',
  });
}
