import type { ExactDirection, ExactLoss, ExactSlot } from '../impairment/exact.ts';
import { Distribution } from '../impairment/schema.ts';
import { CERTAIN } from '../units/percent.ts';
import type { Nanoseconds, Probability } from '../units/quantity.ts';
import { type Keyword, readKeywords } from './keywords.ts';
import {
  COUNT,
  PERCENT,
  PERCENT_AND_REST,
  RATE,
  SEED,
  SIGNED,
  SIZE,
  SLOT_TIME,
  TIME,
  UNSIGNED,
} from './values.ts';
import { abbreviates, contradiction, type TcValue, type TcWords, unexpected } from './words.ts';

/** tc's own, which it sends where no limit is given. */
const TC_LIMIT_PACKETS = 1000;

const NONE = 0 as Probability;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type NetemSettings = Mutable<ExactDirection> & {
  limitPackets: number;
  gap: number;
  distribution?: Distribution;
};

const DISTRIBUTION: TcValue<Distribution> = {
  name: 'a distribution that netweir knows',
  remedy: `Write one of ${Distribution.options.join(', ')}; tables of measured delays are not read.`,
  parse: (word) => Distribution.options.find((name) => name === word),
};

/** In tc's order, of which abbreviations depend. */
const KEYWORDS: readonly Keyword<NetemSettings>[] = [
  {
    word: 'limit',
    read: (words, to) => {
      to.limitPackets = words.read(SIZE);
    },
  },
  { word: 'latency', read: readDelay },
  { word: 'delay', read: readDelay },
  { word: 'loss', read: readLoss },
  { word: 'drop', read: readLoss },
  {
    word: 'ecn',
    read: (_words, to) => {
      to.ecn = true;
    },
  },
  { word: 'reorder', read: readReorder },
  {
    word: 'corrupt',
    read: (words, to) => {
      to.corrupt = readChance(words);
    },
  },
  {
    word: 'gap',
    read: (words, to) => {
      to.gap = words.read(UNSIGNED);
    },
  },
  {
    word: 'duplicate',
    read: (words, to) => {
      to.duplicate = readChance(words);
    },
  },
  {
    word: 'distribution',
    read: (words, to) => {
      to.distribution = words.read(DISTRIBUTION);
    },
  },
  { word: 'rate', read: readRate },
  { word: 'slot', read: readSlot },
  {
    word: 'seed',
    read: (words, to) => {
      to.seed = words.read(SEED);
    },
  },
];

/**
 * What the words behind `netem` ask for, as tc understands them (tc-netem(8)): what is said twice holds as
 * it is said last, and without a limit the queue holds 1,000 packets.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request`, `invalid-combination`
 */
export function readNetem(words: TcWords): ExactDirection {
  return directionOf(
    readKeywords(words, KEYWORDS, { limitPackets: TC_LIMIT_PACKETS, gap: 0, ecn: false }),
  );
}

function directionOf({ gap, distribution, reorder, ...rest }: NetemSettings): ExactDirection {
  const { delay } = rest;
  const reorders = reorder !== undefined && reorder.probability > 0;
  if (gap > 0 && !reorders) {
    throw contradiction('gap needs reorder', 'Add a reorder such as `reorder 25%`.');
  }
  if (reorders && !delay?.meanNs) {
    throw contradiction('reorder needs a delay', 'Add a delay such as `delay 10ms`.');
  }
  if (distribution && !(delay?.meanNs && delay.jitterNs > 0)) {
    throw contradiction(
      'distribution needs a delay with a jitter',
      'Add them, such as `delay 100ms 10ms`.',
    );
  }
  if (rest.limitPackets === 0) {
    throw contradiction('limit 0 drops every packet', 'Write `loss 100%` if that is meant.');
  }
  return {
    ...rest,
    ...(delay && distribution && { delay: { ...delay, distribution } }),
    ...(reorders && { reorder: { ...reorder, gap: gap || 1 } }),
  };
}

function readDelay(words: TcWords, to: NetemSettings): void {
  const meanNs = words.read(TIME);
  const jitterNs = words.readIfNumber(TIME);
  const correlation = jitterNs === undefined ? undefined : words.readIfNumber(PERCENT);
  to.delay = {
    meanNs,
    jitterNs: jitterNs ?? to.delay?.jitterNs ?? (0 as Nanoseconds),
    correlation: correlation ?? to.delay?.correlation ?? NONE,
    distribution: 'uniform',
    keepsOrder: false,
  };
}

