import { Attributes } from '../../../packages/kernel/dist/netlink/attributes.js';
import { parseClass } from '../../../packages/kernel/dist/tc/class.js';
import { decodeBfifo, decodePfifo } from '../../../packages/kernel/dist/tc/fifo.js';
import { decodeFqCodel } from '../../../packages/kernel/dist/tc/fq-codel.js';
import { decodeHtb, decodeHtbClass, restorableHtb } from '../../../packages/kernel/dist/tc/htb.js';
import { decodeNetem, decodeNetemXstats } from '../../../packages/kernel/dist/tc/netem.js';
import { decodeNetemAttributes } from '../../../packages/kernel/dist/tc/netem-attributes.js';
import { decodePrio } from '../../../packages/kernel/dist/tc/prio.js';
import { parseQdisc } from '../../../packages/kernel/dist/tc/qdisc.js';
import { decodeQdiscOptions } from '../../../packages/kernel/dist/tc/qdisc-options.js';
import { readRateSpec } from '../../../packages/kernel/dist/tc/ratespec.js';
import { decodeStats } from '../../../packages/kernel/dist/tc/stats.js';
import { StructReader } from '../../../packages/kernel/dist/tc/struct-reader.js';
import { decodeTbf } from '../../../packages/kernel/dist/tc/tbf.js';
import { readTcRequest } from '../../../packages/kernel/dist/tc/tc-request.js';
import { readTcmsg } from '../../../packages/kernel/dist/tc/tcmsg.js';
import { type Decoder, ofAttributes, ofBytes } from './decoder.ts';
import { ofMessages } from './kernel-decoders.ts';
import { goldenOf, HTB_CLASS, QDISC_OPTIONS, TC_BODIES, words } from './kernel-seeds.ts';

const TCMSG_LENGTH = 20;
const NETEM_QOPT_LENGTH = 24;
/** Of qdiscs, classes and filters, those that make and those that delete. */
const TC_TYPES = [36, 37, 40, 41, 44, 45];

const optionsOf = (...kinds: readonly string[]): Uint8Array[] =>
  QDISC_OPTIONS.filter(({ kind }) => kinds.includes(kind)).map(({ bytes }) => bytes);

/** A decoder of TCA_OPTIONS, whose attributes stand behind a structure of `offset` bytes. */
function ofOptions(
  file: string,
  name: string,
  decode: (bytes: Uint8Array) => unknown,
  { seeds, offset = 0 }: { seeds: readonly Uint8Array[]; offset?: number },
): Decoder {
  return ofAttributes({ name, covers: [`kernel/tc/${file} ${name}`], offset, seeds, decode });
}

const bodies = [...TC_BODIES, ...goldenOf(36, 40)];
const netem = { seeds: optionsOf('netem'), offset: NETEM_QOPT_LENGTH };

export const TC_DECODERS: readonly Decoder[] = [
  ofMessages('kernel/tc/qdisc.ts', 'parseQdisc', parseQdisc, {
    ...{ type: 36, offset: TCMSG_LENGTH, seeds: bodies },
  }),
  ofMessages('kernel/tc/class.ts', 'parseClass', parseClass, {
    ...{ type: 40, offset: TCMSG_LENGTH, seeds: bodies },
  }),
  ofAttributes({
    name: 'readTcRequest',
    covers: ['kernel/tc/tc-request.ts readTcRequest'],
    offset: TCMSG_LENGTH,
    seeds: bodies,
    decode: (body) => TC_TYPES.map((type) => readTcRequest({ type, flags: 0, body })),
  }),
  ofBytes({
    name: 'readTcmsg',
    covers: ['kernel/tc/tcmsg.ts readTcmsg'],
    seeds: [words(0, 2, 1, 0xffff_ffff, 1)],
    decode: (body) => readTcmsg({ type: 36, flags: 0, body }),
  }),
  ofAttributes({
    name: 'decodeStats',
    covers: ['kernel/tc/stats.ts decodeStats'],
    offset: 0,
    seeds: TC_BODIES.map((body) => body.subarray(TCMSG_LENGTH)),
    decode: (bytes) => decodeStats(Attributes.read(bytes)),
  }),
  ofAttributes({
    name: 'decodeQdiscOptions',
    covers: ['kernel/tc/qdisc-options.ts decodeQdiscOptions'],
    offset: 0,
    seeds: QDISC_OPTIONS.map(({ bytes }) => bytes),
    decode: (bytes) =>
      ['clsact', 'cake', ...QDISC_OPTIONS.map(({ kind }) => kind)].map((kind) =>
        decodeQdiscOptions(kind, bytes),
      ),
  }),
  ofOptions('netem.ts', 'decodeNetem', decodeNetem, netem),
  ofOptions('netem-attributes.ts', 'decodeNetemAttributes', decodeNetemAttributes, netem),
  ofOptions('netem.ts', 'decodeNetemXstats', decodeNetemXstats, {
    seeds: [words(...Array.from({ length: 14 }, (_, index) => index))],
  }),
  ofOptions('tbf.ts', 'decodeTbf', decodeTbf, { seeds: optionsOf('tbf') }),
  ofOptions('htb.ts', 'decodeHtb', decodeHtb, { seeds: optionsOf('htb') }),
  ofOptions('htb.ts', 'decodeHtbClass', decodeHtbClass, { seeds: [HTB_CLASS] }),
  ofAttributes({
    name: 'restorableHtb',
    covers: [],
    offset: 0,
    seeds: optionsOf('htb'),
    decode: restorableHtb,
  }),
  ofOptions('prio.ts', 'decodePrio', decodePrio, { seeds: optionsOf('prio') }),
  ofOptions('fq-codel.ts', 'decodeFqCodel', decodeFqCodel, { seeds: optionsOf('fq_codel') }),
  ofOptions('fifo.ts', 'decodePfifo', decodePfifo, { seeds: optionsOf('pfifo') }),
  ofOptions('fifo.ts', 'decodeBfifo', decodeBfifo, { seeds: optionsOf('bfifo') }),
  ofBytes({
    name: 'readRateSpec',
    covers: ['kernel/tc/ratespec.ts readRateSpec'],
    seeds: [words(0x0000_0103, 0x0000_ffff, 125_000)],
    decode: (bytes) => readRateSpec(new StructReader(bytes), 0n),
  }),
];
