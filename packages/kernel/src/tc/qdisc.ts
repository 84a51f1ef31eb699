import {
  ATTRIBUTE_HEADER_LENGTH,
  Attributes,
  attributeEnd,
  attributeType,
  hasAttribute,
  nextAttribute,
} from '../netlink/attributes.ts';
import {
  ADD,
  CHANGE,
  type Message,
  type Query,
  REPLACE,
  type Request,
} from '../netlink/request.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { Writer } from '../netlink/writer.ts';
import { decodedOptions } from './decoded-options.ts';
import {
  decodeQdiscOptions,
  hasOptions,
  type QdiscOptions,
  type RawOptions,
  writeQdiscOptions,
} from './qdisc-options.ts';
import { decodeStats, hasEstimatorAt, stats2At, type TcStats } from './stats.ts';
import { bytesAt, u32At } from './struct-reader.ts';
import { textAt } from './tc-view.ts';
import {
  handleAt,
  ifindexAt,
  parentAt,
  RTM_DELQDISC,
  RTM_GETQDISC,
  RTM_NEWQDISC,
  readTcmsg,
  TC_H_ROOT,
  TCA_DUMP_INVISIBLE,
  TCA_KIND,
  TCA_OPTIONS,
  TCA_STATS,
  TCA_STATS2,
  TCMSG_LENGTH,
  writeTcmsg,
} from './tcmsg.ts';

/** A queueing discipline, as the kernel reports it. */
export interface Qdisc {
  readonly ifindex: number;
  /** 0 for one that the kernel made by default, such as noqueue. */
  readonly handle: number;
  /** TC_H_ROOT, TC_H_INGRESS, or a class id. */
  readonly parent: number;
  readonly kind: string;
  /** Undefined for a kind that is not understood. */
  readonly options: QdiscOptions | undefined;
  /** The payload of TCA_OPTIONS, with which the qdisc can be put back. */
  readonly rawOptions: Uint8Array | undefined;
  readonly stats: TcStats | undefined;
  /** Where a size table (tc-stab) decides what lengths it counts, its `struct tc_sizespec`; no dump has the table. */
  readonly sizeSpec?: Uint8Array;
  /** Set where the interface's hardware does its work. */
  readonly isOffloaded?: true;
  /** Set where its rate is measured all the time: no dump tells how. */
  readonly hasEstimator?: true;
  /** Index of the block of filters that ingress and clsact may share with other interfaces. */
  readonly ingressBlock?: number;
  readonly egressBlock?: number;
}

// linux/rtnetlink.h
const TCA_STAB = 8; // @nl: TCA_STAB rw 2.6.27
const TCA_HW_OFFLOAD = 12; // @nl: TCA_HW_OFFLOAD r 4.16
const TCA_INGRESS_BLOCK = 13; // @nl: TCA_INGRESS_BLOCK rw 4.16
const TCA_EGRESS_BLOCK = 14; // @nl: TCA_EGRESS_BLOCK rw 4.16
// linux/pkt_sched.h
const TCA_STAB_BASE = 1; // @nl: TCA_STAB_BASE rw 2.6.27

/** Where a qdisc is or shall be, and how messages name its interface. */
export interface QdiscPlace {
  readonly ifindex: number;
  /** TC_H_ROOT, TC_H_INGRESS, or a class id. */
  readonly parent: number;
  /** Absent: the kernel chooses one, or changes the qdisc that is there whatever its handle. */
  readonly handle?: number;
  /** For error messages: the interface's name. */
  readonly target: string;
}

/** Adds a qdisc; EEXIST where one with a handle is in its place. Throws RangeError. */
export function addQdisc(place: QdiscPlace, options: QdiscOptions | RawOptions): Request {
  return setQdisc('add', ADD, place, options);
}

/**
 * Makes a qdisc or, where one of this kind and handle is in its place, changes it and keeps its
 * queue. One of another kind or handle goes away with its queue and children. Throws RangeError.
 */
export function replaceQdisc(place: QdiscPlace, options: QdiscOptions | RawOptions): Request {
  return setQdisc('replace', REPLACE, place, options);
}

/** Changes the qdisc that is there; ENOENT where none is. Throws RangeError. */
export function changeQdisc(place: QdiscPlace, options: QdiscOptions | RawOptions): Request {
  return setQdisc('change', CHANGE, place, options);
}

/**
 * Deletes a qdisc. Where `kind` is given, one of another kind stays and the answer is EINVAL;
 * ENOENT where there is none.
 */
export function deleteQdisc(place: QdiscPlace & { readonly kind?: string }): Request {
  const writer = startBody(place);
  if (place.kind !== undefined) writer.attributeString(TCA_KIND, place.kind);
  return {
    operation: place.kind === undefined ? 'delete qdisc' : `delete ${place.kind} qdisc`,
    target: place.target,
    type: RTM_DELQDISC,
    flags: 0,
    body: writer.finish(),
  };
}

/**
 * The qdiscs of one interface, or of all. `invisible` adds those that the kernel made by itself
 * inside others, such as htb's pfifo; nothing in the answer tells them apart.
 */
