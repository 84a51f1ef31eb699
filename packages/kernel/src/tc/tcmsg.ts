import type { Message } from '../netlink/request.ts';
import type { Writer } from '../netlink/writer.ts';
import { requireInteger, U16_MAX } from './range.ts';
import { StructReader, u32At } from './struct-reader.ts';

// linux/rtnetlink.h
export const RTM_NEWQDISC = 36;
export const RTM_DELQDISC = 37;
export const RTM_GETQDISC = 38;
export const RTM_NEWTCLASS = 40;
export const RTM_DELTCLASS = 41;
export const RTM_GETTCLASS = 42;
export const RTM_NEWTFILTER = 44;
export const RTM_DELTFILTER = 45;
export const RTM_GETTFILTER = 46;

// linux/rtnetlink.h, attributes behind struct tcmsg
export const TCA_KIND = 1; // @nl: TCA_KIND rw 2.2
export const TCA_OPTIONS = 2; // @nl: TCA_OPTIONS rw 2.2
export const TCA_STATS = 3; // @nl: TCA_STATS r 2.2
export const TCA_XSTATS = 4; // @nl: TCA_XSTATS r 2.2
export const TCA_STATS2 = 7; // @nl: TCA_STATS2 r 2.6.10
export const TCA_DUMP_INVISIBLE = 10; // @nl: TCA_DUMP_INVISIBLE w 4.12
export const TCA_CHAIN = 11; // @nl: TCA_CHAIN rw 4.13

/** Parent of the qdisc at the root of an interface (linux/pkt_sched.h). */
export const TC_H_ROOT = 0xffff_ffff;
/** Parent of ingress and of clsact (TC_H_CLSACT, the same number): only one of the two fits. */
export const TC_H_INGRESS = 0xffff_fff1;
/** Parent of the filters that clsact runs on received packets. */
export const TC_H_CLSACT_INGRESS = 0xffff_fff2;
/** Parent of the filters that clsact runs on packets to send. */
export const TC_H_CLSACT_EGRESS = 0xffff_fff3;

export const TCMSG_LENGTH = 20;

/** `struct tcmsg` without its address family, which traffic control leaves at zero. */
export interface Tcmsg {
  readonly ifindex: number;
  readonly handle: number;
  readonly parent: number;
  /** Qdisc: reference count; class: handle of its child qdisc; filter: priority and protocol. */
  readonly info: number;
}

export function writeTcmsg(writer: Writer, tcmsg: Tcmsg): Writer {
  return writer.u32(0).i32(tcmsg.ifindex).u32(tcmsg.handle).u32(tcmsg.parent).u32(tcmsg.info);
}

export function readTcmsg(message: Message): Tcmsg {
  const reader = new StructReader(message.body);
  reader.u32();
  return {
    ifindex: reader.i32(),
    handle: reader.u32(),
    parent: reader.u32(),
    info: reader.u32(),
  };
}

/** `tcm_ifindex` of the message whose body is between two places of `view`, without any allocation. */
export function ifindexAt(view: DataView, start: number, end: number): number {
  return u32At(view, start + 4, end) | 0;
}

/** As `ifindexAt`, `tcm_handle`. */
export function handleAt(view: DataView, start: number, end: number): number {
  return u32At(view, start + 8, end);
}

/** As `ifindexAt`, `tcm_parent`. */
export function parentAt(view: DataView, start: number, end: number): number {
  return u32At(view, start + 12, end);
}

/** As `ifindexAt`, `tcm_info`. */
export function infoAt(view: DataView, start: number, end: number): number {
  return u32At(view, start + 16, end);
}

/** A qdisc handle (minor 0) or class id; both halves 0 to 0xffff. Throws RangeError. */
export function handle(major: number, minor = 0): number {
  requireInteger('major', major, 0, U16_MAX);
  requireInteger('minor', minor, 0, U16_MAX);
  return major * 0x1_0000 + minor;
}

/** A handle as tc prints it, in hexadecimal: `4e57:`, `1:10`, `root`; `none` for zero. */
export function formatHandle(value: number): string {
  if (value === TC_H_ROOT) return 'root';
  if (value === 0) return 'none';
  const major = value >>> 16;
  const minor = value & U16_MAX;
  return `${major === 0 ? '' : major.toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

/** Undoes {@link formatHandle}. Throws RangeError for any other text. */
export function parseHandle(text: string): number {
  if (text === 'root') return TC_H_ROOT;
  if (text === 'none') return 0;
  const match = /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(text);
  if (!match) throw new RangeError(`not a traffic control handle: ${JSON.stringify(text)}`);
  return handle(Number.parseInt(match[1] || '0', 16), Number.parseInt(match[2] || '0', 16));
}
