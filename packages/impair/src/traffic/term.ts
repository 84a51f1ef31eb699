import {
  isHostName,
  NetweirError,
  PORT_PROTOCOLS,
  type Protocol,
  parsePorts,
  type TrafficMatch,
} from '@netweir/api';
import { formatIpPrefix, type IpPrefix, networkOf, parseIpPrefix } from '@netweir/kernel';
import type { Way } from '../engine/hook.ts';

/** Both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** One conjunction of a match: the packets that have all that is given, as they are on the wire. */
export interface Term {
  readonly family: 4 | 6;
  /** Of this family, with no bit behind the prefix. */
  readonly source?: IpPrefix;
  readonly destination?: IpPrefix;
  /** IPv4's protocol; in IPv6 that behind the extension headers. */
  readonly protocol?: number;
  /** Only beside `protocol` of TCP, UDP or SCTP. A fragment, the first too, has no ports. */
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
  /** RFC 2474: the upper six bits of IPv4's type of service or IPv6's traffic class. */
  readonly dscp?: number;
}

/** More than any list of peers that was asked for, and few enough to be asked about for each packet. */
export const MAX_FILTERS_OF_RULE = 256;

/** @throws NetweirError `invalid-combination` where a match becomes more terms or filters than a rule may have */
export function requireFewFilters(count: number): void {
  if (count <= MAX_FILTERS_OF_RULE) return;
  throw new NetweirError(
    'invalid-combination',
    `the match of a rule becomes ${count} filters; it may become ${MAX_FILTERS_OF_RULE}`,
    {
      remedy:
        'name fewer addresses and port ranges together, or a protocol, or make it several rules',
    },
  );
}

/**
 * The terms of which a packet has to meet one to be of a match, on what the interface sends or receives: each
 * combination of an address, a port range and a protocol of either end. Host names stand for their `addresses`,
 * by the name as the match has it; a match whose names have none has no terms, and no packet is of it.
 *
 * @throws NetweirError `invalid-combination` for more than 256
 */
export function termsOf(
  match: TrafficMatch,
  addresses: ReadonlyMap<string, readonly string[]>,
  way: Way,
): Term[] {
  const remote = prefixesOf(match.remote, addresses);
  const local = prefixesOf(match.local, addresses);
  const [source, destination] = way === 'egress' ? [local, remote] : [remote, local];
  const [sourcePorts, destinationPorts] =
    way === 'egress'
      ? [rangesOf(match.localPorts), rangesOf(match.remotePorts)]
      : [rangesOf(match.remotePorts), rangesOf(match.localPorts)];
  const families = match.family ? [match.family] : ([4, 6] as const);
  const protocols = protocolsOf(match);
  const choices = families.map((family) => ({
    family,
    source: ofFamily(source, family),
    destination: ofFamily(destination, family),
    protocol: protocols.flatMap((protocol) => numbersOf(protocol, family)),
    sourcePorts,
    destinationPorts,
  }));
  const count = choices.reduce(
    (sum, { family: _, ...ends }) =>
      sum + Object.values(ends).reduce((product, list) => product * list.length, 1),
    0,
  );
  requireFewFilters(count);
  return choices.flatMap((choice) => combinations(choice, match.dscp));
}

/** Of each thing the choices that there are; `undefined` is to say nothing of it. */
interface Choices {
  readonly family: 4 | 6;
  readonly source: readonly (IpPrefix | undefined)[];
  readonly destination: readonly (IpPrefix | undefined)[];
  readonly protocol: readonly (number | undefined)[];
  readonly sourcePorts: readonly (PortRange | undefined)[];
  readonly destinationPorts: readonly (PortRange | undefined)[];
}

function combinations({ family, ...choices }: Choices, dscp: number | undefined): Term[] {
  let terms: Term[] = [{ family, ...(dscp !== undefined && { dscp }) }];
  for (const [key, values] of Object.entries(choices)) {
    terms = terms.flatMap((term) =>
      values.map((value: unknown) => (value === undefined ? term : { ...term, [key]: value })),
    );
  }
  return terms;
}

/** Undefined: any address. */
function prefixesOf(
  ends: readonly string[] | undefined,
  addresses: ReadonlyMap<string, readonly string[]>,
): IpPrefix[] | undefined {
  const texts = ends?.flatMap((end) => (isHostName(end) ? (addresses.get(end) ?? []) : [end]));
  if (!texts) return undefined;
  const prefixes = texts
    .map(parseIpPrefix)
    .map((prefix) => ({ ...prefix, bytes: networkOf(prefix) }));
  const byText = prefixes.map(
    (prefix) => [formatIpPrefix(prefix.bytes, prefix.prefixLength), prefix] as const,
  );
  return [...new Map(byText).values()];
}

function ofFamily(
  prefixes: readonly IpPrefix[] | undefined,
  family: 4 | 6,
): readonly (IpPrefix | undefined)[] {
  if (!prefixes) return [undefined];
  const own = prefixes.filter((prefix) => prefix.family === family);
  return own.some(({ prefixLength }) => prefixLength === 0) ? [undefined] : own;
}

/** In ascending order; those that touch or overlap as one. */
function rangesOf(texts: readonly string[] | undefined): (PortRange | undefined)[] {
  if (!texts) return [undefined];
  const ranges = texts.flatMap((text) => parsePorts(text) ?? []);
  const merged: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (!before || range.first > before.last + 1) merged.push(range);
    else merged[merged.length - 1] = { ...before, last: Math.max(before.last, range.last) };
  }
  return merged;
}

function protocolsOf(match: TrafficMatch): readonly (Protocol | undefined)[] {
  if (match.protocol !== undefined) return [match.protocol];
  const hasPorts = match.remotePorts !== undefined || match.localPorts !== undefined;
  return hasPorts ? Object.values(PORT_PROTOCOLS) : [undefined];
}

const ICMP = { 4: 1, 6: 58 } as const;

/** Hop-by-hop options, routing, fragment, destination options (RFC 8200): they are never what a packet is. */
const EXTENSION_HEADERS: readonly (number | undefined)[] = [0, 43, 44, 60];

function numbersOf(protocol: Protocol | undefined, family: 4 | 6): (number | undefined)[] {
  if (protocol === 'icmp') return [ICMP[family]];
  const number = typeof protocol === 'string' ? PORT_PROTOCOLS[protocol] : protocol;
  return family === 6 && EXTENSION_HEADERS.includes(number) ? [] : [number];
}
