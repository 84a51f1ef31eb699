import type { RawFilter } from '@netweir/kernel';
import type { RecordedFilter } from '../journal/entry.ts';
import { filterOptionsToSend } from './classifier.ts';

export interface InterfacePlace {
  readonly ifindex: number;
  /** The interface's name. */
  readonly target: string;
}

/** A recorded filter as it is sent to be made. */
export function toSend({ options, ...filter }: RecordedFilter): RawFilter {
  if (options === null) return { ...filter, rawOptions: undefined };
  const rawOptions = filterOptionsToSend(filter.kind, Buffer.from(options, 'base64'));
  return { ...filter, rawOptions };
}
