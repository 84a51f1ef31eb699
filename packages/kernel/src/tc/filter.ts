import { Attributes } from '../netlink/attributes.ts';
import { ADD, type Message, type Query, REPLACE, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { decodeFilterOptions, type FilterOptions, writeFilterOptions } from './filter-options.ts';
import type { RawOptions } from './qdisc-options.ts';
import { requireInteger, U16_MAX } from './range.ts';
import {
  RTM_DELTFILTER,
  RTM_GETTFILTER,
  RTM_NEWTFILTER,
  readTcmsg,
  TCA_CHAIN,
  TCA_KIND,
  TCA_OPTIONS,
  TCMSG_LENGTH,
  writeTcmsg,
} from './tcmsg.ts';

/** linux/if_ether.h: what a filter is asked about that is asked about all packets. */
export const ETH_P_ALL = 3;

/** The filters of one priority: of one kind, and asked about packets of one protocol. */
export interface FilterPriority {
  readonly ifindex: number;
  /** A qdisc, a class, TC_H_CLSACT_INGRESS or TC_H_CLSACT_EGRESS. */
  readonly parent: number;
  /** 1 to 65535; lower ones are asked first. */
  readonly prio: number;
  /** For error messages: the interface's name. */
  readonly target: string;
}

/** Where a filter is or shall be, and how messages name its interface. */
export interface FilterPlace extends FilterPriority {
  /**
   * The ethertype of the packets that it is asked about, or ETH_P_ALL. That of a frame with a VLAN tag is the
   * tag's.
   */
  readonly protocol: number;
  /** Absent: the kernel chooses one, so that each addition makes one filter more. */
  readonly handle?: number;
}

/** A filter, as the kernel reports it. Each priority also comes once by itself, with handle 0. */
export interface Filter {
  readonly ifindex: number;
  readonly handle: number;
  /** The qdisc, class or clsact hook that it is attached to. */
  readonly parent: number;
  /** Lower ones are asked first. */
  readonly prio: number;
  /** Ethertype: 0x0800 for IPv4, 3 for all. */
  readonly protocol: number;
  readonly chain: number;
  readonly kind: string;
  /** Undefined for a kind that is not understood, and for a filter that its options cannot express. */
  readonly options: FilterOptions | undefined;
  /** The payload of TCA_OPTIONS. */
  readonly rawOptions: Uint8Array | undefined;
}

/**
 * Adds a filter; EEXIST where there is one with this handle, ENOENT where the kernel has no such classifier
 * or action. Throws RangeError.
 */
export function addFilter(place: FilterPlace, options: FilterOptions | RawOptions): Request {
  const write = (w: Writer) => writeFilterOptions(w, options);
  return filterRequest('add', place, options.kind, write);
}

/** Deletes the filters of a priority, of whatever kind they are; ENOENT where there are none. */
export function deleteFilters(place: FilterPriority & { readonly protocol?: number }): Request {
  return {
    operation: 'delete filters',
    target: place.target,
    type: RTM_DELTFILTER,
    flags: 0,
    body: startFilter({ protocol: 0, ...place }).finish(),
  };
}

/** The request that makes a filter or, by the verb `replace`, gives the one that is there other options. */
export function filterRequest(
  verb: 'add' | 'replace',
  place: FilterPlace,
  kind: string,
  writeOptions: (writer: Writer) => void,
): Request {
  const writer = startFilter(place).attributeString(TCA_KIND, kind);
  return {
    operation: `${verb} ${kind} filter`,
    target: place.target,
    type: RTM_NEWTFILTER,
    flags: verb === 'add' ? ADD : REPLACE,
    body: writer.attribute(TCA_OPTIONS, writeOptions).finish(),
  };
}

function startFilter({ ifindex, parent, prio, protocol, handle = 0 }: FilterPlace): Writer {
  const ethertype = requireInteger('protocol', protocol, 0, U16_MAX);
  // In network order.
  const low = ((ethertype & 0xff) << 8) | (ethertype >>> 8);
  const info = requireInteger('prio', prio, 1, U16_MAX) * 0x1_0000 + low;
  return writeTcmsg(new Writer(), { ifindex, handle, parent, info });
}

/**
 * The filters of one parent. The kernel lists one parent at a time: ask for each qdisc and, with
 * clsact, for TC_H_CLSACT_INGRESS and TC_H_CLSACT_EGRESS; 0 means the root qdisc.
 */
export function dumpFilters(ifindex: number, parent: number): Query<Filter> {
  return {
    operation: 'list filters',
    target: `interface ${ifindex}`,
    type: RTM_GETTFILTER,
    flags: 0,
    body: writeTcmsg(new Writer(), { ifindex, handle: 0, parent, info: 0 }).finish(),
    parse: parseFilter,
  };
}

/** The filter of an RTM_NEWTFILTER message; undefined for any other. */
export function parseFilter(message: Message): Filter | undefined {
  if (message.type !== RTM_NEWTFILTER) return undefined;
  const { ifindex, handle, parent, info } = readTcmsg(message);
  const attributes = Attributes.read(message.body, TCMSG_LENGTH);
  const chain = attributes.view(TCA_CHAIN);
  const kind = attributes.string(TCA_KIND) ?? '';
  const rawOptions = attributes.bytes(TCA_OPTIONS)?.slice();
  return {
    ifindex,
    handle,
    parent,
    prio: info >>> 16,
    protocol: ((info & 0xff) << 8) | ((info >>> 8) & 0xff),
    chain: chain && chain.byteLength >= 4 ? chain.getUint32(0, true) : 0,
    kind,
    options: decodeFilterOptions(kind, rawOptions),
    rawOptions,
  };
}
