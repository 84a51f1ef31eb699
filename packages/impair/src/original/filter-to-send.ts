import type { RawFilter } from '@netweir/kernel';
import type { RecordedFilter } from '../journal/entry.ts';
import { filterOptionsToSend, programOf, runProgram } from './classifier.ts';

export interface InterfacePlace {
  readonly ifindex: number;
  /** The interface's name. */
  readonly target: string;
}

/** Descriptors of BPF programs by their numbers. */
export type Programs = ReadonlyMap<number, number>;

/** A recorded filter as it is sent to be made. */
export function toSend({ options, ...filter }: RecordedFilter, programs?: Programs): RawFilter {
  if (options === null) return { ...filter, rawOptions: undefined };
  const { kind } = filter;
  const recorded = Buffer.from(options, 'base64');
  const rawOptions = filterOptionsToSend(kind, recorded);
  const fd = programs?.get(programOf(kind, recorded) ?? 0);
  return { ...filter, rawOptions: fd === undefined ? rawOptions : runProgram(rawOptions, fd) };
}
