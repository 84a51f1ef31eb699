import { BlockList } from 'node:net';
import { TrafficMatch } from '@netweir/api';
import fc from 'fast-check';
import type { Way } from '../engine/hook.ts';

/** A packet by what it says, from which both its bytes and what it is of can be told. */
export interface Packet {
  readonly family: 4 | 6;
  readonly vlanTags: number;
  readonly source: readonly number[];
  readonly destination: readonly number[];
  readonly tos: number;
  readonly protocol: number;
  readonly ports: readonly [source: number, destination: number];
  readonly fragment: 'none' | 'first' | 'later';
  /** IPv4: words of options. */
  readonly options: number;
  /** IPv6: hop-by-hop (0), routing (43) and destination options (60), each with its units of eight bytes. */
  readonly extensions: readonly (readonly [header: number, units: number])[];
}

const FRAGMENT_HEADER = 44;
const FRAGMENT_FIELD = { none: 0, first: 0x2000, later: 0x00b9 } as const;

/** The Ethernet frame of a packet, with checksums of zero. */
export function frameOfPacket(packet: Packet): Uint8Array {
  const tags = Array.from({ length: packet.vlanTags }, (_, tag) => [0x81, 0, 0, tag + 1]).flat();
  const type = packet.family === 4 ? [0x08, 0x00] : [0x86, 0xdd];
  const [source, destination] = packet.ports;
  const payload = [...be16(source), ...be16(destination), ...be16(24), 0, 0];
  payload.push(...new Array<number>(16).fill(0xee));
  const ip = packet.family === 4 ? ipv4Of(packet, payload) : ipv6Of(packet, payload);
  return Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ...tags, ...type, ...ip]);
}

function ipv4Of(packet: Packet, payload: readonly number[]): number[] {
  const options = new Array<number>(4 * packet.options).fill(1);
  const length = 20 + options.length + payload.length;
  const fragment = be16(FRAGMENT_FIELD[packet.fragment] || 0x4000);
  const start = [0x45 + packet.options, packet.tos, ...be16(length), 0, 7, ...fragment];
  const ends = [...packet.source, ...packet.destination];
  return [...start, 64, packet.protocol, 0, 0, ...ends, ...options, ...payload];
}

function ipv6Of(packet: Packet, payload: readonly number[]): number[] {
  const headers = headersOf(packet);
  const follows = [...headers.map(({ header }) => header), packet.protocol];
  const behind = headers.flatMap(({ rest }, index) => [follows[index + 1] ?? 0, ...rest]);
  const length = be16(behind.length + payload.length);
  const start = [0x60 | (packet.tos >>> 4), (packet.tos & 0xf) << 4, 0, 0, ...length];
  const ends = [...packet.source, ...packet.destination];
  return [...start, follows[0] ?? 0, 64, ...ends, ...behind, ...payload];
}

/** Each extension header, without its first byte. */
function headersOf({ extensions, fragment }: Packet): { header: number; rest: number[] }[] {
  const headers = extensions.map(([header, units]) => ({
    header,
    // The option PadN, which no one objects to.
    rest: [units, 1, 8 * units + 4, ...new Array<number>(8 * units + 4).fill(0)],
  }));
  if (fragment === 'none') return headers;
  const field = be16(fragment === 'first' ? 1 : 0x05c8);
  return [...headers, { header: FRAGMENT_HEADER, rest: [0, ...field, 0, 0, 0, 9] }];
}

function be16(value: number): [number, number] {
  return [value >>> 8, value & 0xff];
}

const NUMBERS = { tcp: 6, udp: 17, sctp: 132 } as const;
const ICMP = { 4: 1, 6: 58 } as const;
const TRANSPORTS: readonly number[] = Object.values(NUMBERS);

/** Whether a packet is of a match, by what the packet was made of and what the match means. */
export function isOfMatch(packet: Packet, match: TrafficMatch, way: Way): boolean {
  const { family, source, destination, protocol, tos, ports, fragment } = packet;
  const [local, remote] = way === 'egress' ? [source, destination] : [destination, source];
  const [localPort, remotePort] = way === 'egress' ? ports : [ports[1], ports[0]];
  const hasPorts = fragment === 'none' && TRANSPORTS.includes(protocol);
  const wanted =
    match.protocol === 'icmp'
      ? ICMP[family]
      : typeof match.protocol === 'string'
        ? NUMBERS[match.protocol]
        : match.protocol;
  return (
    (match.family === undefined || match.family === family) &&
    (match.remote === undefined || match.remote.some((network) => isIn(remote, network))) &&
    (match.local === undefined || match.local.some((network) => isIn(local, network))) &&
    (wanted === undefined || wanted === protocol) &&
    (match.dscp === undefined || match.dscp === tos >>> 2) &&
    (match.remotePorts === undefined || (hasPorts && isWithin(remotePort, match.remotePorts))) &&
    (match.localPorts === undefined || (hasPorts && isWithin(localPort, match.localPorts)))
  );
}

