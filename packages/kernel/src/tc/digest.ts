import { walkAttributes } from '../netlink/attributes.ts';
import { Digest } from '../netlink/digest.ts';
import type { Request } from '../netlink/request.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { dumpClasses } from './class.ts';
import { dumpFilters } from './filter.ts';
import { TCA_HTB_INIT } from './htb.ts';
import { dumpQdiscs } from './qdisc.ts';
import {
  RTM_NEWQDISC,
  RTM_NEWTCLASS,
  RTM_NEWTFILTER,
  TC_H_INGRESS,
  TC_H_ROOT,
  TCA_CHAIN,
  TCA_KIND,
  TCA_OPTIONS,
  TCMSG_LENGTH,
} from './tcmsg.ts';

// struct tcmsg
const IFINDEX = 4;
const HANDLE = 8;
const PARENT = 12;
const INFO = 16;
/** `direct_pkts`, the last member of struct tc_htb_glob, counts packets. */
const HTB_COUNTER_LENGTH = 4;
const EMPTY = new DataView(new ArrayBuffer(0));

/** A message of traffic control, which holds only until the dump goes on. */
export interface TcView {
  readonly view: DataView;
  readonly kind: string;
  readonly parent: number;
  readonly handle: number;
  /** `tcm_info`: of a filter its priority in the upper half, its protocol in the lower. */
  readonly info: number;
  readonly chain: number;
  /** The payload of TCA_OPTIONS; both 0 where there is none. */
  readonly optionsStart: number;
  readonly optionsEnd: number;
}

/** The qdiscs of one interface, in short. */
export interface QdiscDigest {
  readonly root: { readonly kind: string; readonly handle: number } | undefined;
  readonly hasClsact: boolean;
  /** Of those that hang on the root, without their statistics: the same as long as nobody changes one. */
  readonly text: string;
}

/** Sees whether qdiscs have changed without reading what they are. @throws {KernelError} as a dump does */
export function digestQdiscs(netlink: NetlinkSocket, ifindex: number): QdiscDigest {
  let root: QdiscDigest['root'];
  let hasClsact = false;
  const digest = digestDump(netlink, dumpQdiscs(ifindex), RTM_NEWQDISC, ifindex, (sum, tc) => {
    const { kind, parent, handle } = tc;
    if (parent === TC_H_INGRESS) hasClsact ||= kind === 'clsact';
    if (parent === TC_H_ROOT) root = { kind, handle };
    if (parent === TC_H_INGRESS || handle === 0) return false;
    addOptions(sum, tc);
    return true;
  });
  return { root, hasClsact, text: digest.result };
}

/** As `digestQdiscs`, of the classes of one interface. @throws {KernelError} as a dump does */
export function digestClasses(netlink: NetlinkSocket, ifindex: number): string {
  return digestDump(netlink, dumpClasses(ifindex), RTM_NEWTCLASS, ifindex, (digest, tc) => {
    addOptions(digest, tc);
    return true;
  }).result;
}

/**
 * As `digestQdiscs`, of the filters of one parent. `add` adds the options of one, without what changes by itself, or
 * says by false that the filter does not count; undefined where none does.
 *
 * @throws {KernelError} as a dump does
 */
export function digestFilters(
  netlink: NetlinkSocket,
  ifindex: number,
  parent: number,
  add: (digest: Digest, filter: TcView) => boolean,
): string | undefined {
  const query = dumpFilters(ifindex, parent);
  const digest = digestDump(netlink, query, RTM_NEWTFILTER, ifindex, (digest, filter) => {
    digest.number(filter.info);
    digest.number(filter.chain);
    return add(digest, filter);
  });
  return digest.count === 0 ? undefined : digest.result;
}

function digestDump(
  netlink: NetlinkSocket,
  query: Request,
  wanted: number,
  ifindex: number,
  add: (digest: Digest, tc: TcView) => boolean,
): Digest {
  let digest = new Digest();
  // One for all messages: there may be hundreds.
  const tc: Mutable<TcView> = {
    ...{ view: EMPTY, kind: '', parent: 0, handle: 0, info: 0, chain: 0 },
    ...{ optionsStart: 0, optionsEnd: 0 },
  };
  const take = (type: number, from: number, to: number): void => {
    if (type === TCA_KIND) tc.kind = textAt(tc, from, to);
    else if (type === TCA_CHAIN && to - from >= 4) tc.chain = tc.view.getUint32(from, true);
    else if (type === TCA_OPTIONS) {
      tc.optionsStart = from;
      tc.optionsEnd = to;
    }
  };
  netlink.visit(
    query,
    (type, view, start, end) => {
      // The kernel lists the qdiscs of a whole namespace.
      if (type !== wanted || view.getInt32(start + IFINDEX, true) !== ifindex) return;
      tc.view = view;
      tc.handle = view.getUint32(start + HANDLE, true);
      tc.parent = view.getUint32(start + PARENT, true);
      tc.info = view.getUint32(start + INFO, true);
      tc.chain = 0;
      tc.optionsStart = 0;
      tc.optionsEnd = 0;
      walkAttributes(view, start + TCMSG_LENGTH, end, take);
      digest.begin();
      digest.number(tc.handle);
      digest.number(tc.parent);
      digest.text(tc.kind);
      if (add(digest, tc)) digest.end();
    },
    () => {
      digest = new Digest();
    },
  );
  return digest;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

function addOptions(digest: Digest, { view, kind, optionsStart, optionsEnd }: TcView): void {
  if (kind !== 'htb') {
    digest.bytes(view, optionsStart, optionsEnd);
    return;
  }
  walkAttributes(view, optionsStart, optionsEnd, (type, from, to) => {
    digest.number(type);
    digest.bytes(view, from, type === TCA_HTB_INIT ? to - HTB_COUNTER_LENGTH : to);
  });
}

/** ASCII up to the first NUL; the text before, where it is the same, as most are. */
function textAt({ view, kind }: TcView, start: number, end: number): string {
  let at = start;
  while (at < end && view.getUint8(at) === kind.charCodeAt(at - start)) at++;
  const isSame = at - start === kind.length && (at === end || view.getUint8(at) === 0);
  if (isSame) return kind;
  let text = '';
  for (at = start; at < end; at++) {
    const code = view.getUint8(at);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}
