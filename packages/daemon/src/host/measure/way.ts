import { isLabSwitches, switchOfPort } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace } from '@netweir/discovery';
import type { OtherEnd } from '../reach.ts';

/** An interface, and whether packets leave or enter there. */
export interface Passing {
  readonly space: DiscoveredSpace;
  readonly interface: DiscoveredInterface;
  readonly direction: 'egress' | 'ingress';
}

/** What packets pass, in order. */
export interface Walk {
  readonly passings: readonly Passing[];
  /** Where they arrive; undefined where they leave what is known here. */
  readonly arrival: DiscoveredSpace | undefined;
}

/** The next router or the destination, and how it is reached. */
export interface Hop {
  readonly ifindex: number;
  readonly address: string;
}

/** Where a space sends packets for an address; undefined where it sends them nowhere. */
export type Router = (
  space: DiscoveredSpace,
  address: string,
  ifindex: number | undefined,
) => Hop | undefined;

/** More routers than any network has that is made by hand. */
const MAX_HOPS = 16;

/**
 * Follows the packets of a space to an address, from interface to interface: through veth pairs, bridges and the
 * switches of labs to whoever has the next router's address, and on from there by the routes of that space.
 */
export function walkTo(
  otherEnd: OtherEnd,
  routeOf: Router,
  from: DiscoveredSpace,
  address: string,
  ifindex?: number,
): Walk {
  const passings: Passing[] = [];
  let space = from;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    if (hops > 0 && holderOf(space, address)) return { passings, arrival: space };
    const hop = routeOf(space, address, hops === 0 ? ifindex : undefined);
    const out = hop && space.interfaces.get(hop.ifindex);
    if (!out) break;
    const first: Passing = { space, interface: out, direction: 'egress' };
    if (out.kind === 'loopback') {
      passings.push(first, { ...first, direction: 'ingress' });
      return { passings, arrival: space };
    }
    const segment = cross(otherEnd, first, hop.address);
    passings.push(...(segment ?? [first]));
    const last = segment?.at(-1);
    if (!last) break;
    space = last.space;
  }
  return { passings, arrival: undefined };
}

/** The way across one network to the interface that has an address. */
function cross(
  otherEnd: OtherEnd,
  first: Passing,
  address: string,
): readonly Passing[] | undefined {
  const seen = new Set<DiscoveredInterface>();
  const ways: (readonly Passing[])[] = [[first]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    const last = way.at(-1);
    if (!last || seen.has(last.interface)) continue;
    seen.add(last.interface);
    if (last.direction === 'ingress' && has(last.interface, address)) return way;
    for (const next of nextOf(otherEnd, last)) ways.push([...way, ...next]);
  }
  return undefined;
}

/** Where a frame can be next that leaves by an interface or has entered by one. */
function nextOf(otherEnd: OtherEnd, { space, interface: one, direction }: Passing): Passing[][] {
  if (direction === 'ingress') return afterEntering(space, one);
  if (one.kind === 'bridge') return portsOf(space, one).map((port) => [port]);
  const [there, other] = otherEnd(space, one) ?? [];
  return there && other ? [[{ space: there, interface: other, direction: 'ingress' }]] : [];
}

function afterEntering(space: DiscoveredSpace, one: DiscoveredInterface): Passing[][] {
  const bridge = [...space.interfaces.values()].find(
    ({ name, kind }) => name === one.master && kind === 'bridge',
  );
  if (bridge) {
    const others = portsOf(space, bridge).filter((port) => port.interface !== one);
    const inside: Passing = { space, interface: bridge, direction: 'ingress' };
    return [[inside], ...others.map((port) => [port])];
  }
  const ownSwitch = isLabSwitches(space.id) ? switchOfPort(one.name) : undefined;
  if (ownSwitch === undefined) return [];
  return [...space.interfaces.values()]
    .filter((other) => other !== one && switchOfPort(other.name) === ownSwitch)
    .map((port) => [{ space, interface: port, direction: 'egress' }]);
}

function portsOf(space: DiscoveredSpace, bridge: DiscoveredInterface): Passing[] {
  return [...space.interfaces.values()]
    .filter(({ master }) => master === bridge.name)
    .map((port) => ({ space, interface: port, direction: 'egress' }));
}

export function holderOf(space: DiscoveredSpace, address: string): DiscoveredInterface | undefined {
  return [...space.interfaces.values()].find((one) => has(one, address));
}

function has({ addresses }: DiscoveredInterface, address: string): boolean {
  return addresses.some((one) => one.address === address);
}

/** The same way in the other direction. */
export function reversed(passings: readonly Passing[]): Passing[] {
  return passings.toReversed().map((one) => ({
    ...one,
    direction: one.direction === 'egress' ? 'ingress' : 'egress',
  }));
}
