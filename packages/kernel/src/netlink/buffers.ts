import { addressOf } from '../libc.ts';

const INITIAL_LENGTH = 0x10000;

/**
 * Memory that all netlink sockets of a thread share: an exchange is synchronous, so that only one is
 * under way, and thousands of sockets need no buffers of their own. The kernel sizes the parts of a
 * dump to the largest receive buffer it has seen, up to 32 KiB, hence at least that.
 */
class SharedBuffer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(INITIAL_LENGTH);
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the bytes are, for the system calls. */
  address: number = addressOf(this.bytes);

  get length(): number {
    return this.bytes.length;
  }

  /** Makes room for `length` bytes; what the buffer held is lost. */
  reserve(length: number): void {
    if (length <= this.bytes.length) return;
    this.bytes = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
    this.view = new DataView(this.bytes.buffer);
    this.address = addressOf(this.bytes);
  }
}

export const sendBuffer: SharedBuffer = new SharedBuffer();
export const receiveBuffer: SharedBuffer = new SharedBuffer();