function readChance(words: TcWords): { probability: Probability; correlation: Probability } {
  return { probability: words.read(PERCENT), correlation: words.readIfNumber(PERCENT) ?? NONE };
}

function readReorder(words: TcWords, to: NetemSettings): void {
  to.reorder = { ...readChance(words), gap: 1 };
}

function readLoss(words: TcWords, to: NetemSettings): void {
  if (to.loss && !(to.loss.model === 'random' && to.loss.probability === 0)) {
    throw contradiction('loss is said twice', 'Leave one.');
  }
  to.loss = lossIn(words);
}

function lossIn(words: TcWords): ExactLoss {
  if (/^\d/u.test(words.peek() ?? '')) return { model: 'random', ...readChance(words) };
  const model = words.next('a percentage, random, state or gemodel');
  switch (model) {
    case 'random':
      return { model, ...readChance(words) };
    case 'state':
      return stateLoss(words);
    case 'gemodel':
      return gemodelLoss(words);
    default:
      throw unexpected(model, 'Write a percentage, random, state or gemodel behind loss.');
  }
}

function stateLoss(words: TcWords): ExactLoss {
  const { share: p13, rest } = words.read(PERCENT_AND_REST);
  const [p31, p32, p23, p14] = percents(words, 4);
  return {
    model: 'state',
    p13,
    p31: p31 ?? rest,
    p32: p32 ?? NONE,
    p23: p23 ?? CERTAIN,
    p14: p14 ?? NONE,
  };
}

function gemodelLoss(words: TcWords): ExactLoss {
  const { share: p, rest } = words.read(PERCENT_AND_REST);
  const [r, lossInBad, lossInGood] = percents(words, 3);
  return {
    model: 'gilbert-elliott',
    p,
    r: r ?? rest,
    lossInBad: lossInBad ?? CERTAIN,
    lossInGood: lossInGood ?? NONE,
  };
}

/** Up to so many; none behind the first that is missing. */
function percents(words: TcWords, count: number): (Probability | undefined)[] {
  return Array.from({ length: count }, () => words.readIfNumber(PERCENT));
}

function readRate(words: TcWords, to: NetemSettings): void {
  const bitPerSec = words.read(RATE);
  const packetOverheadBytes = words.readIfNumber(SIGNED, /^-?\d/u) ?? 0;
  const cellBytes = words.readIfNumber(UNSIGNED) ?? 0;
  const cellOverheadBytes = words.readIfNumber(SIGNED, /^-?\d/u) ?? 0;
  if (bitPerSec === 0) delete to.rate;
  else to.rate = { bitPerSec, packetOverheadBytes, cellBytes, cellOverheadBytes };
}

function readSlot(words: TcWords, to: NetemSettings): void {
  const times = slotTimes(words);
  const limits = { maxPackets: 0, maxBytes: 0 };
  if (abbreviates(words.peek() ?? '', 'packets')) {
    words.next('packets');
    limits.maxPackets = words.read(COUNT);
  }
  if (abbreviates(words.peek() ?? '', 'bytes')) {
    words.next('bytes');
    limits.maxBytes = words.read(SIZE);
  }
  const isNone = 'maxDelayNs' in times && times.maxDelayNs === 0;
  if (isNone) delete to.slot;
  else to.slot = { ...limits, ...times };
}

type SlotTimes =
  | Omit<Extract<ExactSlot, { minDelayNs: Nanoseconds }>, 'maxPackets' | 'maxBytes'>
  | Omit<Extract<ExactSlot, { delayNs: Nanoseconds }>, 'maxPackets' | 'maxBytes'>;

function slotTimes(words: TcWords): SlotTimes {
  const minDelayNs = words.readIfNumber(SLOT_TIME);
  if (minDelayNs !== undefined) {
    const maxDelayNs = words.readIfNumber(SLOT_TIME) ?? minDelayNs;
    if (maxDelayNs >= minDelayNs) return { minDelayNs, maxDelayNs };
    throw contradiction("the slot's second time is below its first", 'Swap the two.');
  }
  const word = words.next('a time or distribution');
  if (word !== 'distribution') throw unexpected(word, 'Write a time or distribution behind slot.');
  return {
    distribution: words.read(DISTRIBUTION),
    delayNs: words.read(SLOT_TIME),
    jitterNs: words.read(SLOT_TIME),
  };
}
