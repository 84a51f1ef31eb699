import { EAGAIN, EINTR, ETIMEDOUT } from '../errno.ts';
import * as libc from '../libc.ts';
import { receiveBuffer, sendBuffer } from './buffers.ts';
import { MessageCursor, NLMSG_HEADER_LENGTH, writeHeader } from './message.ts';
import { NLM_F_REQUEST, type Request } from './request.ts';
import { align4 } from './writer.ts';

const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const POLLIN = 1;

/**
 * Moves bytes between a netlink socket and the thread's shared buffers. Results below zero are
 * negated error numbers: only the caller knows which request to blame.
 */
export class Channel {
  /** Walks the messages of the datagram that `receive` got. */
  readonly cursor: MessageCursor = new MessageCursor(receiveBuffer.view);
  readonly #timeoutMs: number;
  #fd: number;
  #sequence = 0;

  /** Takes over `fd`. */
  constructor(fd: number, timeoutMs: number) {
    this.#fd = fd;
    this.#timeoutMs = timeoutMs;
  }

  /** The descriptor; -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  nextSequence(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }

  /** Puts a request into the send buffer at `at`, where there has to be room; returns its end. */
  write(at: number, request: Request, verb: number, sequence: number): number {
    const length = NLMSG_HEADER_LENGTH + request.body.length;
    const flags = NLM_F_REQUEST | request.flags | verb;
    writeHeader(sendBuffer.view, at, length, request.type, flags, sequence);
    sendBuffer.bytes.set(request.body, at + NLMSG_HEADER_LENGTH);
    return at + align4(length);
  }

  /** Sends the first `length` bytes of the send buffer as one datagram. */
  send(length: number): number {
    return libc.sendAt(this.#fd, sendBuffer.address, length, 0);
  }

  /**
   * Receives one datagram and puts the cursor before its first message. Returns its length, which may
   * exceed the receive buffer's, which then holds its start.
   */
  receive(): number {
    for (;;) {
      const { address, length: room } = receiveBuffer;
      const length = libc.recvAt(this.#fd, address, room, MSG_DONTWAIT | MSG_TRUNC);
      if (length >= 0) {
        this.cursor.reset(receiveBuffer.view, Math.min(length, receiveBuffer.length));
        return length;
      }
      if (length !== -EAGAIN) return length;
      const ready = this.#wait();
      if (ready < 0) return ready;
    }
  }

  /** The body that the cursor is on; valid until something is received again. */
  body(): Uint8Array {
    return receiveBuffer.bytes.subarray(this.cursor.bodyStart, this.cursor.bodyEnd);
  }

  /** Throws away what is queued, the parts of a dump under way included. */
  discard(): void {
    while (libc.recv(this.#fd, receiveBuffer.bytes, MSG_DONTWAIT) >= 0);
  }

  close(): void {
    if (this.#fd < 0) return;
    libc.close(this.#fd);
    this.#fd = -1;
  }

  #wait(): number {
    const descriptor = new DataView(new ArrayBuffer(8));
    descriptor.setInt32(0, this.#fd, true);
    descriptor.setInt16(4, POLLIN, true);
    const bytes = new Uint8Array(descriptor.buffer);
    const deadline = performance.now() + this.#timeoutMs;
    for (;;) {
      const left = Math.ceil(deadline - performance.now());
      const ready = libc.poll(bytes, Math.max(left, 0));
      if (ready === 0) return -ETIMEDOUT;
      if (ready !== -EINTR) return ready;
    }
  }
}
