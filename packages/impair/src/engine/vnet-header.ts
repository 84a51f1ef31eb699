import {
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_NONE,
} from '@netweir/kernel';

/** Offsets of `hdr_len` and `csum_start`. */
const HDR_LEN = 2;
const CSUM_START = 6;

/**
 * `struct virtio_net_hdr`, which a TAP and a packet socket put before a frame: what the sender has
 * left to the device, in the byte order of the machine (little-endian on all that Node runs on but
 * s390x). Made once and read into again and again.
 */
export class VnetHeader {
  flags = 0;
  /** VIRTIO_NET_HDR_GSO_*, without the ECN bit. */
  gsoType: number = VIRTIO_NET_HDR_GSO_NONE;
  /** Payload of each segment, in bytes. */
  gsoSize = 0;
  /** From where on the frame is to be summed, in bytes from its start. */
  csumStart = 0;
  /** Where the sum is to be stored, in bytes from `csumStart`. */
  csumOffset = 0;

  /** Whether the transport checksum is still to be completed. */
  get needsChecksum(): boolean {
    return (this.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0;
  }

  /** Whether the frame stands for several packets. */
  get isGso(): boolean {
    return this.gsoType !== VIRTIO_NET_HDR_GSO_NONE;
  }

  /** Reads the 10 bytes from `at` on. */
  read(bytes: Uint8Array, at: number): void {
    this.flags = bytes[at] ?? 0;
    this.gsoType = (bytes[at + 1] ?? 0) & ~VIRTIO_NET_HDR_GSO_ECN;
    this.gsoSize = u16le(bytes, at + 4);
    this.csumStart = u16le(bytes, at + CSUM_START);
    this.csumOffset = u16le(bytes, at + 8);
  }
}

function u16le(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Corrects the header at the start of `bytes` for a frame from whose start so many bytes were taken. */
export function rebase(bytes: Uint8Array, taken: number): void {
  if (bytes[1] !== VIRTIO_NET_HDR_GSO_NONE) subtract(bytes, HDR_LEN, taken);
  const flags = bytes[0] ?? 0;
  if ((flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0) subtract(bytes, CSUM_START, taken);
}

function subtract(bytes: Uint8Array, at: number, taken: number): void {
  const value = u16le(bytes, at) - taken;
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >> 8;
}
