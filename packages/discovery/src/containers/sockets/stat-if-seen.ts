import { type BigIntStats, statSync } from 'node:fs';

/** What a path leads to; undefined where it leads to nothing, or to nothing that we may see. */
export function statIfSeen(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
