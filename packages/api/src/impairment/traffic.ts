import * as z from 'zod';

const IpAddress = z.union([z.ipv4(), z.ipv6()]);
const Cidr = z.union([z.cidrv4(), z.cidrv6()]);

const Network = z.union([Cidr, IpAddress], {
  error: 'is no address such as 192.0.2.7 and no network such as 192.0.2.0/24 or 2001:db8::/32',
});

/** A host's name (RFC 1123) that is not an address: with a letter in its last label. */
const HOST_NAME =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?$/iu;
const HOST_NAME_LENGTH = 253;

const HostName = z
  .string()
  .max(HOST_NAME_LENGTH)
  .regex(HOST_NAME, { error: 'is no address, no network and no host name' });

/** Whether an end of a match is a name, whose addresses are to be looked up. */
export function isHostName(end: string): boolean {
  return end.length <= HOST_NAME_LENGTH && HOST_NAME.test(end);
}

const PORT = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?$/u;

/** The ports of `443` or `8000-8010`, both ends included; undefined for any other text. */
export function parsePorts(text: string): { first: number; last: number } | undefined {
  const { first, last } = PORT.exec(text)?.groups ?? {};
  if (first === undefined) return undefined;
  const range = { first: Number(first), last: Number(last ?? first) };
  return range.first <= range.last && range.last <= 0xffff ? range : undefined;
}

const Ports = z
  .string()
  .refine((text) => parsePorts(text) !== undefined, {
    error: 'is no port such as 443 and no range such as 8000-8010',
  })
  .meta({ examples: ['443', '8000-8010'] });

/** A transport protocol by name or by its number; `icmp` is that of either family. */
export const Protocol = z.union([z.enum(['tcp', 'udp', 'icmp', 'sctp']), z.int().min(0).max(255)]);
export type Protocol = z.infer<typeof Protocol>;

/** The transport protocols that have ports where those of TCP are. */
export const PORT_PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;

function hasPorts(protocol: Protocol): boolean {
  return typeof protocol === 'string'
    ? protocol !== 'icmp'
    : Object.values<number>(PORT_PROTOCOLS).includes(protocol);
}

/**
 * Which packets of an interface are meant: those that have all that is given. `remote` is the other end, which
 * is the destination of what the interface sends and the source of what it receives; `local` is this one.
 */
export const TrafficMatch = z
  .strictObject({
    remote: z
      .array(z.union([Network, HostName], { error: 'is no address, no network and no host name' }))
      .min(1)
      .optional()
      .meta({ description: 'Addresses, networks or host names, one of which is the other end.' }),
    local: z.array(Network).min(1).optional().meta({ description: 'The same for this end.' }),
    remotePorts: z.array(Ports).min(1).optional(),
    localPorts: z.array(Ports).min(1).optional(),
    protocol: Protocol.optional(),
    dscp: z.int().min(0).max(63).optional().meta({ description: 'RFC 2474.' }),
    family: z.literal([4, 6]).optional().meta({ description: 'IPv4 or IPv6 alone.' }),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), {
    error: 'give at least one condition',
  })
  .refine(
    ({ remotePorts, localPorts, protocol }) =>
      !(remotePorts || localPorts) || protocol === undefined || hasPorts(protocol),
    { error: 'ports are of tcp, udp and sctp' },
  )
  .refine((match) => familiesOf(match).length > 0, {
    error: 'remote, local and family have no IP version in common',
  })
  .meta({ id: 'TrafficMatch' });
export type TrafficMatch = z.infer<typeof TrafficMatch>;

interface Ends {
  readonly remote?: readonly string[] | undefined;
  readonly local?: readonly string[] | undefined;
  readonly family?: 4 | 6 | undefined;
}

/** The IP versions that packets of a match can have; a host name may have either. */
export function familiesOf({ remote, local, family }: Ends): (4 | 6)[] {
  const has = (ends: readonly string[] | undefined, version: 4 | 6): boolean =>
    ends === undefined ||
    ends.some((end) => isHostName(end) || end.includes(':') === (version === 6));
  return ([4, 6] as const).filter(
    (version) =>
      (family === undefined || family === version) && has(remote, version) && has(local, version),
  );
}
