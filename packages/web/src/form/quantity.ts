/** The kinds of field that are a number with a unit. */
export type QuantityKind = 'duration' | 'percent' | 'rate';

/** The units that the editor offers, the usual one first. */
export const UNITS: Readonly<Record<QuantityKind, readonly [string, ...string[]]>> = {
  duration: ['ms', 'us', 's'],
  percent: ['%'],
  rate: ['mbit', 'kbit', 'gbit'],
};

/** A quantity such as `100ms`, taken apart for a number field and a choice of unit. */
export interface Parts {
  readonly number: string;
  readonly unit: string;
}

/** Takes a quantity apart; `unit` stands in where the text has none. */
export function splitText(text: string, unit: string): Parts {
  const match = /^\s*([\d.,+-]*)\s*(\D*)$/u.exec(text);
  if (!match) return { number: text, unit };
  const [, number = '', written = ''] = match;
  return { number, unit: written.trim() || unit };
}

/** What typing into the number field means: a known unit behind the number is taken over. */
export function typedText(typed: string, unit: string, units: readonly string[]): string {
  const text = typed.replace(',', '.').trim();
  if (text === '') return '';
  const parts = splitText(text, unit);
  const isUnit = units.includes(parts.unit);
  return isUnit ? joinText(parts) : `${text}${unit}`;
}

export function joinText({ number, unit }: Parts): string {
  return number.trim() === '' ? '' : `${number.trim()}${unit}`;
}
