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
import { dumpQdiscs, type Qdisc, qdiscAt } from './qdisc.ts';
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

/** Their classes hold nothing that anybody sets; an interface may have hundreds of them. */
const WITHOUT_CLASSES: ReadonlySet<string> = new Set(['netem', 'pfifo', 'tbf']);

/** The qdiscs of one interface, in short. */
export interface QdiscDigest {
  readonly root: { readonly kind: string; readonly handle: number } | undefined;
  readonly hasClsact: boolean;
  /** Handles of those that may have classes with settings of their own. */
  readonly classful: readonly number[];
  /** Of those that hang on the root, without their statistics: the same as long as nobody changes one. */
  readonly text: string;
}

/** The qdiscs of one interface, in short and whole, from one and the same look. */
export interface QdiscList extends QdiscDigest {
  readonly qdiscs: readonly Qdisc[];
}

/** Sees whether qdiscs have changed without reading what they are. @throws {KernelError} as a dump does */
export function digestQdiscs(netlink: NetlinkSocket, ifindex: number): QdiscDigest {
  const { qdiscs: _, ...digest } = lookAtQdiscs(netlink, ifindex, false);
  return digest;
}

/** Reads the qdiscs of one interface, and sees whether they have changed. @throws {KernelError} as a dump does */
export function listQdiscs(netlink: NetlinkSocket, ifindex: number): QdiscList {
  return lookAtQdiscs(netlink, ifindex, true);
}

function lookAtQdiscs(netlink: NetlinkSocket, ifindex: number, isWhole: boolean): QdiscList {
  let root: QdiscDigest['root'];
  let hasClsact = false;
  let classful: number[] = [];
  let qdiscs: Qdisc[] = [];
  const { result: text } = digestDump(netlink, dumpQdiscs(ifindex), RTM_NEWQDISC, ifindex, {
    start: () => {
      root = undefined;
      hasClsact = false;
      classful = [];
      qdiscs = [];
    },
    add: (digest, tc) => {
      const { kind, parent, handle } = tc;
      if (isWhole) qdiscs.push(qdiscAt(tc.view, tc.start, tc.end));
      if (parent === TC_H_INGRESS) hasClsact ||= kind === 'clsact';
      if (parent === TC_H_ROOT) root = { kind, handle };
      if (parent === TC_H_INGRESS || handle === 0) return false;
      if (!WITHOUT_CLASSES.has(kind)) classful.push(handle);
      addOptions(digest, tc);
      return true;
    },
  });
  return { root, hasClsact, classful, text, qdiscs };
}

/**
 * As `digestQdiscs`, of the classes of qdiscs of one interface, which `classful` of its digest are.
 *
 * @throws {KernelError} as a dump does
 */
export function digestClasses(
  netlink: NetlinkSocket,
  ifindex: number,
  classful: readonly number[],
): string {
  const ofQdisc = (qdisc: number): string =>
    digestDump(netlink, dumpClasses(ifindex, qdisc), RTM_NEWTCLASS, ifindex, {
      add: (digest, tc) => {
        addOptions(digest, tc);
        return true;
      },
    }).result;
  // The kernel lists them in the order in which they were made.
  return classful
    .toSorted((a, b) => a - b)
    .map(ofQdisc)
    .join(' ');
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
  const digest = digestDump(netlink, query, RTM_NEWTFILTER, ifindex, {
    add: (digest, filter) => {
      digest.number(filter.info);
      digest.number(filter.chain);
      return add(digest, filter);
    },
  });
  return digest.count === 0 ? undefined : digest.result;
}

interface Parts {
  /** Called before the first message, and once more where a change of somebody interrupts the dump. */
  readonly start?: () => void;
  /** Adds what a message is of, or says by false that it does not count. */
  readonly add: (digest: Digest, tc: TcCursor) => boolean;
}

function digestDump(
  netlink: NetlinkSocket,
  query: Request,
  wanted: number,
  ifindex: number,
  { start, add }: Parts,
): Digest {
  let digest = new Digest();
  const tc = new TcCursor();
  start?.();
  netlink.visit(
    query,
    (type, view, from, to) => {
      // The kernel lists the qdiscs of a whole namespace.
      if (type !== wanted || ifindexAt(view, from, to) !== ifindex) return;
      tc.goTo(view, from, to);
      digest.begin();
      digest.number(tc.handle);
      digest.number(tc.parent);
      digest.text(tc.kind);
      if (add(digest, tc)) digest.end();
    },
    () => {
      digest = new Digest();
      start?.();
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
