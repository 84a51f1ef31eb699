import type { ExactDirection } from '../impairment/exact.ts';
import type { BitsPerSecond } from '../units/quantity.ts';
import type { Keyword } from './keywords.ts';
import { BUCKET, SIGNED, SIZE } from './values.ts';
import { contradiction, type TcValue } from './words.ts';

/** How tc counts a packet's length for a rate: tbf and the classes of htb share this. */
export interface Framing {
  overheadBytes: number;
  isAtm: boolean;
}

export const ETHERNET: Framing = { overheadBytes: 0, isAtm: false };

const LINK_LAYER: TcValue<boolean> = {
  name: 'a link layer',
  remedy: 'Write ethernet, atm or adsl.',
  parse: (word) => {
    if (word === '') return undefined;
    if ('ethernet'.startsWith(word)) return false;
    return 'atm'.startsWith(word) || 'adsl'.startsWith(word) ? true : undefined;
  },
};

export const OVERHEAD: Keyword<Framing> = {
  word: 'overhead',
  read: (words, to) => {
    to.overheadBytes = words.read(SIGNED);
  },
};

export const LINKLAYER: Keyword<Framing> = {
  word: 'linklayer',
  read: (words, to) => {
    to.isAtm = words.read(LINK_LAYER);
  },
};

/** A least length, which no rate of netweir has. */
export const MPU: Keyword<unknown> = {
  word: 'mpu',
  isWhole: true,
  read: (words) => {
    if (words.read(SIZE) > 0) {
      throw contradiction('mpu: netweir counts every packet as long as it is', 'Leave mpu out.');
    }
  },
};

/** The length up to which tc fills a table that kernels no longer use. */
export const MTU: Keyword<unknown> = {
  word: 'mtu',
  isWhole: true,
  read: (words) => {
    words.read(BUCKET);
  },
};

/** ATM carries 48 bytes in a cell of 53. */
export function rateOf(
  bitPerSec: BitsPerSecond,
  { overheadBytes, isAtm }: Framing,
): NonNullable<ExactDirection['rate']> {
  return {
    bitPerSec,
    packetOverheadBytes: overheadBytes,
    cellBytes: isAtm ? 48 : 0,
    cellOverheadBytes: isAtm ? 5 : 0,
  };
}