function isWithin(port: number, ranges: readonly string[]): boolean {
  return ranges.some((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return first !== undefined && last !== undefined && first <= port && port <= last;
  });
}

function isIn(address: readonly number[], network: string): boolean {
  const list = new BlockList();
  const family = network.includes(':') ? 'ipv6' : 'ipv4';
  const [base = '', bits = family === 'ipv4' ? '32' : '128'] = network.split('/');
  list.addSubnet(base, Number(bits), family);
  return address.length === (family === 'ipv4' ? 4 : 16) && list.check(textOf(address), family);
}

/** Dotted, or all eight groups. */
function textOf(address: readonly number[]): string {
  if (address.length === 4) return address.join('.');
  const hex = Buffer.from(address).toString('hex');
  return (hex.match(/..../gu) ?? []).join(':');
}

/** Few of each, so that packets and terms meet. */
const LAST_BYTES = [1, 2, 3, 64, 65, 128, 255];
const PORTS = [0, 1, 53, 80, 443, 1000, 1023, 1024, 5353, 8000, 8009, 8010, 32768, 65535];
const addresses = {
  4: fc.tuple(
    fc.constant(10),
    fc.constantFrom(0, 1),
    fc.constant(0),
    fc.constantFrom(...LAST_BYTES),
  ),
  6: fc
    .tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 0x80), fc.constantFrom(...LAST_BYTES))
    .map(([high, middle, low]) => {
      const bytes = new Array<number>(16).fill(0);
      [bytes[0], bytes[1], bytes[5], bytes[8], bytes[15]] = [0xfd, 0x4e, high, middle, low];
      return bytes;
    }),
} as const;

const port = fc.constantFrom(...PORTS);
const protocol = fc.constantFrom(6, 17, 132, 1, 58, 47, 255);

/** Packets of either IP version; `plain`: without options, extension headers and double tags. */
export function packets({ plain }: { plain: boolean }): fc.Arbitrary<Packet> {
  return fc.constantFrom(4, 6).chain((family) =>
    fc.record({
      family: fc.constant(family),
      vlanTags: fc.nat({ max: plain ? 1 : 2 }),
      source: addresses[family],
      destination: addresses[family],
      tos: fc.constantFrom(0, 1, 0xb8, 0xbb, 0x28, 0xfc, 0xff),
      protocol,
      ports: fc.tuple(port, port),
      fragment: fc.constantFrom('none', 'none', 'none', 'first', 'later'),
      options: plain || family === 6 ? fc.constant(0) : fc.nat({ max: 10 }),
      extensions:
        plain || family === 4
          ? fc.constant([])
          : fc.array(fc.tuple(fc.constantFrom(0, 43, 60), fc.nat({ max: 2 })), { maxLength: 3 }),
    }),
  );
}

const range = fc.tuple(port, port).map(([a, b]) => {
  const [first, last] = [Math.min(a, b), Math.max(a, b)];
  return first === last ? `${first}` : `${first}-${last}`;
});
const ranges = fc.uniqueArray(range, { minLength: 1, maxLength: 2 });

const PREFIX_BITS = {
  4: [0, 8, 15, 16, 25, 26, 31, 32],
  6: [0, 16, 31, 32, 33, 48, 64, 65, 121, 128],
} as const;

const network = fc
  .constantFrom(4, 6)
  .chain((family) => fc.tuple(addresses[family], fc.constantFrom(...PREFIX_BITS[family])))
  .map(([address, bits]) => `${textOf(address)}/${bits}`);
const networks = fc.uniqueArray(network, { minLength: 1, maxLength: 3 });

const conditions = {
  remote: networks,
  local: networks,
  remotePorts: ranges,
  localPorts: ranges,
  protocol: fc.oneof(protocol, fc.constantFrom('tcp', 'udp', 'icmp', 'sctp')),
  dscp: fc.constantFrom(0, 46, 10, 63),
  family: fc.constantFrom(4, 6),
};

/** Matches that the API takes, of few enough conditions that packets meet them. */
export const matches: fc.Arbitrary<TrafficMatch> = fc
  .tuple(
    fc.record(conditions),
    fc.subarray(Object.keys(conditions), { minLength: 1, maxLength: 4 }),
  )
  .map(([all, keys]) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key))),
  )
  .filter((match) => TrafficMatch.safeParse(match).success);
