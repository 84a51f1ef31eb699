const COPIES = 3;
const COPY_LENGTH = 8;

/** The least bytes of a probe packet: three copies of what it says. */
export const PROBE_HEADER_LENGTH: number = COPIES * COPY_LENGTH;

/** Not of a packet that counts: for the other end to find out where packets come from. */
export const HELLO = 0xffff_ffff;

/** What a packet that arrives says. */
export interface ReceivedProbe {
  readonly sequence: number;
  /** Whether it has come with other bytes than it was sent with. */
  readonly corrupted: boolean;
}

/** A packet whose every byte follows from its stream and its number. */
export function encodeProbe(stream: number, sequence: number, length: number): Uint8Array {
  const packet = new Uint8Array(length);
  const view = new DataView(packet.buffer);
  for (let copy = 0; copy < COPIES; copy++) {
    view.setUint32(copy * COPY_LENGTH, stream);
    view.setUint32(copy * COPY_LENGTH + 4, sequence);
  }
  for (let at = PROBE_HEADER_LENGTH; at < length; at++) packet[at] = fill(sequence, at);
  return packet;
}

/**
 * What a packet of a stream says, also where one bit of it is wrong, by what most of its copies say;
 * undefined for any other packet.
 */
export function decodeProbe(
  stream: number,
  bytes: Uint8Array,
  length: number,
): ReceivedProbe | undefined {
  if (bytes.length !== length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (majority(view, 0) !== stream) return undefined;
  const sequence = majority(view, 4);
  return { sequence, corrupted: !isIntact(view, stream, sequence) };
}

function isIntact(view: DataView, stream: number, sequence: number): boolean {
  for (let copy = 0; copy < COPIES; copy++) {
    if (view.getUint32(copy * COPY_LENGTH) !== stream) return false;
    if (view.getUint32(copy * COPY_LENGTH + 4) !== sequence) return false;
  }
  for (let at = PROBE_HEADER_LENGTH; at < view.byteLength; at++) {
    if (view.getUint8(at) !== fill(sequence, at)) return false;
  }
  return true;
}

/** Each bit as in most of the copies. */
function majority(view: DataView, offset: number): number {
  const [a, b, c] = [0, 1, 2].map((copy) => view.getUint32(copy * COPY_LENGTH + offset));
  if (a === undefined || b === undefined || c === undefined) return 0;
  return ((a & b) | (a & c) | (b & c)) >>> 0;
}

function fill(sequence: number, at: number): number {
  return (sequence * 31 + at * 7) & 0xff;
}
