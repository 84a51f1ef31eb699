import { EBADMSG, EINTR } from '../errno.ts';
import type { KernelError } from '../errors.ts';
import { CHUNK_RECEIVE_LIMIT, paddedLength, runBatch } from './batch.ts';
import { receiveBuffer, sendBuffer } from './buffers.ts';
import { Channel } from './channel.ts';
import {
  type MessageCursor,
  NLM_F_ACK_TLVS,
  NLMSG_DONE,
  NLMSG_ERROR,
  readDone,
  readError,
  type Verdict,
} from './message.ts';
import { failure, refusal } from './refusal.ts';
import { type Message, NLM_F_ACK, NLM_F_DUMP, type Query, type Request } from './request.ts';
import {
  NETLINK_ROUTE,
  namespaceCookie,
  openNetlink,
  raiseReceiveLimit,
  sendLimit,
  setRequestOptions,
} from './socket-options.ts';
import { runTransaction } from './transaction.ts';

export interface NetlinkSocketOptions {
  /** The netlink protocol, such as NETLINK_NETFILTER; NETLINK_ROUTE by default. */
  readonly protocol?: number;
  /** How long to wait for an answer that the kernel did not give at once; 5000 by default. */
  readonly timeoutMs?: number;
}

/** Called for a message of a dump; its body is from `start` to `end` of `view`. */
export type Visit = (type: number, view: DataView, start: number, end: number) => void;

const NLM_F_DUMP_INTR = 0x10;

const DEFAULT_TIMEOUT_MS = 5000;
const DUMP_ATTEMPTS = 32;

/**
 * A netlink socket for requests. The kernel carries a request out within `send`, so that every method
 * is synchronous and returns with the answer; only where there is none yet does it wait, at most
 * `timeoutMs`. The socket belongs to the network namespace in which it was made, and keeps that
 * namespace alive until it is closed.
 */
export class NetlinkSocket {
  readonly #channel: Channel;
  #sendLimit: number | undefined;
  #namespaceCookie: bigint | undefined;

  /** @throws {KernelError} when no socket can be made */
  constructor(options: NetlinkSocketOptions = {}) {
    const fd = openNetlink(options.protocol ?? NETLINK_ROUTE);
    this.#channel = new Channel(fd, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    setRequestOptions(fd);
  }

  /**
   * The number of the namespace that the socket is in, which no other gets before the next boot, whatever inode
   * it has; undefined before Linux 5.14.
   */
  get namespaceCookie(): bigint | undefined {
    this.#namespaceCookie ??= namespaceCookie(this.#channel.fd);
    return this.#namespaceCookie;
  }

