import type { DataTypeName } from './data-type.ts';
import { describeTable, type TablePlace } from './table.ts';

/** Which set is meant. */
export interface SetPlace extends TablePlace {
  readonly set: string;
}

/** What the keys of a set, and the data of a map, consist of. */
export interface SetTypes {
  /** Several types are a concatenation. */
  readonly key: readonly DataTypeName[];
  /** Makes the set a map. */
  readonly data?: readonly DataTypeName[] | undefined;
}

/** A set in words, for errors: `ip nat fullcone`. */
export function describeSet(place: SetPlace): string {
  return `${describeTable(place)} ${place.set}`;
}
