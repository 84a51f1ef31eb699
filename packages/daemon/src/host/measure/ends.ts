import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type Measurement, type MeasurementRequest, NetweirError } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace, Discovery } from '@netweir/discovery';
import { type NextHop, nextHopTo } from '@netweir/impair';
import { findSpace, type OtherEnd } from '../reach.ts';
import { holderOf, reversed, type Walk, walkTo } from './way.ts';

/** Both ends of a measurement, and the way between them. */
export interface FoundEnds {
  readonly from: { readonly space: DiscoveredSpace; readonly address: string };
  readonly to: {
    readonly space: DiscoveredSpace | undefined;
    readonly address: string;
    readonly port: number | undefined;
  };
  readonly forward: Walk;
  readonly backward: Walk;
  readonly named: Pick<Measurement, 'from' | 'to'>;
}

/** An address to measure to, and what is known of the way there. */
interface Candidate {
  readonly address: string;
  readonly hop: NextHop & { readonly source: string };
  readonly walk: Walk;
}

/**
 * Finds the addresses and the way of a measurement: of those that TO has, the first to which the way is known,
 * or else to which any route leads.
 *
 * @throws NetweirError `no-such-space`, `unreachable`
 */
export async function findEnds(
  discovery: Discovery,
  otherEnd: OtherEnd,
  request: MeasurementRequest,
): Promise<FoundEnds> {
  const from = findSpace(discovery, request.from.space);
  const out = interfaceIn(from, request.from.interface);
  const target = targetOf(discovery, request);
  const addresses = target.space
    ? addressesOf(target.space, target.interface, from === target.space)
    : await resolve(target.host);
  const candidates = addresses.flatMap((address) => {
    const hop = nextHopTo(from.netlink, address, out?.ifindex);
    const source = hop?.source ?? (out && sourceOf(out, address));
    if (!hop || source === undefined) return [];
    const walk = walkTo(otherEnd, hopFrom, from, address, out?.ifindex);
    return [{ address, hop: { ...hop, source }, walk }];
  });
  const chosen =
    candidates.find(({ walk }) => target.space !== undefined && walk.arrival === target.space) ??
    candidates[0];
  if (!chosen) throw unreachable(request, addresses);
  return endsOf(otherEnd, { from, target, chosen });
}

type Target =
  | {
      readonly space: DiscoveredSpace;
      readonly interface: DiscoveredInterface | undefined;
      readonly host?: undefined;
      readonly port?: undefined;
    }
  | { readonly space?: undefined; readonly host: string; readonly port: number | undefined };

function targetOf(discovery: Discovery, { to }: MeasurementRequest): Target {
  if (!('space' in to)) return { host: to.host, port: to.port };
  const space = findSpace(discovery, to.space);
  return { space, interface: interfaceIn(space, to.interface) };
}

function endsOf(
  otherEnd: OtherEnd,
  {
    from,
    target,
    chosen: { address, hop, walk },
  }: { from: DiscoveredSpace; target: Target; chosen: Candidate },
): FoundEnds {
  const { space, port } = target;
  const isKnown = space !== undefined && walk.arrival === space;
  const back = space && walkTo(otherEnd, hopFrom, space, hop.source);
  // Through a NAT, answers take the way of the question, whatever the routes say of the address.
  const backward =
    back?.arrival === from
      ? back
      : { passings: reversed(walk.passings), arrival: isKnown ? from : undefined };
  return {
    from: { space: from, address: hop.source },
    to: { space, address, port },
    forward: walk,
    backward,
    named: {
      from: {
        space: from.id,
        interface: from.interfaces.get(hop.ifindex)?.name ?? null,
        address: hop.source,
        port: null,
      },
      to: {
        space: space?.id ?? null,
        interface: (space && holderOf(space, address)?.name) ?? null,
        address,
        port: port ?? null,
      },
    },
  };
}

function hopFrom(
  space: DiscoveredSpace,
  address: string,
  ifindex: number | undefined,
): NextHop | undefined {
  return nextHopTo(space.netlink, address, ifindex);
}

/** @throws NetweirError `no-such-interface` */
function interfaceIn(
  space: DiscoveredSpace,
  name: string | undefined,
): DiscoveredInterface | undefined {
  if (name === undefined) return undefined;
  const found = [...space.interfaces.values()].find((one) => one.name === name);
  if (found) return found;
  throw new NetweirError('no-such-interface', `there is no interface ${name} in ${space.id}`);
}

/** IPv4 first. Of lo only where a space measures to itself, or where it is asked for. */
function addressesOf(
  space: DiscoveredSpace,
  only: DiscoveredInterface | undefined,
  isItself: boolean,
): string[] {
  const meant = only
    ? [only]
    : [...space.interfaces.values()].filter(
        ({ up, kind }) => up && (isItself || kind !== 'loopback'),
      );
  return meant
    .flatMap(({ addresses, kind }) =>
      addresses.filter(
        ({ scope }) => scope !== 'link' && (kind === 'loopback' || scope !== 'host'),
      ),
    )
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
}

function sourceOf({ addresses }: DiscoveredInterface, destination: string): string | undefined {
  const family = isIP(destination) === 4 ? 'ipv4' : 'ipv6';
  return addresses.find((one) => one.family === family && one.scope === 'global')?.address;
}

/** @throws NetweirError `unreachable` for a name that is not known */
async function resolve(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  } catch (cause) {
    throw new NetweirError('unreachable', `the name ${host} is not known`, {
      cause,
      remedy: 'Give an address, or a space such as docker:web, with its kind.',
    });
  }
}

function unreachable({ from, to }: MeasurementRequest, addresses: readonly string[]): NetweirError {
  const name = 'space' in to ? to.space : to.host;
  const tried = addresses.length > 0 ? ` (${addresses.join(', ')})` : ', which has no address';
  return new NetweirError('unreachable', `no route leads from ${from.space} to ${name}${tried}`, {
    remedy: `See \`netweir exec ${from.space} -- ip route\`.`,
  });
}