  /**
   * Carries out one request. Returns the kernel's warning where it succeeded but has something to say.
   * @throws {KernelError} when the kernel refuses it, or does not answer in time (ETIMEDOUT)
   */
  request(request: Request): string | undefined {
    const sequence = this.#send(request, NLM_F_ACK);
    const { cursor } = this.#channel;
    for (;;) {
      const length = this.#channel.receive();
      if (length < 0) throw failure(request, -length);
      while (cursor.next()) {
        if (cursor.type !== NLMSG_ERROR || cursor.sequence !== sequence) continue;
        if (isPlainSuccess(cursor)) return undefined;
        const verdict = readError(this.#channel.body(), cursor.flags);
        if (verdict.errno !== 0) throw refusal(request, verdict);
        return verdict.kernelText;
      }
      this.#refuseMalformed(request);
    }
  }

  /**
   * Carries out a request that is answered by objects, such as RTM_GETLINK for one link.
   * @throws {KernelError} as `request` does
   */
  query<T>(query: Query<T>): T[] {
    return this.#collect(query, NLM_F_ACK);
  }

  /**
   * Reads all objects of a kind. A dump that a concurrent change interrupted is read again.
   * @throws {KernelError} as `request` does; EINTR where changes interrupted every attempt
   */
  dump<T>(query: Query<T>): T[] {
    return this.#collect(query, NLM_F_DUMP);
  }

  /**
   * Reads all objects of a kind without a copy of any: `visit` is called for each message with where its
   * body starts and ends in `view`, which holds only until it returns. It must use no netlink
   * socket itself. After an interruption `again` is called and everything is visited once more.
   * @throws {KernelError} as `dump` does
   */
  visit(request: Request, visit: Visit, again: () => void = () => undefined): void {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      if (this.#visitOnce(request, visit)) return;
      again();
    }
    throw failure(request, EINTR);
  }

  /**
   * Carries out many requests in order, in as few sends as possible. One that fails does not stop the
   * others. The result holds, at each request's index, its error or undefined.
   */
  batch(requests: readonly Request[]): (KernelError | undefined)[] {
    if (this.#sendLimit === undefined) {
      raiseReceiveLimit(this.#channel.fd, CHUNK_RECEIVE_LIMIT);
      this.#sendLimit = sendLimit(this.#channel.fd);
    }
    return runBatch(this.#channel, requests, this.#sendLimit);
  }

  /**
   * Carries out the requests as one transaction of nfnetlink, in a single send: all or, where the kernel
   * refuses any, none. The first and the last one are the messages that begin and end it.
   * @throws {KernelError} the first refusal; the target of what the transaction as a whole met is the
   * first request's
   */
  transaction(requests: readonly Request[]): void {
    runTransaction(this.#channel, requests);
  }

  /** Closes the socket; a second call does nothing. */
  close(): void {
    this.#channel.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #collect<T>(query: Query<T>, verb: number): T[] {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const messages = this.#attempt(query, verb);
      if (messages) return messages.map(query.parse).filter((object) => object !== undefined);
    }
    throw failure(query, EINTR);
  }

  /** Whether the answer was whole. */
  #visitOnce(request: Request, visit: Visit): boolean {
    const sequence = this.#send(request, NLM_F_DUMP);
    const { cursor } = this.#channel;
    let flags = 0;
    for (;;) {
      if (!this.#receiveWhole(request)) return false;
      while (cursor.next()) {
        if (cursor.sequence !== sequence) continue;
        flags |= cursor.flags;
        if (cursor.type === NLMSG_DONE || cursor.type === NLMSG_ERROR) {
          const verdict = finalVerdict(cursor, this.#channel.body());
          if (verdict?.errno) throw refusal(request, verdict);
          return (flags & NLM_F_DUMP_INTR) === 0;
        }
        visit(cursor.type, receiveBuffer.view, cursor.bodyStart, cursor.bodyEnd);
      }
      this.#refuseMalformed(request);
    }
  }

  /** All messages of one answer; undefined where it was interrupted or cut and must be asked again. */
  #attempt(query: Request, verb: number): Message[] | undefined {
    const sequence = this.#send(query, verb);
    const { cursor } = this.#channel;
    const messages: Message[] = [];
    let flags = 0;
    for (;;) {
      const bytes = this.#receiveCopy(query);
      if (!bytes) return undefined;
      while (cursor.next()) {
        if (cursor.sequence !== sequence) continue;
        flags |= cursor.flags;
        const body = bytes.subarray(cursor.bodyStart, cursor.bodyEnd);
        const verdict = finalVerdict(cursor, body);
        if (verdict?.errno) throw refusal(query, verdict);
        if (verdict) return flags & NLM_F_DUMP_INTR ? undefined : messages;
        messages.push({ type: cursor.type, flags: cursor.flags, body });
      }
      this.#refuseMalformed(query);
    }
  }

  /**
   * Receives a datagram into memory of its own, as what is parsed from it may refer to its bytes;
   * undefined where the shared buffer was too short, which then has grown.
   */
  #receiveCopy(request: Request): Uint8Array | undefined {
    const length = this.#receiveWhole(request);
    return length === 0 ? undefined : receiveBuffer.bytes.slice(0, length);
  }

  /** Receives a datagram into the shared buffer; 0 where that was too short, which then has grown. */
  #receiveWhole(request: Request): number {
    const length = this.#channel.receive();
    if (length < 0) throw failure(request, -length);
    if (length <= receiveBuffer.length) return length;
    this.#channel.discard();
    receiveBuffer.reserve(length);
    return 0;
  }

  /** Sends one request; returns its sequence number. */
  #send(request: Request, verb: number): number {
    const sequence = this.#channel.nextSequence();
    sendBuffer.reserve(paddedLength(request));
    const sent = this.#channel.send(this.#channel.write(0, request, verb, sequence));
    if (sent < 0) throw failure(request, -sent);
    return sequence;
  }

  #refuseMalformed(request: Request): void {
    if (!this.#channel.cursor.malformed) return;
    this.#channel.discard();
    throw failure(request, EBADMSG);
  }
}

/** What ends an answer: an error, an acknowledgement, or the end of a dump. */
function finalVerdict(cursor: MessageCursor, body: Uint8Array): Verdict | undefined {
  if (cursor.type === NLMSG_ERROR) return readError(body, cursor.flags);
  if (cursor.type === NLMSG_DONE) return readDone(body, cursor.flags);
  return undefined;
}

/** An acknowledgement with nothing to say, told without any allocation: by far the most frequent. */
function isPlainSuccess({ bodyStart, bodyEnd, flags }: MessageCursor): boolean {
  if (flags & NLM_F_ACK_TLVS || bodyEnd - bodyStart < 4) return false;
  return receiveBuffer.view.getInt32(bodyStart, true) === 0;
}
