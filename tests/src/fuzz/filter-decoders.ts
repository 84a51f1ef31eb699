import { parseIpPrefix } from '@netweir/kernel';
import { Attributes } from '../../../packages/kernel/dist/netlink/attributes.js';
import { Writer } from '../../../packages/kernel/dist/netlink/writer.js';
import { parseFilter } from '../../../packages/kernel/dist/tc/filter.js';
import {
  decodeFilterOptions,
  type FilterOptions,
  writeFilterOptions,
} from '../../../packages/kernel/dist/tc/filter-options.js';
import { readVerdict } from '../../../packages/kernel/dist/tc/filter-verdict.js';
import { decodeFlower } from '../../../packages/kernel/dist/tc/flower.js';
import { readFlowerPorts } from '../../../packages/kernel/dist/tc/flower-ports.js';
import { decodeMatchall } from '../../../packages/kernel/dist/tc/matchall.js';
import { decodeU32 } from '../../../packages/kernel/dist/tc/u32.js';
import { type Decoder, ofAttributes } from './decoder.ts';
import { ofMessages } from './kernel-decoders.ts';
import { goldenOf, words } from './kernel-seeds.ts';
import { encode } from './mutate-attributes.ts';
import { joined } from './mutate-bytes.ts';

const TCMSG_LENGTH = 20;
const PROTOCOLS = [6, 17, 132, undefined];

const ACTIONS = [{ kind: 'redirect', toIfindex: 7 }] as const;
const FILTERS: readonly FilterOptions[] = [
  {
    kind: 'flower',
    ethType: 0x0800,
    ipProtocol: 6,
    source: parseIpPrefix('10.0.0.0/8'),
    destination: parseIpPrefix('192.0.2.7'),
    sourcePorts: { port: 443, mask: 0xfff0 },
    destinationPorts: { first: 8000, last: 8010 },
    tos: { value: 0xb8, mask: 0xfc },
    fragment: false,
    classid: 0x4e57_0001,
  },
  { kind: 'flower', ethType: 0x86dd, source: parseIpPrefix('fd00::/16'), actions: ACTIONS },
  {
    kind: 'u32',
    classid: 0x4e57_0001,
    keys: [
      { offset: 8, mask: 0x00ff_0000, value: 0x0006_0000 },
      { offset: 12, mask: 0xff00_0000, value: 0x0a00_0000 },
    ],
  },
  { kind: 'matchall', actions: ACTIONS },
];

const OPTIONS = FILTERS.map((options) => {
  const writer = new Writer();
  writeFilterOptions(writer, options);
  return { kind: options.kind, bytes: writer.finish() };
});
const BODIES = OPTIONS.map(({ kind, bytes }) =>
  joined([
    words(0, 2, 1, 0xffff_fff2, 0x4e57_0008),
    encode([
      { type: 1, payload: Buffer.from(`${kind}\0`) },
      { type: 2, payload: bytes },
      { type: 11, payload: words(0) },
    ]),
  ]),
);

function ofOptions(
  file: string,
  name: string,
  kinds: readonly string[],
  decode: (bytes: Uint8Array) => unknown,
): Decoder {
  const seeds = OPTIONS.filter(({ kind }) => kinds.includes(kind)).map(({ bytes }) => bytes);
  return ofAttributes({ name, covers: [`kernel/tc/${file} ${name}`], offset: 0, seeds, decode });
}

const ALL = ['flower', 'u32', 'matchall'];

export const FILTER_DECODERS: readonly Decoder[] = [
  ofMessages('kernel/tc/filter.ts', 'parseFilter', parseFilter, {
    ...{ type: 44, offset: TCMSG_LENGTH, seeds: [...BODIES, ...goldenOf(44)] },
  }),
  ofOptions('filter-options.ts', 'decodeFilterOptions', ALL, (bytes) =>
    ALL.map((kind) => decodeFilterOptions(kind, bytes)),
  ),
  ofOptions('flower.ts', 'decodeFlower', ['flower'], decodeFlower),
  ofOptions('u32.ts', 'decodeU32', ['u32'], decodeU32),
  ofOptions('matchall.ts', 'decodeMatchall', ['matchall'], decodeMatchall),
  ofOptions('flower-ports.ts', 'readFlowerPorts', ['flower'], (bytes) =>
    PROTOCOLS.map((protocol) => readFlowerPorts(Attributes.read(bytes), protocol, 'source')),
  ),
  ofOptions('filter-verdict.ts', 'readVerdict', ['flower', 'matchall'], (bytes) =>
    [1, 2, 3].map((type) =>
      readVerdict(Attributes.read(bytes), { classid: type, actions: type + 1 }),
    ),
  ),
];
