import { check } from '../errors.ts';
import * as libc from '../libc.ts';
import { NLMSG_DONE, NLMSG_HEADER_LENGTH, readMessages, writeHeader } from './message.ts';
import { AF_NETLINK, openNetlink, raiseReceiveLimit } from './socket-options.ts';

/** linux/netlink.h */
const NETLINK_CONNECTOR = 11;
/** linux/connector.h */
const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
/** `struct cn_msg` without its data. */
const CN_MSG_LENGTH = 20;

/** `enum proc_cn_mcast_op` (linux/cn_proc.h) */
const PROC_CN_MCAST_LISTEN = 1;
const PROC_CN_MCAST_IGNORE = 2;
const OPERATION_LENGTH = 4;

/** `enum proc_cn_event` (linux/cn_proc.h) */
const PROC_EVENT_NONE = 0;
const PROC_EVENT_FORK = 1;
const PROC_EVENT_EXEC = 2;
const PROC_EVENT_EXIT = 0x80000000;
/** Of `event_data` in `struct proc_event`, behind what, cpu and timestamp_ns. */
const EVENT_DATA = 16;

const RECEIVE_LIMIT = 0x400000;

/** `struct sockaddr_nl` with the group of process events. */
const PROCESS_EVENTS = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, CN_IDX_PROC, 0, 0, 0);

/** A process began, became another program, or ended; threads are left out. */
export interface ProcessEvent {
  /** `listening`: the kernel took up to tell of events. */
  readonly kind: 'listening' | 'fork' | 'exec' | 'exit';
  /** For `fork` the new process; in the initial namespace of process ids. 0 for `listening`. */
  readonly pid: number;
}

/**
 * Opens a socket that receives events of all processes (the proc connector), for a SocketReader. The
 * kernel answers with a `listening` event; where it may not tell this process (another namespace of
 * users, process ids or network than the initial one), it answers nothing at all.
 * @throws {KernelError} EPERM without CAP_NET_ADMIN, EPROTONOSUPPORT without CONFIG_CONNECTOR
 */
export function openProcessEvents(): number {
  const fd = openNetlink(NETLINK_CONNECTOR);
  try {
    raiseReceiveLimit(fd, RECEIVE_LIMIT);
    check(libc.bind(fd, PROCESS_EVENTS), 'bind process event socket', CN_IDX_PROC);
    check(control(fd, PROC_CN_MCAST_LISTEN), 'listen to process events', CN_IDX_PROC);
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** To be called before such a socket is closed: older kernels count listeners by these requests alone. */
export function ignoreProcessEvents(fd: number): void {
  control(fd, PROC_CN_MCAST_IGNORE);
}

/** The events of one datagram; what is no event of a whole process, or no event, is left out. */
export function parseProcessEvents(datagram: Uint8Array): ProcessEvent[] {
  return readMessages(datagram).flatMap(({ body }) => {
    const event = body.length >= CN_MSG_LENGTH ? parseEvent(body.subarray(CN_MSG_LENGTH)) : [];
    return event ?? [];
  });
}

function parseEvent(bytes: Uint8Array): ProcessEvent | undefined {
  if (bytes.length < EVENT_DATA + 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  const what = u32(0);
  if (what === PROC_EVENT_NONE) {
    return u32(EVENT_DATA) === 0 ? { kind: 'listening', pid: 0 } : undefined;
  }
  // A fork tells of the parent first.
  const at = what === PROC_EVENT_FORK ? EVENT_DATA + 8 : EVENT_DATA;
  const kind = KINDS.get(what);
  const pid = u32(at);
  const group = u32(at + 4);
  return kind !== undefined && (kind === 'exec' || pid === group)
    ? { kind, pid: group }
    : undefined;
}

const KINDS: ReadonlyMap<number, ProcessEvent['kind']> = new Map([
  [PROC_EVENT_FORK, 'fork'],
  [PROC_EVENT_EXEC, 'exec'],
  [PROC_EVENT_EXIT, 'exit'],
]);

function control(fd: number, operation: number): number {
  const length = NLMSG_HEADER_LENGTH + CN_MSG_LENGTH + OPERATION_LENGTH;
  const view = new DataView(new ArrayBuffer(length));
  writeHeader(view, 0, length, NLMSG_DONE, 0, 0);
  view.setUint32(NLMSG_HEADER_LENGTH, CN_IDX_PROC, true);
  view.setUint32(NLMSG_HEADER_LENGTH + 4, CN_VAL_PROC, true);
  view.setUint16(NLMSG_HEADER_LENGTH + 16, OPERATION_LENGTH, true);
  view.setUint32(NLMSG_HEADER_LENGTH + CN_MSG_LENGTH, operation, true);
  return libc.send(fd, new Uint8Array(view.buffer), length, 0);
}
