import { ADD, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import type { Filter } from './filter.ts';
import {
  RTM_DELTFILTER,
  RTM_NEWTFILTER,
  TCA_CHAIN,
  TCA_KIND,
  TCA_OPTIONS,
  writeTcmsg,
} from './tcmsg.ts';

/** A filter of any kind as a dump gave it, to put one back that is not understood. */
export type RawFilter = Omit<Filter, 'ifindex' | 'options'>;

/** Where filters are or shall be, and how messages name it. */
interface Interface {
  readonly ifindex: number;
  /** For error messages: the interface's name. */
  readonly target: string;
}

/**
 * Adds a filter under the handle that it had; EEXIST where there is one. Without options and with handle 0:
 * a priority of its kind that holds no filter.
 */
export function addRawFilter(at: Interface, filter: RawFilter): Request {
  const writer = startBody(at, filter);
  if (filter.rawOptions) writer.attributeBytes(TCA_OPTIONS, filter.rawOptions);
  return {
    operation: `add ${filter.kind} filter`,
    target: at.target,
    type: RTM_NEWTFILTER,
    flags: ADD,
    body: writer.finish(),
  };
}

/** Deletes one filter, or with handle 0 its whole priority; ENOENT where it is not there. */
export function deleteRawFilter(at: Interface, filter: Omit<RawFilter, 'rawOptions'>): Request {
  return {
    operation: `delete ${filter.kind} filter`,
    target: at.target,
    type: RTM_DELTFILTER,
    flags: 0,
    body: startBody(at, filter).finish(),
  };
}

function startBody(
  { ifindex }: Interface,
  { handle, parent, prio, protocol, chain, kind }: Omit<RawFilter, 'rawOptions'>,
): Writer {
  const networkOrder = ((protocol & 0xff) << 8) | (protocol >>> 8);
  const info = prio * 0x1_0000 + networkOrder;
  const writer = writeTcmsg(new Writer(), { ifindex, handle, parent, info });
  writer.attributeString(TCA_KIND, kind);
  return chain === 0 ? writer : writer.attributeU32(TCA_CHAIN, chain);
}
