import { Attributes } from '../netlink/attributes.ts';
import type { Request } from '../netlink/request.ts';
import { ETH_P_ALL, type Filter, type FilterPriority, filterRequest } from './filter.ts';

// linux/pkt_cls.h
const TCA_BPF_FD = 6; // @nl: TCA_BPF_FD w 4.1
const TCA_BPF_NAME = 7; // @nl: TCA_BPF_NAME rw 4.1
const TCA_BPF_FLAGS = 8; // @nl: TCA_BPF_FLAGS w 4.4
/** The program's result is the verdict: no class, no actions. */
const TCA_BPF_FLAG_ACT_DIRECT = 1;

/** Where a BPF filter is or shall be. It is asked about packets of all protocols. */
export interface BpfFilterPlace extends FilterPriority {
  readonly handle: number;
}

/** A direct-action filter: the program's verdict is the filter's. */
export interface BpfFilter {
  /** A program of type BPF_PROG_TYPE_SCHED_CLS; the filter keeps it. */
  readonly programFd: number;
  /** What `tc filter show` calls it. */
  readonly name: string;
}

/** Adds a filter; EEXIST where there is one with this priority and handle. Throws RangeError. */
export function addBpfFilter(place: BpfFilterPlace, filter: BpfFilter): Request {
  return setBpfFilter('add', place, filter);
}

/**
 * Adds a filter, or gives the one that is there another program, with no packet in between that
 * neither sees. Throws RangeError.
 */
export function replaceBpfFilter(place: BpfFilterPlace, filter: BpfFilter): Request {
  return setBpfFilter('replace', place, filter);
}

/** The name of a BPF filter; undefined for one without, and for filters of other kinds. */
export function bpfFilterName(filter: Filter): string | undefined {
  if (filter.kind !== 'bpf' || !filter.rawOptions) return undefined;
  return Attributes.read(filter.rawOptions).string(TCA_BPF_NAME);
}

function setBpfFilter(
  verb: 'add' | 'replace',
  place: BpfFilterPlace,
  { programFd, name }: BpfFilter,
): Request {
  return filterRequest(verb, { ...place, protocol: ETH_P_ALL }, 'bpf', (w) =>
    w
      .attributeU32(TCA_BPF_FD, programFd)
      .attributeString(TCA_BPF_NAME, name)
      .attributeU32(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT),
  );
}
