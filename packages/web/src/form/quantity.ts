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

/** What typing into the number field means: without a unit of its own the text gets the chosen one. */
export function typedText(typed: string, unit: string): string {
  const text = typed.replace(',', '.').trim();
  if (text === '') return '';
  return /^[\d.+-]*$/u.test(text) ? `${text}${unit}` : text;
}

export function joinText({ number, unit }: Parts): string {
  return number.trim() === '' ? '' : `${number.trim()}${unit}`;
}
