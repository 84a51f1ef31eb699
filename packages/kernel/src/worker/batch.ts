import { Writer } from '../netlink/writer.ts';

const MESSAGE = 0;
const OVERRUN = 1;
const CLOSED = 2;

const RECORD_LENGTH = 24;

/** What a batch is read into. A handle names the descriptor that a record is about. */
export interface BatchVisitor {
  message(handle: number, bytes: Uint8Array, receivedAtNs: bigint): void;
  /** At least `lost` datagrams were lost. */
  overrun(handle: number, lost: number): void;
  /** `errno` is positive, and 0 where closing was asked for. */
  closed(handle: number, errno: number): void;
}

/**
 * Collects what the worker has to tell in one piece of memory, which is moved to the main thread
 * rather than copied. A record is u32 handle, u32 kind, u32 length, count or error number, u32
 * zero, u64 time in ns, and for a message its bytes, padded to eight.
 */
export class BatchWriter implements BatchVisitor {
  #writer = new Writer();

  get length(): number {
    return this.#writer.length;
  }

  message(handle: number, bytes: Uint8Array, receivedAtNs: bigint): void {
    const padding = padded(bytes.length) - bytes.length;
    this.#record(handle, MESSAGE, bytes.length, receivedAtNs).raw(bytes).zeros(padding);
  }

  overrun(handle: number, lost: number): void {
    this.#record(handle, OVERRUN, lost, 0n);
  }

  closed(handle: number, errno: number): void {
    this.#record(handle, CLOSED, errno, 0n);
  }

  /** What was collected; the writer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#writer.finish());
    this.#writer = new Writer();
    return bytes;
  }

  #record(handle: number, kind: number, value: number, time: bigint): Writer {
    return this.#writer.u32(handle).u32(kind).u32(value).u32(0).u64(time);
  }
}

/**
 * Tells `visitor` the records of a batch in order; the bytes of messages share its memory.
 * @throws RangeError where it ends within a record
 */
export function readBatch(batch: Uint8Array, visitor: BatchVisitor): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  let at = 0;
  while (at < batch.length) {
    const handle = view.getUint32(at, true);
    const kind = view.getUint32(at + 4, true);
    const value = view.getUint32(at + 8, true);
    const time = view.getBigUint64(at + 16, true);
    at += RECORD_LENGTH;
    if (kind === MESSAGE) {
      if (value > batch.length - at) throw new RangeError(`a batch has no ${value} bytes left`);
      visitor.message(handle, batch.subarray(at, at + value), time);
      at += padded(value);
    } else if (kind === OVERRUN) visitor.overrun(handle, value);
    else visitor.closed(handle, value);
  }
}

function padded(length: number): number {
  return (length + 7) & ~7;
}
