import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { PacketRecord } from '@netweir/kernel';
import { enhancedPacketLength, interfaceStatistics, writeEnhancedPacket } from './pcapng.ts';

const CHUNK_LENGTH = 0x40000;
/** What the stream has not taken beyond this is not captured: memory has an end. */
const BACKLOG_LIMIT = 0x4000000;
const STATISTICS_LENGTH = interfaceStatistics({
  startNs: 0n,
  endNs: 0n,
  received: 0,
  delivered: 0,
  dropped: 0,
}).length;

/** What became of a packet. */
export type Fate = 'written' | 'dropped' | 'over-limit';

/** Gathers blocks in large chunks for a stream, up to a limit of bytes in all. */
export class PcapngFile {
  /** Settles with the stream, once everything is written or it has failed. */
  readonly finished: Promise<void>;
  readonly #stream: Writable;
  readonly #limitBytes: number;
  #chunk: Buffer = Buffer.alloc(CHUNK_LENGTH);
  #used = 0;
  #written = 0;
  #flushing = false;

  constructor(stream: Writable, start: Buffer, limitBytes: number) {
    this.#stream = stream;
    this.#limitBytes = limitBytes;
    this.finished = finished(stream, { readable: false });
    // Who ends the file is told; until then a failure is no unhandled rejection.
    this.finished.catch(() => {});
    this.#written = start.length;
    stream.write(start);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#written;
  }

  packet(packet: PacketRecord): Fate {
    const length = enhancedPacketLength(packet.bytes.length);
    if (this.#written + length + STATISTICS_LENGTH > this.#limitBytes) return 'over-limit';
    if (this.#stream.writableLength > BACKLOG_LIMIT || !this.#stream.writable) return 'dropped';
    if (this.#used + length > this.#chunk.length) this.#flush(length);
    writeEnhancedPacket(this.#chunk, this.#used, packet);
    this.#used += length;
    this.#written += length;
    this.#flushSoon();
    return 'written';
  }

  /** Writes the last block, ends the stream and waits for it. @throws what the stream failed with */
  async end(last: Buffer): Promise<void> {
    this.#flush(0);
    this.#written += last.length;
    this.#stream.end(last);
    await this.finished;
  }

  /** With all packets that have come together. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush(0);
    });
  }

  /** Hands over what is gathered, and has room for `length` bytes then. */
  #flush(length: number): void {
    if (this.#used > 0 && this.#stream.writable) {
      this.#stream.write(this.#chunk.subarray(0, this.#used));
      this.#chunk = this.#chunk.subarray(this.#used);
      this.#used = 0;
    }
    if (this.#chunk.length < length || this.#chunk.length === 0) {
      this.#chunk = Buffer.alloc(Math.max(CHUNK_LENGTH, length));
    }
  }
}
