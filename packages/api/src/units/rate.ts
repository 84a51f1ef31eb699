import {
  type BitsPerSecond,
  formatScaled,
  invalidQuantity,
  scaleExactly,
  splitQuantity,
} from './quantity.ts';

const EXPECTED =
  'Write a rate with its unit, such as 10mbit, 64kbit or 1.5gbit for bits, 10MB/s for bytes.';

const PREFIX: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 1_000n,
  m: 1_000_000n,
  g: 1_000_000_000n,
  t: 1_000_000_000_000n,
  ki: 1_024n,
  mi: 1_048_576n,
  gi: 1_073_741_824n,
  ti: 1_099_511_627_776n,
};

const UNIT = /^(?<prefix>[kmgt]?i?)(?<base>bit(?:\/s)?|B\/s)$/iu;

/**
 * Reads a rate such as `10mbit` or `1.25MB/s`: bits per second (bit, bit/s) or bytes per second
 * (B/s), with k, m, g, t for powers of 1,000 and ki, mi, gi, ti for powers of 1,024. `bps` is
 * refused, because it means bytes to tc and bits to most people. At least 8 bit/s: the kernel
 * counts in bytes.
 *
 * @throws NetweirError `invalid-quantity`
 */
export function parseRate(text: string): BitsPerSecond {
  const quantity = splitQuantity(text, EXPECTED);
  if (/^[kmgt]?i?bps$/iu.test(quantity.unit)) {
    const number = text.trim().slice(0, -quantity.unit.length).trim();
    const prefix = quantity.unit.slice(0, -3);
    throw invalidQuantity(
      text,
      'is ambiguous: bps means bytes to tc and bits to others',
      `write ${number}${prefix.toLowerCase()}bit for bits or ${number}${prefix.toUpperCase()}B/s for bytes`,
    );
  }
  if (quantity.unit === '') throw invalidQuantity(text, 'has no unit', EXPECTED);
  const scale = bitsPerUnit(quantity.unit);
  if (scale === undefined) {
    throw invalidQuantity(text, `has the unknown unit "${quantity.unit}"`, EXPECTED);
  }
  const rate = scaleExactly(quantity, scale, 'a bit per second', EXPECTED);
  if (rate < 8)
    throw invalidQuantity(text, 'is below 8bit, the least that the kernel can do', EXPECTED);
  return rate as BitsPerSecond;
}

/** Writes a rate in bits with a prefix of 1,000; `parseRate` reads it back exactly. */
export function formatRate(rate: BitsPerSecond): string {
  if (rate >= 1_000_000_000) return `${formatScaled(rate, 1_000_000_000)}gbit`;
  if (rate >= 1_000_000) return `${formatScaled(rate, 1_000_000)}mbit`;
  if (rate >= 1_000) return `${formatScaled(rate, 1_000)}kbit`;
  return `${rate}bit`;
}

function bitsPerUnit(unit: string): bigint | undefined {
  const groups = UNIT.exec(unit)?.groups;
  if (!groups) return undefined;
  const { prefix = '', base = '' } = groups;
  const scale = PREFIX[prefix.toLowerCase()];
  if (scale === undefined) return undefined;
  if (base.toLowerCase().startsWith('bit')) return scale;
  // `b/s` with a small b is as ambiguous as bps.
  return base.startsWith('B') ? scale * 8n : undefined;
}
