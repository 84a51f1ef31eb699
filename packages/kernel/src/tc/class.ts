import { Attributes } from '../netlink/attributes.ts';
import {
  ADD,
  CHANGE,
  type Message,
  NLM_F_CREATE,
  type Query,
  type Request,
} from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { decodeHtbClass, encodeHtbClass, type HtbClass } from './htb.ts';
import type { RawOptions } from './qdisc-options.ts';
import { decodeStats, hasEstimator, type TcStats } from './stats.ts';
import {
  RTM_DELTCLASS,
  RTM_GETTCLASS,
  RTM_NEWTCLASS,
  readTcmsg,
  TCA_KIND,
  TCA_OPTIONS,
  TCMSG_LENGTH,
  writeTcmsg,
} from './tcmsg.ts';

/** A class of a classful qdisc, as the kernel reports it. */
export interface TcClass {
  readonly ifindex: number;
  /** Class id: its qdisc's major and a minor of its own. */
  readonly handle: number;
  /** The class above it; TC_H_ROOT directly below the qdisc. */
  readonly parent: number;
  readonly kind: string;
  /** Handle of the qdisc in the class; 0 where there is none. */
  readonly leaf: number;
  /** Undefined for a kind that is not understood. */
  readonly options: HtbClass | undefined;
  /** The payload of TCA_OPTIONS, with which the class can be put back. */
  readonly rawOptions: Uint8Array | undefined;
  readonly stats: TcStats | undefined;
  /** Set where its rate is measured all the time: no dump tells how. */
  readonly hasEstimator?: true;
}

/** Where a class is or shall be, and how messages name its interface. */
export interface ClassPlace {
  readonly ifindex: number;
  /** The class above it, or its qdisc. htb puts a class whose parent is absent below the qdisc. */
  readonly parent: number;
  /** Class id. */
  readonly handle: number;
  /** For error messages: the interface's name. */
  readonly target: string;
}

/** Adds a class; EEXIST where it exists. Throws RangeError. */
export function addClass(place: ClassPlace, options: HtbClass | RawOptions): Request {
  return setClass('add', ADD, place, options);
}

/** Makes or changes a class; the parent of one that exists stays. Throws RangeError. */
export function replaceClass(place: ClassPlace, options: HtbClass | RawOptions): Request {
  return setClass('replace', NLM_F_CREATE, place, options);
}

/** Changes a class; ENOENT where it is not there. Throws RangeError. */
export function changeClass(place: ClassPlace, options: HtbClass | RawOptions): Request {
  return setClass('change', CHANGE, place, options);
}

/** Deletes a class; EBUSY while it has classes below it or filters point to it. */
export function deleteClass(place: {
  readonly ifindex: number;
  readonly handle: number;
  readonly target: string;
}): Request {
  const { ifindex, handle, target } = place;
  const body = writeTcmsg(new Writer(), { ifindex, handle, parent: 0, info: 0 }).finish();
  return { operation: 'delete class', target, type: RTM_DELTCLASS, flags: 0, body };
}

/** The classes of one interface, or of one of its qdiscs; the kernel lists them for one interface only. */
export function dumpClasses(ifindex: number, qdisc = 0): Query<TcClass> {
  return {
    operation: 'list classes',
    target: `interface ${ifindex}`,
    type: RTM_GETTCLASS,
    flags: 0,
    body: writeTcmsg(new Writer(), { ifindex, handle: 0, parent: qdisc, info: 0 }).finish(),
    parse: parseClass,
  };
}

/** The class of an RTM_NEWTCLASS message; undefined for any other. */
export function parseClass(message: Message): TcClass | undefined {
  if (message.type !== RTM_NEWTCLASS) return undefined;
  const { ifindex, handle, parent, info } = readTcmsg(message);
  const attributes = Attributes.read(message.body, TCMSG_LENGTH);
  const kind = attributes.string(TCA_KIND) ?? '';
  const rawOptions = attributes.bytes(TCA_OPTIONS)?.slice();
  const options = kind === 'htb' && rawOptions ? decodeHtbClass(rawOptions) : undefined;
  const stats = decodeStats(attributes);
  const estimator = hasEstimator(attributes) && ({ hasEstimator: true } as const);
  return { ifindex, handle, parent, kind, leaf: info, options, rawOptions, stats, ...estimator };
}

function setClass(
  verb: string,
  flags: number,
  place: ClassPlace,
  options: HtbClass | RawOptions,
): Request {
  const { ifindex, parent, handle, target } = place;
  const payload = 'rawOptions' in options ? options.rawOptions : encodeHtbClass(options);
  const writer = new Writer(128 + (payload?.length ?? 0));
  writeTcmsg(writer, { ifindex, handle, parent, info: 0 });
  writer.attributeString(TCA_KIND, options.kind);
  if (payload) writer.attributeBytes(TCA_OPTIONS, payload);
  const operation = `${verb} ${options.kind} class`;
  return { operation, target, type: RTM_NEWTCLASS, flags, body: writer.finish() };
}
