import type { BitsPerSecond, Nanoseconds } from '../units/quantity.ts';
import { type Keyword, readKeywords } from './keywords.ts';
import type { TcPart } from './part.ts';
import { ETHERNET, type Framing, LINKLAYER, MPU, MTU, OVERHEAD, rateOf } from './shaper.ts';
import { BUCKET, RATE, SIZE, TIME } from './values.ts';
import { contradiction, type TcWords } from './words.ts';

/** A full frame: the largest of Ethernet without its checksum. */
const FRAME_BYTES = 1514;

interface TbfSettings extends Framing {
  bitPerSec?: BitsPerSecond | 0;
  burstBytes?: number;
  limitBytes?: number;
  latencyNs?: Nanoseconds;
}

const BURST: Keyword<TbfSettings>['read'] = (words, to) => {
  to.burstBytes = words.read(BUCKET);
};

const KEYWORDS: readonly Keyword<TbfSettings>[] = [
  {
    word: 'limit',
    read: (words, to) => {
      to.limitBytes = words.read(SIZE);
    },
  },
  {
    word: 'latency',
    read: (words, to) => {
      to.latencyNs = words.read(TIME);
    },
  },
  { word: 'burst', read: BURST },
  { word: 'buffer', isWhole: true, read: BURST },
  { word: 'maxburst', isWhole: true, read: BURST },
  MTU,
  { ...MTU, word: 'minburst' },
  MPU,
  {
    word: 'rate',
    isWhole: true,
    read: (words, to) => {
      to.bitPerSec = words.read(RATE);
    },
  },
  {
    word: 'peakrate',
    isWhole: true,
    read: () => {
      throw contradiction('peakrate: netweir has one rate', 'Leave peakrate and mtu out.');
    },
  },
  OVERHEAD,
  LINKLAYER,
];

/**
 * What the words behind `tbf` ask for (tc-tbf(8)): the rate, and the queue as whole frames. netweir does not
 * take the bucket over, which a note says.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request`, `invalid-combination`
 */
export function readTbf(words: TcWords): TcPart {
  const settings = readKeywords<TbfSettings>(words, KEYWORDS, { ...ETHERNET });
  const { bitPerSec, burstBytes, limitBytes, latencyNs } = settings;
  if (!bitPerSec || !burstBytes) {
    throw contradiction(
      'tbf needs a rate and a burst',
      'Write them, such as `tbf rate 1mbit burst 32kbit latency 400ms`.',
    );
  }
  if ((limitBytes === undefined) === (latencyNs === undefined)) {
    throw contradiction('tbf needs either limit or latency', 'Write one of them.');
  }
  const queueBytes =
    limitBytes ?? Math.floor((bitPerSec / 8) * ((latencyNs ?? 0) / 1e9)) + burstBytes;
  const limitPackets = Math.min(Math.max(1, Math.ceil(queueBytes / FRAME_BYTES)), 0xffff_ffff);
  return {
    kind: 'tbf',
    exact: { rate: rateOf(bitPerSec, settings), limitPackets, ecn: false },
    notes: [
      `tbf's bucket of ${burstBytes} bytes is not taken over: netweir sends at the rate, or chooses the bucket by it`,
    ],
    queueNote: `tbf's queue of ${queueBytes} bytes is taken for ${limitPackets} packets of ${FRAME_BYTES} bytes`,
  };
}
