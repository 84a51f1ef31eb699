import type { Problems } from './problems.ts';

/** What goes on while a file is planned. */
export interface Planning {
  readonly problems: Problems;
  readonly warn: (text: string) => void;
}

/** What `convert` makes of a value; where it throws, that is a problem. */
export function attempt<Value, Result>(
  value: Value | undefined,
  convert: (value: Value) => Result,
  path: readonly (string | number)[],
  problems: Problems,
): Result | undefined {
  if (value === undefined) return undefined;
  try {
    return convert(value);
  } catch (error) {
    problems.add(path, (error as Error).message);
    return undefined;
  }
}
