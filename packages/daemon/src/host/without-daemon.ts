import { NetweirError } from '@netweir/api';

/** @throws NetweirError `daemon-unreachable` for what a command cannot do by itself */
export function refuseWithoutDaemon(owner: 'daemon' | 'command', what: string): void {
  if (owner === 'daemon') return;
  throw new NetweirError('daemon-unreachable', `${what} needs a daemon, and none runs`, {
    remedy: 'Start one with `netweir up`, which also applies the rules of the configuration file.',
  });
}
