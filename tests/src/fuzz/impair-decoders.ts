import {
  type Line,
  type Original,
  type Place,
  readEntries,
  type Setting,
} from '../../../packages/impair/dist/journal/entry.js';
import { decodeProbe, encodeProbe } from '../../../packages/impair/dist/measure/probe-packet.js';
import { readAction } from '../../../packages/impair/dist/original/action.js';
import { restorableOptions } from '../../../packages/impair/dist/original/qdisc-options.js';
import { type Decoder, ofAttributes, ofBytes, ofText } from './decoder.ts';
import { QDISC_OPTIONS, words } from './kernel-seeds.ts';
import { isNetweirError } from './text-errors.ts';

const PROBE_LENGTH = 64;

const place: Place = {
  bootId: 'b',
  space: 'host',
  namespaceDevice: 4,
  namespaceInode: 4_026_531_840,
  namespaceCookie: '7',
  ifindex: 2,
  interface: 'eth0',
};
const setting: Setting = {
  egress: {
    delay: { mean: '100ms', jitter: '10ms' },
    loss: { model: 'random', probability: '1%' },
  },
  ingress: null,
  rules: [{ match: { remote: ['example.org'], remotePorts: ['443'] }, exclude: true }],
  addresses: { 'example.org': ['192.0.2.7'] },
  expiresAt: '2030-01-01T00:00:00.000Z',
  owner: 'command',
};
const original: Original = {
  description: 'fq_codel',
  qdiscs: [{ kind: 'fq_codel', handle: 0x1_0000, parent: 0xffff_ffff, options: 'CAABAAQAAAA=' }],
  classes: [],
  filters: [{ kind: 'u32', handle: 1, parent: 2, prio: 3, protocol: 4, chain: 0, options: null }],
  lost: ['a filter'],
};
const slots = [{ minor: 2, prio: 3 }];

const ENTRIES: readonly Line[] = [
  { type: 'touched', id: 1, place, original, setting, slots },
  { type: 'changed', id: 1, setting: { ...setting, expiresAt: null }, slots: [] },
  { type: 'redirected', id: 3, place, hadClsact: false, setting, slots },
  { type: 'hooked', id: 2, place, hadClsact: true, ways: ['ingress'], setting },
  { type: 'restored', id: 1, outcome: 'original' },
];
const LINES = ENTRIES.map((line) => `${JSON.stringify(line)}\n`);

/** An action as a filter's dump has it: gact, which drops. */
const GACT = Uint8Array.from(
  Buffer.from(
    '0900010067616374000000001c0002801800020001000000000000000200000001000000' + '01000000',
    'hex',
  ),
);

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
    name: 'readAction of a filter',
    covers: ['impair/original/action.ts readAction'],
    offset: 0,
    seeds: [GACT],
    decode: readAction,
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
  ofBytes({
    name: 'decodeProbe',
    covers: ['impair/measure/probe-packet.ts decodeProbe'],
    seeds: [encodeProbe(7, 9, PROBE_LENGTH), encodeProbe(7, 0xffff_ffff, PROBE_LENGTH)],
    decode: (bytes) => decodeProbe(7, bytes, PROBE_LENGTH),
  }),
];
