import * as z from 'zod';

/** `wifi-bad` as `wifi_bad`. */
type Snake<T extends string> = T extends `${infer Head}-${infer Tail}`
  ? `${Head}_${Snake<Tail>}`
  : T;

/** One of the words of the API, also with underscores for hyphens, as other lab files have them. */
export function eitherSpelling<const T extends string>(
  words: readonly T[],
): z.ZodEnum<{ [W in T | Snake<T>]: W }> {
  const spellings = new Set([...words, ...words.map((word) => word.replaceAll('-', '_'))]);
  return z.enum([...spellings] as (T | Snake<T>)[]) as z.ZodEnum<{ [W in T | Snake<T>]: W }>;
}

/** The word of the API that is meant by either spelling. */
export function word<T extends string>(spelling: T | Snake<T>): T {
  return spelling.replaceAll('_', '-') as T;
}

/** A table that takes no other keys, and says of one that it does not know which one may be meant. */
export function table<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key ${key}${hint(key, known)}`).join(', ')
        : undefined,
  });
}

/** ` (did you mean count?)`, or nothing where no known key is close. */
export function hint(key: string, known: readonly string[]): string {
  const plain = key.toLowerCase().replaceAll('-', '_');
  const close = known
    .map((candidate) => ({ candidate, distance: editDistance(plain, candidate) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, candidate.length * 0.4))
    .toSorted((a, b) => a.distance - b.distance);
  return close[0] ? ` (did you mean ${close[0].candidate}?)` : '';
}

/** How many characters must be put in, taken out or replaced to make one text the other. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of [...one].entries()) {
    let left = index + 1;
    const next = [left];
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (character === wanted ? 0 : 1);
      left = Math.min(left + 1, (row[column + 1] ?? 0) + 1, replaced);
      next.push(left);
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
