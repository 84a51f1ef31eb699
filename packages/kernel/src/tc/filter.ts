import { Attributes } from '../netlink/attributes.ts';
import type { Message, Query } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import {
  RTM_GETTFILTER,
  RTM_NEWTFILTER,
  readTcmsg,
  TCA_CHAIN,
  TCA_KIND,
  TCA_OPTIONS,
  TCMSG_LENGTH,
  writeTcmsg,
} from './tcmsg.ts';

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
  /** The payload of TCA_OPTIONS. */
  readonly rawOptions: Uint8Array | undefined;
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
  return {
    ifindex,
    handle,
    parent,
    prio: info >>> 16,
    protocol: ((info & 0xff) << 8) | ((info >>> 8) & 0xff),
    chain: chain && chain.byteLength >= 4 ? chain.getUint32(0, true) : 0,
    kind: attributes.string(TCA_KIND) ?? '',
    rawOptions: attributes.bytes(TCA_OPTIONS)?.slice(),
  };
}
