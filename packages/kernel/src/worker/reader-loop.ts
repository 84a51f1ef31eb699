import {
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINTR,
  ENETDOWN,
  ENETUNREACH,
  ENOBUFS,
} from '../errno.ts';
import { KernelError } from '../errors.ts';
import * as libc from '../libc.ts';
import { BatchWriter } from './batch.ts';
import { Epoll } from './epoll.ts';
import { PacketReception } from './packet-reception.ts';

/** What the main thread tells the worker. */
export type ReaderCommand =
  | {
      readonly kind: 'add';
      readonly handle: number;
      readonly fd: number;
      /** Of a packet socket, whose datagrams become records (see packet-record.ts): bytes of each. */
      readonly snapLength?: number | undefined;
    }
  | { readonly kind: 'finish'; readonly handle: number }
  | { readonly kind: 'remove'; readonly handle: number }
  | { readonly kind: 'stop' };

/** How the loop reaches the main thread. */
export interface ReaderLink {
  /** The next command, or undefined where there is none. */
  receive(): ReaderCommand | undefined;
  post(batch: Uint8Array<ArrayBuffer>): void;
  /** The bytes that were posted and that the main thread has not read yet. */
  backlog(): number;
}

interface Source {
  readonly fd: number;
  readonly packets: PacketReception | undefined;
  /** What was lost since the queue was last empty. */
  lost: number;
  /** Closes once the queue is empty. */
  finishing: boolean;
}

const WAKE_HANDLE = 0;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const INITIAL_BUFFER_LENGTH = 0x10000;
/** A batch is posted at this length at the latest, so that a flood does not pile up in the worker. */
const BATCH_LENGTH = 0x40000;
/** What the main thread leaves unread beyond this is lost, as in a socket's own queue. */
const BACKLOG_LIMIT = 0x4000000;
/** No source may keep the others waiting for longer than this many datagrams. */
const TURN_LENGTH = 256;

/** What becomes of an ICMP error (net/ipv4/icmp.c, icmp_err_convert): it is about a datagram that was sent. */
const ICMP_ERRORS: readonly number[] = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH];

/** Reads datagrams from many sockets for as long as it is not told to stop; never polls. */
export class ReaderLoop {
  readonly #epoll = new Epoll();
  readonly #wakeFd: number;
  readonly #link: ReaderLink;
  readonly #sources = new Map<number, Source>();
  readonly #batch = new BatchWriter();
  #buffer = new Uint8Array(INITIAL_BUFFER_LENGTH);
  #stopped = false;

  /** `wakeFd` is a non-blocking eventfd, which is written to after every command. */
  constructor(wakeFd: number, link: ReaderLink) {
    this.#wakeFd = wakeFd;
    this.#link = link;
    this.#epoll.add(wakeFd, WAKE_HANDLE);
  }

  /** Blocks until the command to stop, then closes all sources. */
  run(): void {
    try {
      while (!this.#stopped) this.#turn();
    } finally {
      for (const handle of [...this.#sources.keys()]) this.#close(handle, 0);
      this.#flush();
      this.#epoll.close();
    }
  }

  #turn(): void {
    const count = this.#epoll.wait();
    for (let index = 0; index < count; index++) {
      const handle = this.#epoll.handle(index);
      if (handle === WAKE_HANDLE) this.#obey();
      else this.#read(handle);
    }
    this.#flush();
  }

  #obey(): void {
    libc.read(this.#wakeFd, new Uint8Array(8));
    for (;;) {
      const command = this.#link.receive();
      if (!command) return;
      if (command.kind === 'add') this.#add(command);
      else if (command.kind === 'remove') this.#close(command.handle, 0);
      else if (command.kind === 'finish') this.#finish(command.handle);
      else this.#stopped = true;
    }
  }

  #add({ handle, fd, snapLength }: ReaderCommand & { kind: 'add' }): void {
    const packets = snapLength === undefined ? undefined : new PacketReception(snapLength);
    this.#sources.set(handle, { fd, packets, lost: 0, finishing: false });
    try {
      this.#epoll.add(fd, handle);
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#close(handle, error.errno);
    }
  }

  #read(handle: number): void {
    const source = this.#sources.get(handle);
    if (!source) return;
    for (let turn = 0; turn < TURN_LENGTH; turn++) {
      const length = this.#receive(handle, source);
      if (length === -ENOBUFS) source.lost++;
      else if (length < 0 && !isPassing(length, source)) {
        this.#endTurn(handle, source, -length);
        return;
      }
      if (this.#batch.length >= BATCH_LENGTH) this.#flush();
    }
  }

  /** Receives and takes one datagram; the result is that of recv(2). */
  #receive(handle: number, source: Source): number {
    if (source.packets) {
      const length = source.packets.receive(source.fd);
      if (length >= 0) this.#take(handle, source, source.packets.record);
      return length;
    }
    const length = libc.recv(source.fd, this.#buffer, MSG_DONTWAIT | MSG_TRUNC);
    if (length > this.#buffer.length) {
      source.lost++;
      this.#buffer = new Uint8Array(length * 2);
    } else if (length >= 0) this.#take(handle, source, this.#buffer.subarray(0, length));
    return length;
  }

  #take(handle: number, source: Source, bytes: Uint8Array): void {
    if (this.#link.backlog() > BACKLOG_LIMIT) source.lost++;
    else this.#batch.message(handle, bytes, process.hrtime.bigint());
  }

  #endTurn(handle: number, source: Source, errno: number): void {
    // The kernel reports one loss per congestion: only an empty queue can lose nothing unseen.
    if (source.lost > 0) this.#batch.overrun(handle, source.lost);
    source.lost = 0;
    if (errno !== EAGAIN) this.#close(handle, errno);
    else if (source.finishing) this.#close(handle, 0);
  }

  #finish(handle: number): void {
    const source = this.#sources.get(handle);
    if (!source) return;
    source.finishing = true;
    // Nothing more may come that epoll could tell of.
    while (this.#sources.has(handle)) this.#read(handle);
  }

  #close(handle: number, errno: number): void {
    const source = this.#sources.get(handle);
    if (!source) return;
    this.#sources.delete(handle);
    // Closing takes the descriptor out of the epoll set, as nobody else holds a duplicate of it.
    libc.close(source.fd);
    this.#batch.closed(handle, errno);
  }

  #flush(): void {
    if (this.#batch.length > 0) this.#link.post(this.#batch.take());
  }
}

/** A packet socket tells once that its interface went down, and goes on when that is up again. */
function isPassing(result: number, { packets }: Source): boolean {
  return (
    result === -EINTR ||
    (result === -ENETDOWN && packets !== undefined) ||
    ICMP_ERRORS.includes(-result)
  );
}
