import {
  ATTRIBUTE_HEADER_LENGTH,
  attributeEnd,
  attributeType,
  hasAttribute,
  nextAttribute,
} from '../netlink/attributes.ts';
import { Digest } from '../netlink/digest.ts';
import type { Request } from '../netlink/request.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { dumpClasses } from './class.ts';
import { dumpFilters } from './filter.ts';
import { TCA_HTB_INIT } from './htb.ts';
import { dumpQdiscs } from './qdisc.ts';
import { TcCursor, type TcView } from './tc-view.ts';
import {
  ifindexAt,
  RTM_NEWQDISC,
  RTM_NEWTCLASS,
  RTM_NEWTFILTER,
  TC_H_INGRESS,
  TC_H_ROOT,
} from './tcmsg.ts';

/** `direct_pkts`, the last member of struct tc_htb_glob, counts packets. */
const HTB_COUNTER_LENGTH = 4;

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
  const tc = new TcCursor();
  netlink.visit(
    query,
    (type, view, start, end) => {
      // The kernel lists the qdiscs of a whole namespace.
      if (type !== wanted || ifindexAt(view, start, end) !== ifindex) return;
      tc.goTo(view, start, end);
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

function addOptions(digest: Digest, { view, kind, optionsStart, optionsEnd }: TcView): void {
  if (kind !== 'htb') {
    digest.bytes(view, optionsStart, optionsEnd);
    return;
  }
  for (let at = optionsStart; hasAttribute(view, at, optionsEnd); at = nextAttribute(view, at)) {
    const type = attributeType(view, at);
    const to = attributeEnd(view, at);
    digest.number(type);
    digest.bytes(
      view,
      at + ATTRIBUTE_HEADER_LENGTH,
      type === TCA_HTB_INIT ? to - HTB_COUNTER_LENGTH : to,
    );
  }
}
