import type { Capabilities, Direction, EngineChoice } from '@netweir/api';
import type { Way } from './ways.ts';

/** Why an engine cannot do everything in one direction. */
export type Lack = 'no-netem' | 'no-ifb' | 'no-userspace';

/** What can be set in one direction on this host with the chosen engine. */
export type Offer =
  | { readonly can: 'all'; readonly lack?: never }
  | { readonly can: 'rate' | 'nothing'; readonly lack: Lack };

export type HostMeans = Pick<Capabilities, 'netem' | 'tbf' | 'ifb' | 'userspace'>;

/** Until the host has said what it can do, everything is offered. */
export function offerOf(host: HostMeans | undefined, engine: EngineChoice, way: Way): Offer {
  if (!host || (host.userspace && engine !== 'kernel')) return { can: 'all' };
  if (engine === 'userspace') return { can: 'nothing', lack: 'no-userspace' };
  if (way === 'ingress' && !host.ifb) return { can: 'nothing', lack: 'no-ifb' };
  if (host.netem) return { can: 'all' };
  return { can: host.tbf ? 'rate' : 'nothing', lack: 'no-netem' };
}

export function allows({ can }: Offer, direction: Direction): boolean {
  if (can !== 'rate') return can === 'all';
  return Object.keys(direction).every((section) => section === 'rate');
}

/** Whether seeds count: netem takes them since Linux 6.6, the userspace engine always. */
export function takesSeeds(
  host: Pick<Capabilities, 'netemSeed' | 'userspace'> | undefined,
  engine: EngineChoice,
): boolean {
  if (!host) return true;
  return (engine !== 'userspace' && host.netemSeed) || (engine !== 'kernel' && host.userspace);
}
