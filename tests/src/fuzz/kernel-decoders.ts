import { addNeighbour, addRule, addVeth, type Message as Netlink } from '@netweir/kernel';
import { Attributes } from '../../../packages/kernel/dist/netlink/attributes.js';
import {
  attributeAt,
  readDone,
  readError,
  readMessages,
} from '../../../packages/kernel/dist/netlink/message.js';
import { parseProcessEvents } from '../../../packages/kernel/dist/netlink/process-events.js';
import { parseAddressMessage } from '../../../packages/kernel/dist/route/address.js';
import { parseLink, parseLinkMessage } from '../../../packages/kernel/dist/route/link.js';
import { readLinkRequest } from '../../../packages/kernel/dist/route/link-request.js';
import { decodeLinkStats, statsIn } from '../../../packages/kernel/dist/route/link-stats.js';
import { parseNeighbourMessage } from '../../../packages/kernel/dist/route/neighbour.js';
import { parseNsidMessage } from '../../../packages/kernel/dist/route/nsid.js';
import { parseRouteMessage } from '../../../packages/kernel/dist/route/route.js';
import { parseRuleMessage } from '../../../packages/kernel/dist/route/rule.js';
import { type Decoder, isRangeError, ofAttributes, ofBytes } from './decoder.ts';
import { GOLDEN, goldenOf, words } from './kernel-seeds.ts';
import { encode } from './mutate-attributes.ts';
import { joined } from './mutate-bytes.ts';

const RTM_NEWSTATS = 92;
/** Of readers of one attribute: whatever it is read as. */
const READERS = [
  ...(['u8', 'u16', 'be16', 'u32', 'be32', 'be64', 'i32', 'u64', 'i64'] as const),
  ...(['string', 'nested', 'bytes', 'view', 'length', 'has'] as const),
];

const bodyOf = (request: { readonly body: Uint8Array }): Uint8Array => request.body;

/** A decoder of the bodies of one message type. */
export function ofMessages(
  path: string,
  name: string,
  decode: (message: Netlink) => unknown,
  { type, offset, seeds }: { type: number; offset: number; seeds: readonly Uint8Array[] },
): Decoder {
  return ofAttributes({
    name,
    // A name may say more behind the function's.
    covers: name.includes(' ') ? [] : [`${path} ${name}`],
    offset,
    seeds,
    decode: (body) => decode({ type, flags: 0, body }),
  });
}

const counters = words(...Array.from({ length: 48 }, (_, index) => index));

const LINKS = [
  ...goldenOf(16),
  bodyOf(addVeth({ name: 'v0', mtu: 1400, address: '02:00:00:00:00:01' }, { name: 'v1' })),
  joined([
    words(0x0001_0000, 2, 0x1_0043, 0),
    encode([
      { type: 3, payload: Buffer.from('eth0\0') },
      { type: 1, payload: Uint8Array.of(2, 0, 0, 0, 0, 1) },
      { type: 16, payload: Uint8Array.of(6) },
      { type: 4, payload: words(1500) },
      { type: 6, payload: Buffer.from('noqueue\0') },
      { type: 23, payload: counters },
      { type: 18, payload: encode([{ type: 1, payload: Buffer.from('veth\0') }]) },
      { type: 52, payload: encode([{ type: 53, payload: Buffer.from('alias\0') }]) },
      { type: 45, payload: words(3) },
    ]),
  ]),
];

const ROUTES = [
  ...goldenOf(24),
  joined([
    words(0x0000_1002, 0x0103_00fe, 0),
    encode([
      { type: 1, payload: Uint8Array.of(10, 1, 0, 0) },
      { type: 15, payload: words(254) },
      {
        type: 9,
        payload: joined([
          joined([words(0x0000_0010, 2), encode([{ type: 5, payload: words(1) }])]),
          joined([words(0x0100_0010, 3), encode([{ type: 5, payload: words(2) }])]),
        ]),
      },
      { type: 8, payload: encode([{ type: 2, payload: words(1400) }]) },
    ]),
  ]),
];

const ACK = words(0xffff_ffea, 32, 0x0005_0024, 1, 0);

/** `struct nlmsgerr` with texts and offsets, with the request in it and without. */
const ERRORS = [
  words(0, 20, 0x0005_0024, 1, 0),
  joined([
    ACK,
    words(0, 0, 0, 0),
    encode([
      { type: 1, payload: Buffer.from('Specified qdisc kind is unknown\0') },
      { type: 2, payload: words(36) },
      { type: 5, payload: words(2) },
    ]),
  ]),
  joined([ACK, encode([{ type: 1, payload: Buffer.from('Exclusivity flag on\0') }])]),
];

/** `struct nlmsghdr`, `struct cn_msg` and `struct proc_event`. */
const PROCESS_EVENTS = [
  [0, 0],
  [1, 10, 10, 20, 20],
  [2, 21, 20],
  [0x8000_0000, 20, 20],
].map(([what = 0, ...data]) => {
  const event = [what, 0, 0, 0, ...data, ...Array.from({ length: 6 - data.length }, () => 0)];
  return words(76, 3, 0, 0, 1, 1, 0, 0, 40, ...event);
});

