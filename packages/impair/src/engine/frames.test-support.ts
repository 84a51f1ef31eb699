import { VnetHeader } from './vnet-header.ts';

/** What a packet says, as one reads it by the RFCs, by other code than the one under test. */
export interface Parsed {
  readonly ipId: number;
  readonly ttl: number;
  readonly sequence: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

const ETHERNET = 14;

function view(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
}

/** The ones' complement sum of some parts, folded: 0xffff where their checksum is right. */
export function onesSum(...parts: readonly Uint8Array[]): number {
  let sum = 0n;
  for (const part of parts) {
    const padded = Uint8Array.from([...part, ...(part.length % 2 ? [0] : [])]);
    for (let at = 0; at < padded.length; at += 2) sum += BigInt(view(padded).getUint16(at));
  }
  while (sum >> 16n) sum = (sum & 0xffffn) + (sum >> 16n);
  return Number(sum);
}

export interface FrameOptions {
  readonly version: 4 | 6;
  readonly protocol: 'tcp' | 'udp';
  readonly payload: Uint8Array;
  readonly flags?: number;
  readonly sequence?: number;
  readonly ipId?: number;
  readonly vlanTags?: number;
  readonly tcpOptions?: number;
  readonly ecn?: number;
}

/** A frame as a sender with checksum offload makes it: IP complete, of the transport the pseudo header. */
export function frameOf(options: FrameOptions): Uint8Array {
  const { version, protocol, payload, flags = 0x10, sequence = 1, ipId = 7, ecn = 0 } = options;
  const { vlanTags = 0, tcpOptions = 12 } = options;
  const transportBytes = protocol === 'tcp' ? 20 + tcpOptions : 8;
  const ipBytes = version === 4 ? 20 : 40;
  const ip = ETHERNET + 4 * vlanTags;
  const transport = ip + ipBytes;
  const frame = new Uint8Array(transport + transportBytes + payload.length);
  const data = view(frame);
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
  for (let tag = 0; tag < vlanTags; tag++) data.setUint16(12 + 4 * tag, 0x8100);
  data.setUint16(ip - 2, version === 4 ? 0x0800 : 0x86dd);
  const number = protocol === 'tcp' ? 6 : 17;
  const length = transportBytes + payload.length;
  if (version === 4) {
    frame.set([0x45, ecn, 0, 0, 0, 0, 0x40, 0, 64, number, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], ip);
    data.setUint16(ip + 2, (ipBytes + length) & 0xffff);
    data.setUint16(ip + 4, ipId);
    data.setUint16(ip + 10, ~onesSum(frame.subarray(ip, ip + ipBytes)) & 0xffff);
  } else {
    frame.set([0x60, ecn << 4, 0, 0, 0, 0, number, 64], ip);
    data.setUint16(ip + 4, length & 0xffff);
    frame.set([0xfd, ...new Array<number>(14).fill(0), 1], ip + 8);
    frame.set([0xfd, ...new Array<number>(14).fill(0), 2], ip + 24);
  }
  data.setUint16(transport, 1234);
  data.setUint16(transport + 2, 80);
  if (protocol === 'tcp') {
    data.setUint32(transport + 4, sequence);
    frame[transport + 12] = (transportBytes / 4) << 4;
    frame[transport + 13] = flags;
    frame.fill(1, transport + 20, transport + transportBytes);
  } else {
    data.setUint16(transport + 4, length & 0xffff);
  }
  const field = transport + (protocol === 'tcp' ? 16 : 6);
  data.setUint16(field, onesSum(pseudoHeader(frame, ip, length, number)));
  frame.set(payload, transport + transportBytes);
  return frame;
}

/** The virtio header of such a frame. */
export function vnetOf(options: FrameOptions, gsoSize: number): VnetHeader {
  const vnet = new VnetHeader();
  vnet.flags = 1;
  vnet.gsoType = options.protocol === 'udp' ? 5 : options.version === 4 ? 1 : 4;
  vnet.gsoSize = gsoSize;
  vnet.csumStart = ETHERNET + 4 * (options.vlanTags ?? 0) + (options.version === 4 ? 20 : 40);
  vnet.csumOffset = options.protocol === 'tcp' ? 16 : 6;
  return vnet;
}

/** Reads a complete packet; throws where a length or a checksum is wrong. */
export function parse(
  frame: Uint8Array,
  { version, protocol, vlanTags = 0 }: FrameOptions,
): Parsed {
  const data = view(frame);
  const ip = ETHERNET + 4 * vlanTags;
  const ipBytes = version === 4 ? 20 : 40;
  const transport = ip + ipBytes;
  const length = frame.length - transport;
  const said = version === 4 ? data.getUint16(ip + 2) - ipBytes : data.getUint16(ip + 4);
  if (said !== length) throw new Error(`IP says ${said} bytes, there are ${length}`);
  if (version === 4 && onesSum(frame.subarray(ip, transport)) !== 0xffff) {
    throw new Error('the checksum of the IP header is wrong');
  }
  const number = protocol === 'tcp' ? 6 : 17;
  const sum = onesSum(pseudoHeader(frame, ip, length, number), frame.subarray(transport));
  if (sum !== 0xffff) throw new Error('the checksum of the transport is wrong');
  if (protocol === 'udp' && data.getUint16(transport + 4) !== length) {
    throw new Error('UDP says another length');
  }
  const header = protocol === 'tcp' ? ((frame[transport + 12] ?? 0) >> 4) * 4 : 8;
  return {
    ipId: version === 4 ? data.getUint16(ip + 4) : 0,
    ttl: frame[version === 4 ? ip + 8 : ip + 7] ?? 0,
    sequence: protocol === 'tcp' ? data.getUint32(transport + 4) : 0,
    flags: protocol === 'tcp' ? (frame[transport + 13] ?? 0) : 0,
    payload: frame.subarray(transport + header),
  };
}

function pseudoHeader(frame: Uint8Array, ip: number, length: number, protocol: number): Uint8Array {
  const isIpv4 = (frame[ip] ?? 0) >> 4 === 4;
  const addresses = isIpv4 ? frame.subarray(ip + 12, ip + 20) : frame.subarray(ip + 8, ip + 40);
  const rest = new Uint8Array(8);
  view(rest).setUint32(0, length);
  rest[7] = protocol;
  return Uint8Array.from([...addresses, ...rest]);
}
