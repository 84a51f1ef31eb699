import { readEntries } from '../../../packages/impair/dist/journal/entry.js';
import { restorableOptions } from '../../../packages/impair/dist/original/qdisc-options.js';
import { type Decoder, ofAttributes, ofBytes, ofText } from './decoder.ts';
import { QDISC_OPTIONS, words } from './kernel-seeds.ts';
import { isNetweirError } from './text-errors.ts';

const place = {
  bootId: 'b',
  space: 'host',
  namespaceDevice: 4,
  namespaceInode: 4_026_531_840,
  ifindex: 2,
  interface: 'eth0',
};
const setting = {
  egress: {
    delay: { mean: '100ms', jitter: '10ms' },
    loss: { model: 'random', probability: '1%' },
  },
  expiresAt: '2030-01-01T00:00:00.000Z',
  owner: 'command',
};
const qdisc = { kind: 'fq_codel', handle: 0x1_0000, parent: 0xffff_ffff, options: 'CAABAAQAAAA=' };
const original = { description: 'fq_codel', qdiscs: [qdisc], classes: [] };

const LINES = [
  { type: 'touched', id: 1, place, original, setting },
  { type: 'changed', id: 1, setting: { ...setting, expiresAt: null } },
  { type: 'hooked', id: 2, place, hadClsact: true, setting: { ...setting, ingress: null } },
  { type: 'restored', id: 1, outcome: 'original' },
].map((line) => `${JSON.stringify(line)}\n`);

/** `struct tc_sfq_qopt` as far as it is looked at. */
const SFQ = words(1514, 10, 127, 1024, 128);

export const IMPAIR_DECODERS: readonly Decoder[] = [
  ofText({
    name: 'readEntries of the journal',
    covers: ['impair/journal/entry.ts readEntries'],
    seeds: [...LINES, LINES.join('')],
    decode: readEntries,
    mayThrow: isNetweirError,
  }),
  ofAttributes({
    name: 'restorableOptions of codel',
    covers: [],
    offset: 0,
    seeds: QDISC_OPTIONS.filter(({ kind }) => kind === 'fq_codel').map(({ bytes }) => bytes),
    decode: (bytes) => [restorableOptions('codel', bytes), restorableOptions('fq_codel', bytes)],
  }),
  ofBytes({
    name: 'restorableOptions of sfq',
    covers: [],
    seeds: [SFQ],
    decode: (bytes) => restorableOptions('sfq', bytes),
  }),
];