/** Flags of an error that was capped, of one with attributes, of both. */
const FLAGS = [0, 0x100, 0x200, 0x300];

export const NETLINK_DECODERS: readonly Decoder[] = [
  ofBytes({
    name: 'readMessages',
    covers: ['kernel/netlink/message.ts readMessages'],
    seeds: [...GOLDEN.filter(({ length }) => length < 400), joined(GOLDEN.slice(0, 8))],
    decode: readMessages,
  }),
  ofAttributes({
    name: 'Attributes',
    covers: [],
    offset: 0,
    seeds: goldenOf(36, 16, 24).map((body) => body.subarray(20)),
    decode: readEverything,
  }),
  ofBytes({
    name: 'readError',
    covers: ['kernel/netlink/message.ts readError'],
    seeds: ERRORS,
    decode: (body) => FLAGS.map((flags) => readError(body, flags)),
  }),
  ofBytes({
    name: 'readDone',
    covers: ['kernel/netlink/message.ts readDone'],
    seeds: ERRORS.map((body) => joined([body.subarray(0, 4), body.subarray(36)])),
    decode: (body) => FLAGS.map((flags) => readDone(body, flags)),
  }),
  ofBytes({
    name: 'attributeAt',
    covers: [],
    seeds: GOLDEN.filter(({ length }) => length < 400),
    decode: (body) => attributeAt(body, body[0] ?? 0) ?? null,
  }),
  ofBytes({
    name: 'parseProcessEvents',
    covers: ['kernel/netlink/process-events.ts parseProcessEvents'],
    seeds: [...PROCESS_EVENTS, joined(PROCESS_EVENTS)],
    decode: parseProcessEvents,
  }),
];

export const ROUTE_DECODERS: readonly Decoder[] = [
  ofMessages('kernel/route/link.ts', 'parseLinkMessage', parseLinkMessage, {
    ...{ type: 16, offset: 16, seeds: LINKS },
  }),
  ofMessages('kernel/route/link.ts', 'parseLink', (message) => parseLink(message, true), {
    ...{ type: 16, offset: 16, seeds: LINKS },
  }),
  ofAttributes({
    name: 'readLinkRequest',
    covers: ['kernel/route/link-request.ts readLinkRequest'],
    offset: 16,
    seeds: LINKS,
    decode: (body) => readLinkRequest({ type: 16, flags: 0, body }),
  }),
  ofMessages('kernel/route/address.ts', 'parseAddressMessage', parseAddressMessage, {
    ...{ type: 20, offset: 8, seeds: goldenOf(20, 21) },
  }),
  ofMessages('kernel/route/route.ts', 'parseRouteMessage', parseRouteMessage, {
    ...{ type: 24, offset: 12, seeds: ROUTES },
  }),
  ofMessages('kernel/route/neighbour.ts', 'parseNeighbourMessage', parseNeighbourMessage, {
    type: 28,
    offset: 12,
    seeds: [
      bodyOf(addNeighbour({ ifindex: 2, address: '10.0.0.1', lladdr: '02:00:00:00:00:01' })),
      bodyOf(addNeighbour({ ifindex: 2, address: 'fd00::1', lladdr: '02:00:00:00:00:01' })),
    ],
  }),
  ofMessages('kernel/route/rule.ts', 'parseRuleMessage', parseRuleMessage, {
    type: 32,
    offset: 12,
    seeds: [
      bodyOf(addRule({ family: 4, source: '10.0.0.0/8', table: 300, priority: 100 })),
      bodyOf(addRule({ family: 6, iifName: 'eth0', fwmark: 1, fwmask: 3, table: 5 })),
    ],
  }),
  ofMessages('kernel/route/nsid.ts', 'parseNsidMessage', parseNsidMessage, {
    type: 88,
    offset: 4,
    seeds: [joined([words(0), encode([{ type: 1, payload: words(7) }])])],
  }),
  ofBytes({
    name: 'decodeLinkStats',
    covers: ['kernel/route/link-stats.ts decodeLinkStats'],
    seeds: [counters],
    decode: (bytes) => decodeLinkStats(viewOf(bytes)),
    mayThrow: isRangeError,
  }),
  ofAttributes({
    name: 'statsIn',
    covers: [],
    offset: 12,
    seeds: [joined([words(0, 2, 1), encode([{ type: 1, payload: counters }])])],
    decode: (bytes) => {
      const stats = statsIn(RTM_NEWSTATS, viewOf(bytes), 0, bytes.length);
      return stats && [stats.rxPackets, stats.collisions];
    },
  }),
];

/** Reads every attribute in every way; what is shorter than what it is read as throws RangeError. */
function readEverything(bytes: Uint8Array): unknown {
  const attributes = Attributes.read(bytes);
  const types = new Set(Attributes.entries(bytes).map(({ type }) => type));
  return Array.from(types, (type) =>
    READERS.map((reader) => {
      try {
        return attributes[reader](type);
      } catch (error) {
        if (!isRangeError(error)) throw error;
        return undefined;
      }
    }),
  );
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
