import { countConntrack, deleteConntrack, nftables, type Query } from '@netweir/kernel';
import { parseConntrackMessage } from '../../../packages/kernel/dist/conntrack/conntrack.js';
import { readTuple } from '../../../packages/kernel/dist/conntrack/tuple.js';
import { Attributes } from '../../../packages/kernel/dist/netlink/attributes.js';
import { DATA_TYPES } from '../../../packages/kernel/dist/nftables/data-type.js';
import { readExpressions } from '../../../packages/kernel/dist/nftables/expression-codec.js';
import { type Decoder, isRangeError, ofAttributes } from './decoder.ts';
import { ofMessages } from './kernel-decoders.ts';
import { ELEMENTS, nftBodies, words } from './kernel-seeds.ts';
import { encode } from './mutate-attributes.ts';
import { joined } from './mutate-bytes.ts';

const NFGENMSG_LENGTH = 4;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;

const TUPLES = [
  { source: '10.0.0.1', destination: '10.0.0.2', protocol: 6, sourcePort: 1, destinationPort: 2 },
  {
    source: 'fd00::1',
    destination: 'fd00::2',
    protocol: 58,
    icmpId: 1,
    icmpType: 128,
    icmpCode: 0,
  },
].map((original) => {
  const family = original.source.includes(':') ? 6 : 4;
  const { body } = deleteConntrack({ family, original, zone: 3, id: 9 });
  return { body, tuple: Attributes.read(body, NFGENMSG_LENGTH).bytes(1) ?? new Uint8Array() };
});

const ENTRIES = TUPLES.map(({ body, tuple }) =>
  joined([
    body,
    encode([
      { type: 2, payload: tuple },
      { type: 3, payload: words(0x0e00_0000) },
      { type: 7, payload: words(0x0a00_0000) },
      {
        type: 4,
        payload: encode([{ type: 1, payload: encode([{ type: 1, payload: Uint8Array.of(3) }]) }]),
      },
    ]),
  ]),
);

const EXPRESSIONS = nftBodies(0x0a06).map(
  (body) => Attributes.read(body, NFGENMSG_LENGTH).bytes(NFTA_RULE_EXPRESSIONS) ?? new Uint8Array(),
);

const SET = {
  family: 'inet',
  table: 'fw',
  set: 'm',
  key: ['ipv4_addr', 'inet_service'],
  data: ['ifname'],
} as const;
/** One element of keys of all types, and data of all. */
const EVERY_TYPE = Object.keys(DATA_TYPES) as nftables.DataTypeName[];
const everyValue = new Uint8Array(256).fill(1);

/** A query's answers, of one message type. */
function ofQuery(
  file: string,
  name: string,
  query: Query<unknown>,
  type: number,
  seeds: readonly Uint8Array[],
): Decoder {
  return ofMessages(`kernel/nftables/${file}`, name, query.parse, {
    ...{ type, offset: NFGENMSG_LENGTH, seeds },
  });
}

export const NETFILTER_DECODERS: readonly Decoder[] = [
  ofQuery('table.ts', 'listTables', nftables.listTables(), 0x0a00, nftBodies(0x0a00)),
  ofQuery('chain.ts', 'listChains', nftables.listChains(), 0x0a03, nftBodies(0x0a03)),
  ofQuery('rule.ts', 'listRules', nftables.listRules(), 0x0a06, nftBodies(0x0a06)),
  ofQuery('set.ts', 'listSets', nftables.listSets(), 0x0a09, nftBodies(0x0a09)),
  ofQuery('element.ts', 'listElements', nftables.listElements(SET), 0x0a0c, ELEMENTS),
  ofQuery(
    'element.ts',
    'listElements of every type',
    nftables.listElements({ ...SET, key: EVERY_TYPE, data: EVERY_TYPE }),
    0x0a0c,
    [
      joined([
        words(0x0a00_0001),
        encode([
          {
            type: NFTA_SET_ELEM_LIST_ELEMENTS,
            payload: encode([
              {
                type: 1,
                payload: encode(
                  [1, 2, 10].map((type) => ({
                    type,
                    payload: encode([{ type: 1, payload: everyValue }]),
                  })),
                ),
              },
            ]),
          },
        ]),
      ]),
    ],
  ),
  ofQuery('ct-timeout.ts', 'listCtTimeouts', nftables.listCtTimeouts(), 0x0a12, nftBodies(0x0a12)),
  ofAttributes({
    name: 'readExpressions',
    covers: ['kernel/nftables/expression-codec.ts readExpressions'],
    offset: 0,
    seeds: EXPRESSIONS,
    decode: readExpressions,
    mayThrow: isRangeError,
  }),
  ofMessages('kernel/conntrack/conntrack.ts', 'parseConntrackMessage', parseConntrackMessage, {
    ...{ type: 0x0100, offset: NFGENMSG_LENGTH, seeds: ENTRIES },
  }),
  ofAttributes({
    name: 'readTuple',
    covers: ['kernel/conntrack/tuple.ts readTuple'],
    offset: 0,
    seeds: TUPLES.map(({ tuple }) => tuple),
    decode: (bytes) => readTuple(Attributes.read(bytes)),
    mayThrow: isRangeError,
  }),
  ofMessages('kernel/conntrack/conntrack.ts', 'countConntrack', countConntrack().parse, {
    type: 0x0105,
    offset: NFGENMSG_LENGTH,
    seeds: [joined([words(0), encode([{ type: 1, payload: words(0x0700_0000) }])])],
  }),
];
