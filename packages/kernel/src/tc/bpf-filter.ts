import { Attributes } from '../netlink/attributes.ts';
import { ADD, REPLACE, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import type { Filter } from './filter.ts';
import { requireInteger, U16_MAX } from './range.ts';
import { RTM_NEWTFILTER, TCA_KIND, TCA_OPTIONS, writeTcmsg } from './tcmsg.ts';

// linux/pkt_cls.h
const TCA_BPF_FD = 6; // @nl: TCA_BPF_FD w 4.1
const TCA_BPF_NAME = 7; // @nl: TCA_BPF_NAME rw 4.1
const TCA_BPF_FLAGS = 8; // @nl: TCA_BPF_FLAGS w 4.4
/** The program's result is the verdict: no class, no actions. */
const TCA_BPF_FLAG_ACT_DIRECT = 1;

/** ETH_P_ALL, in network order as `tcm_info` holds it. */
const ALL_PROTOCOLS = 0x0300;

/** Where a BPF filter is or shall be. It is asked about packets of all protocols. */
export interface BpfFilterPlace {
  readonly ifindex: number;
  /** A qdisc, a class, TC_H_CLSACT_INGRESS or TC_H_CLSACT_EGRESS. */
  readonly parent: number;
  /** 1 to 65535; lower ones are asked first. Filters of two kinds cannot share one. */
  readonly prio: number;
  readonly handle: number;
  /** For error messages: the interface's name. */
  readonly target: string;
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
  return setBpfFilter('add', ADD, place, filter);
}

/**
 * Adds a filter, or gives the one that is there another program, with no packet in between that
 * neither sees. Throws RangeError.
 */
export function replaceBpfFilter(place: BpfFilterPlace, filter: BpfFilter): Request {
  return setBpfFilter('replace', REPLACE, place, filter);
}

/** The name of a BPF filter; undefined for one without, and for filters of other kinds. */
export function bpfFilterName(filter: Filter): string | undefined {
  if (filter.kind !== 'bpf' || !filter.rawOptions) return undefined;
  return Attributes.read(filter.rawOptions).string(TCA_BPF_NAME);
}

function setBpfFilter(
  verb: string,
  flags: number,
  place: BpfFilterPlace,
  { programFd, name }: BpfFilter,
): Request {
  const writer = startBody(place).nest(TCA_OPTIONS, (w) =>
    w
      .attributeU32(TCA_BPF_FD, programFd)
      .attributeString(TCA_BPF_NAME, name)
      .attributeU32(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT),
  );
  return {
    operation: `${verb} bpf filter`,
    target: place.target,
    type: RTM_NEWTFILTER,
    flags,
    body: writer.finish(),
  };
}

function startBody({ ifindex, parent, prio, handle }: BpfFilterPlace): Writer {
  const info = requireInteger('prio', prio, 1, U16_MAX) * 0x1_0000 + ALL_PROTOCOLS;
  const writer = writeTcmsg(new Writer(), { ifindex, handle, parent, info });
  return writer.attributeString(TCA_KIND, 'bpf');
}
