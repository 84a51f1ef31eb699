import { NetweirError } from '@netweir/api';

/** @throws NetweirError where no daemon is there to do `what` */
export function refuseWithoutDaemon(owner: 'daemon' | 'command', what: string): void {
  if (owner === 'daemon') return;
  throw new NetweirError('daemon-unreachable', `${what} needs a daemon, and none runs`, {
    remedy: 'Start one with `netweir up`, which also applies the rules of the configuration file.',
  });
}
