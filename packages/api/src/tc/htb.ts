import type { BitsPerSecond } from '../units/quantity.ts';
import { type Keyword, readKeywords } from './keywords.ts';
import { ETHERNET, type Framing, LINKLAYER, MPU, MTU, OVERHEAD } from './shaper.ts';
import { BUCKET, RATE, SIZE, UNSIGNED } from './values.ts';
import { contradiction, type TcValue, type TcWords } from './words.ts';

/** The qdisc htb: the minor number of the class that takes what no filter takes. */
export interface HtbRoot {
  defaultMinor: number;
}

/** A class of htb. */
export interface HtbClass extends Framing {
  readonly bitPerSec: BitsPerSecond;
  readonly ceilBitPerSec: BitsPerSecond;
  /** Whether buckets were chosen, which netweir does not take over. */
  readonly hasBursts: boolean;
}

interface ClassSettings extends Framing {
  bitPerSec?: BitsPerSecond | 0;
  ceilBitPerSec?: BitsPerSecond | 0;
  hasBursts: boolean;
}

const MINOR: TcValue<number> = {
  name: 'the number of a class',
  remedy: 'Write the number behind the colon, which tc reads in hexadecimal: 10 for 1:10.',
  parse: (word) => {
    const digits = /^(?:0x)?([\da-f]{1,4})$/iu.exec(word)?.[1];
    return digits === undefined ? undefined : Number.parseInt(digits, 16);
  },
};

const ROOT_KEYWORDS: readonly Keyword<HtbRoot>[] = [
  passOver('r2q', UNSIGNED),
  {
    word: 'default',
    read: (words, to) => {
      to.defaultMinor = words.read(MINOR);
    },
  },
  { ...passOver('direct_qlen', UNSIGNED), isWhole: true },
];

/** What decides among several classes says nothing where there is one. */
const CLASS_KEYWORDS: readonly Keyword<ClassSettings>[] = [
  passOver('prio', UNSIGNED),
  MTU,
  MPU,
  OVERHEAD,
  LINKLAYER,
  passOver('quantum', SIZE),
  ...['burst', 'buffer', 'maxburst', 'cburst', 'cbuffer', 'cmaxburst'].map(burst),
  {
    word: 'ceil',
    isWhole: true,
    read: (words, to) => {
      to.ceilBitPerSec = words.read(RATE);
    },
  },
  {
    word: 'rate',
    isWhole: true,
    read: (words, to) => {
      to.bitPerSec = words.read(RATE);
    },
  },
];

/** What the words behind `qdisc … htb` say. Throws NetweirError. */
export function readHtb(words: TcWords): HtbRoot {
  return readKeywords(words, ROOT_KEYWORDS, { defaultMinor: 0 });
}

/** What the words behind `class … htb` say. Throws NetweirError. */
export function readHtbClass(words: TcWords): HtbClass {
  const settings = readKeywords<ClassSettings>(words, CLASS_KEYWORDS, {
    ...ETHERNET,
    hasBursts: false,
  });
  const { bitPerSec, ceilBitPerSec = bitPerSec } = settings;
  if (!bitPerSec || !ceilBitPerSec) {
    throw contradiction('a class of htb needs a rate', 'Write it, such as `rate 10mbit`.');
  }
  return { ...settings, bitPerSec, ceilBitPerSec };
}

function passOver(word: string, value: TcValue<unknown>): Keyword<unknown> {
  return {
    word,
    read: (words) => {
      words.read(value);
    },
  };
}

function burst(word: string): Keyword<ClassSettings> {
  return {
    word,
    ...(word.endsWith('buffer') || word.endsWith('maxburst') ? { isWhole: true as const } : {}),
    read: (words, to) => {
      words.read(BUCKET);
      to.hasBursts = true;
    },
  };
}
