import { EBADMSG } from '../errno.ts';
import { ATTRIBUTE_HEADER_LENGTH, Attributes } from './attributes.ts';
import type { Message } from './request.ts';
import { align4 } from './writer.ts';

export const NLMSG_HEADER_LENGTH = 16;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const NLMSGERR_ATTR_MISS_TYPE = 5;

const ERRNO_LENGTH = 4;
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** Writes `struct nlmsghdr` at `at`; `length` counts the header and no padding. */
export function writeHeader(
  view: DataView,
  at: number,
  length: number,
  type: number,
  flags: number,
  sequence: number,
): void {
  view.setUint32(at, length, true);
  view.setUint16(at + 4, type, true);
  view.setUint16(at + 6, flags, true);
  view.setUint32(at + 8, sequence, true);
  view.setUint32(at + 12, 0, true);
}

/**
 * Walks the messages of one datagram in place. The fields describe the message that `next` came to;
 * nothing is copied or allocated per message, since one acknowledgement is a datagram of its own.
 */
export class MessageCursor {
  type = 0;
  flags = 0;
  sequence = 0;
  /** Where the message's body starts and ends in the view. */
  bodyStart = 0;
  bodyEnd = 0;
  /** True once the datagram turned out to hold something other than whole messages. */
  malformed = false;
  #view: DataView;
  #at = 0;
  #end = 0;

  constructor(view: DataView) {
    this.#view = view;
    this.#end = view.byteLength;
  }

  /** Starts over on the first `length` bytes of `view`. */
  reset(view: DataView, length: number): void {
    this.#view = view;
    this.#at = 0;
    this.#end = length;
    this.malformed = false;
  }

  /** Goes to the next message; false at the datagram's end or before a malformed message. */
  next(): boolean {
    const at = this.#at;
    const room = this.#end - at;
    if (room <= 0) return false;
    const length = room < NLMSG_HEADER_LENGTH ? 0 : this.#view.getUint32(at, true);
    if (length < NLMSG_HEADER_LENGTH || length > room) {
      this.malformed = true;
      return false;
    }
    this.type = this.#view.getUint16(at + 4, true);
    this.flags = this.#view.getUint16(at + 6, true);
    this.sequence = this.#view.getUint32(at + 8, true);
    this.bodyStart = at + NLMSG_HEADER_LENGTH;
    this.bodyEnd = at + length;
    this.#at = at + align4(length);
    return true;
  }
}

/**
 * The messages of one datagram, as a monitor socket receives it; they share its memory. What follows
 * a malformed message is left out.
 */
export function readMessages(datagram: Uint8Array): Message[] {
  const cursor = new MessageCursor(viewOf(datagram));
  const messages: Message[] = [];
  while (cursor.next()) {
    const body = datagram.subarray(cursor.bodyStart, cursor.bodyEnd);
    messages.push({ type: cursor.type, flags: cursor.flags, body });
  }
  return messages;
}

/** What an NLMSG_ERROR or NLMSG_DONE says; `errno` is positive, and 0 for success. */
export interface Verdict {
  readonly errno: number;
  readonly kernelText?: string | undefined;
  readonly offset?: number | undefined;
  readonly missingAttribute?: number | undefined;
}

/** Reads the body of NLMSG_ERROR, with the extended acknowledgement where there is one. */
export function readError(body: Uint8Array, flags: number): Verdict {
  if (body.length < ERRNO_LENGTH) return { errno: EBADMSG };
  const errno = errnoOf(body);
  if (!(flags & NLM_F_ACK_TLVS) || body.length < ERRNO_LENGTH + NLMSG_HEADER_LENGTH) {
    return { errno };
  }
  const requestLength = viewOf(body).getUint32(ERRNO_LENGTH, true);
  if (requestLength > body.length && !(flags & NLM_F_CAPPED)) return { errno };
  const echoed = flags & NLM_F_CAPPED ? NLMSG_HEADER_LENGTH : align4(requestLength);
  return { errno, ...readExtendedAck(body, ERRNO_LENGTH + echoed) };
}

/** Reads the body of NLMSG_DONE, which carries the error of a dump that was refused. */
export function readDone(body: Uint8Array, flags: number): Verdict {
  if (body.length < ERRNO_LENGTH) return { errno: 0 };
  const errno = errnoOf(body);
  return flags & NLM_F_ACK_TLVS ? { errno, ...readExtendedAck(body, ERRNO_LENGTH) } : { errno };
}

/**
 * The type of the attribute whose header is `offset` bytes into a request, counted from its
 * `struct nlmsghdr`; undefined where no attribute header fits there.
 */
export function attributeAt(requestBody: Uint8Array, offset: number): number | undefined {
  const at = offset - NLMSG_HEADER_LENGTH;
  if (at < 0 || at + ATTRIBUTE_HEADER_LENGTH > requestBody.length) return undefined;
  return viewOf(requestBody).getUint16(at + 2, true) & ATTRIBUTE_TYPE_MASK;
}

function errnoOf(body: Uint8Array): number {
  return Math.abs(viewOf(body).getInt32(0, true));
}

function readExtendedAck(body: Uint8Array, at: number): Omit<Verdict, 'errno'> {
  const attributes = Attributes.read(body, at);
  return {
    kernelText: attributes.string(NLMSGERR_ATTR_MSG),
    offset: readU32(attributes, NLMSGERR_ATTR_OFFS),
    missingAttribute: readU32(attributes, NLMSGERR_ATTR_MISS_TYPE),
  };
}

function readU32(attributes: Attributes, type: number): number | undefined {
  return (attributes.length(type) ?? 0) < 4 ? undefined : attributes.u32(type);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
