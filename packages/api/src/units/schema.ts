import * as z from 'zod';
import { isNetweirError } from '../errors/netweir-error.ts';
import { parseDuration } from './duration.ts';
import { parsePercent } from './percent.ts';
import { parseRate } from './rate.ts';

/** A time with its unit: `100ms`. */
export const Duration: z.ZodString = quantity(parseDuration, 'A time with its unit.', [
  '100ms',
  '1.5s',
  '250us',
]);

/** A rate with its unit: `10mbit`. */
export const Rate: z.ZodString = quantity(parseRate, 'A rate with its unit.', [
  '10mbit',
  '1.25MB/s',
]);

/** A percentage: `1.5%`. */
export const Percent: z.ZodString = quantity(parsePercent, 'A percentage from 0% to 100%.', [
  '1%',
  '0.05%',
]);

/** A schema of texts that `parse` accepts; its NetweirError stays with the issue, for `validate`. */
export function quantity(
  parse: (text: string) => number,
  description: string,
  examples: string[],
): z.ZodString {
  return z
    .string()
    .max(64)
    .superRefine((text, context) => {
      try {
        parse(text);
      } catch (error) {
        if (!isNetweirError(error)) throw error;
        const message = error.remedy ? `${error.message}: ${error.remedy}` : error.message;
        context.addIssue({ code: 'custom', message, params: { origin: error }, input: text });
      }
    })
    .meta({ description, examples });
}