export function dumpQdiscs(
  ifindex = 0,
  { invisible = false }: { invisible?: boolean } = {},
): Query<Qdisc> {
  const writer = startBody({ ifindex, parent: 0 });
  if (invisible) writer.attributeFlag(TCA_DUMP_INVISIBLE);
  return {
    operation: 'list qdiscs',
    target: ifindex === 0 ? 'all interfaces' : `interface ${ifindex}`,
    type: RTM_GETQDISC,
    flags: 0,
    body: writer.finish(),
    // The kernel lists those of a whole namespace: the others are passed over before they are decoded.
    parse: (message) => (ifindex === 0 || isOf(ifindex, message) ? parseQdisc(message) : undefined),
  };
}

/**
 * The root qdisc of an interface; undefined where it has none that the kernel lists.
 *
 * @throws {KernelError} as a dump does
 */
export function rootQdisc(netlink: NetlinkSocket, ifindex: number): Qdisc | undefined {
  let root: Qdisc | undefined;
  netlink.visit(
    dumpQdiscs(ifindex),
    (type, view, start, end) => {
      if (type !== RTM_NEWQDISC || parentAt(view, start, end) !== TC_H_ROOT) return;
      if (ifindexAt(view, start, end) === ifindex) root = qdiscAt(view, start, end);
    },
    () => {
      root = undefined;
    },
  );
  return root;
}

function isOf(ifindex: number, message: Message): boolean {
  return message.type === RTM_NEWQDISC && readTcmsg(message).ifindex === ifindex;
}

/** The qdisc of an RTM_NEWQDISC message; undefined for any other. */
export function parseQdisc(message: Message): Qdisc | undefined {
  if (message.type !== RTM_NEWQDISC) return undefined;
  const { buffer, byteOffset, byteLength } = message.body;
  return qdiscAt(new DataView(buffer, byteOffset, byteLength), 0, byteLength);
}

/** The qdisc of an RTM_NEWQDISC message whose body is between two places of `view`, in memory of its own. */
export function qdiscAt(view: DataView, start: number, end: number): Qdisc {
  const qdisc: Mutable<Qdisc> = {
    ifindex: ifindexAt(view, start, end),
    handle: handleAt(view, start, end),
    parent: parentAt(view, start, end),
    kind: '',
    options: undefined,
    rawOptions: undefined,
    stats: undefined,
  };
  let optionsAt = 0;
  let hasOldStats = false;
  for (let at = start + TCMSG_LENGTH; hasAttribute(view, at, end); at = nextAttribute(view, at)) {
    const type = attributeType(view, at);
    const from = at + ATTRIBUTE_HEADER_LENGTH;
    const to = attributeEnd(view, at);
    if (type === TCA_KIND) qdisc.kind = textAt(view, from, to, lastKind);
    else if (type === TCA_OPTIONS) optionsAt = at;
    else if (type === TCA_STATS2) {
      qdisc.stats = stats2At(view, from, to);
      if (hasEstimatorAt(view, from, to)) qdisc.hasEstimator = true;
    } else if (type === TCA_STATS) hasOldStats = true;
    else takeExtra(qdisc, type, view, from, to);
  }
  lastKind = qdisc.kind;
  if (optionsAt > 0) {
    const from = optionsAt + ATTRIBUTE_HEADER_LENGTH;
    const decoded = decodedOptions(qdisc.kind, view, from, attributeEnd(view, optionsAt));
    qdisc.options = decoded.options;
    qdisc.rawOptions = decoded.rawOptions;
  } else qdisc.options = decodeQdiscOptions(qdisc.kind, undefined);
  if (hasOldStats) {
    qdisc.stats ??= decodeStats(Attributes.read(bytesAt(view, start, end), TCMSG_LENGTH));
  }
  return qdisc;
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

/** Most qdiscs of a dump are of one kind. */
let lastKind = '';

function takeExtra(
  qdisc: Mutable<Qdisc>,
  type: number,
  view: DataView,
  from: number,
  to: number,
): void {
  if (type === TCA_STAB) {
    const sizeSpec = Attributes.read(bytesAt(view, from, to))
      .bytes(TCA_STAB_BASE)
      ?.slice();
    if (sizeSpec) qdisc.sizeSpec = sizeSpec;
  } else if (type === TCA_HW_OFFLOAD) {
    if (to > from && view.getUint8(from) !== 0) qdisc.isOffloaded = true;
  } else if (type === TCA_INGRESS_BLOCK) {
    const ingressBlock = u32At(view, from, to);
    if (ingressBlock !== 0) qdisc.ingressBlock = ingressBlock;
  } else if (type === TCA_EGRESS_BLOCK) {
    const egressBlock = u32At(view, from, to);
    if (egressBlock !== 0) qdisc.egressBlock = egressBlock;
  }
}

function setQdisc(
  verb: string,
  flags: number,
  place: QdiscPlace,
  options: QdiscOptions | RawOptions,
): Request {
  const writer = startBody(place);
  writer.attributeString(TCA_KIND, options.kind);
  if (hasOptions(options)) writer.attribute(TCA_OPTIONS, (w) => writeQdiscOptions(w, options));
  if ('sizeTable' in options && options.sizeTable) {
    writer.attributeBytes(TCA_STAB, options.sizeTable);
  }
  return {
    operation: `${verb} ${options.kind} qdisc`,
    target: place.target,
    type: RTM_NEWQDISC,
    flags,
    body: writer.finish(),
  };
}

function startBody(place: { ifindex: number; parent: number; handle?: number }): Writer {
  const { ifindex, parent, handle = 0 } = place;
  return writeTcmsg(new Writer(), { ifindex, handle, parent, info: 0 });
}
