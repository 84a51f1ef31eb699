import {
  foldChecksum,
  readU16,
  sumWords,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  writeTransportChecksum,
  writeU16,
} from '@netweir/kernel';
import { findIpHeader, ipv4HeaderBytes, isIpv4 } from './ip-header.ts';
import type { VnetHeader } from './vnet-header.ts';

const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;

/** Offsets in an IPv4 header (RFC 791). */
const IPV4_LENGTH = 2;
const IPV4_ID = 4;
const IPV4_CHECK = 10;
const IPV4_ADDRESSES = 12;
/** Offsets in an IPv6 header (RFC 8200). */
const IPV6_PAYLOAD_LENGTH = 4;
const IPV6_ADDRESSES = 8;
const IPV6_BYTES = 40;
/** Offsets in a TCP header (RFC 9293). */
const TCP_SEQUENCE = 4;
const TCP_DATA_OFFSET = 12;
const TCP_FLAGS = 13;
const TCP_CHECK = 16;
const TCP_MIN_BYTES = 20;
const TCP_FIN = 0x01;
const TCP_PSH = 0x08;
const TCP_CWR = 0x80;
/** Offsets in a UDP header (RFC 768). */
const UDP_LENGTH = 4;
const UDP_CHECK = 6;
const UDP_BYTES = 8;

/**
 * Splits a GSO frame into the packets for which it stands (net/ipv4/tcp_offload.c, tcp_gso_segment;
 * net/ipv4/udp_offload.c, __udp_gso_segment; net/ipv4/af_inet.c, inet_gso_segment), with their
 * checksums complete. For TCP over IPv4 and IPv6 and for UDP (USO); made once and opened for frame
 * after frame.
 */
export class Segmenter {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #ip = 0;
  #transport = 0;
  #payload = 0;
  #end = 0;
  #segmentSize = 0;
  #count = 0;
  #isTcp = false;
  #isIpv4 = false;

  /**
   * Takes a frame to split, which must stay as it is until the last `write`. Returns into how many
   * packets it splits; 0 where it is not a frame of its type, and then nothing may be written. A
   * frame with no payload is one packet.
   */
  open(bytes: Uint8Array, offset: number, length: number, vnet: VnetHeader): number {
    this.#count = 0;
    const end = offset + length;
    const ip = end <= bytes.length && vnet.gsoSize > 0 ? findIpHeader(bytes, offset, length) : -1;
    const transport = offset + vnet.csumStart;
    if (ip < 0 || !vnet.needsChecksum) return 0;
    this.#bytes = bytes;
    this.#start = offset;
    this.#ip = ip;
    this.#transport = transport;
    this.#end = end;
    this.#segmentSize = vnet.gsoSize;
    this.#isIpv4 = isIpv4(bytes, ip);
    this.#isTcp = vnet.gsoType !== VIRTIO_NET_HDR_GSO_UDP_L4;
    if (!this.#isOfType(vnet.gsoType) || !this.#findPayload()) return 0;
    this.#count = Math.max(1, Math.ceil((end - this.#payload) / vnet.gsoSize));
    return this.#count;
  }

  /** The length of packet `index`, in bytes. */
  lengthOf(index: number): number {
    const from = this.#payload + index * this.#segmentSize;
    return this.#payload - this.#start + Math.min(this.#segmentSize, this.#end - from);
  }

  /** Writes packet `index` to `target` from `at` on, where there is room; returns its length. */
  write(index: number, target: Uint8Array, at: number): number {
    const length = this.lengthOf(index);
    const headers = this.#payload - this.#start;
    const from = this.#payload + index * this.#segmentSize;
    target.set(this.#bytes.subarray(this.#start, this.#payload), at);
    target.set(this.#bytes.subarray(from, from + length - headers), at + headers);
    const ip = at + this.#ip - this.#start;
    const transport = at + this.#transport - this.#start;
    this.#fixIp(target, ip, at + length, index);
    if (this.#isTcp) this.#fixTcp(target, transport, index);
    else writeU16(target, transport + UDP_LENGTH, at + length - transport);
    this.#fixTransportChecksum(target, ip, transport, at + length);
    return length;
  }

  #isOfType(gsoType: number): boolean {
    switch (gsoType) {
      case VIRTIO_NET_HDR_GSO_TCPV4:
        return this.#isIpv4;
      case VIRTIO_NET_HDR_GSO_TCPV6:
        return !this.#isIpv4;
      default:
        return gsoType === VIRTIO_NET_HDR_GSO_UDP_L4;
    }
  }

  /** Finds where the headers end; false where they do not fit into the frame. */
  #findPayload(): boolean {
    const ipHeader = this.#isIpv4 ? ipv4HeaderBytes(this.#bytes, this.#ip) : IPV6_BYTES;
    const transport = this.#transport;
    // IPv6 may have extension headers between; IPv4 may not.
    const follows = this.#isIpv4
      ? transport === this.#ip + ipHeader
      : transport >= this.#ip + ipHeader;
    const minimum = this.#isTcp ? TCP_MIN_BYTES : UDP_BYTES;
    if (!follows || transport + minimum > this.#end) return false;
    const header = this.#isTcp
      ? ((this.#bytes[transport + TCP_DATA_OFFSET] as number) >>> 4) * 4
      : UDP_BYTES;
    this.#payload = transport + header;
    return header >= minimum && this.#payload <= this.#end;
  }

  #fixIp(target: Uint8Array, ip: number, end: number, index: number): void {
    if (!this.#isIpv4) {
      writeU16(target, ip + IPV6_PAYLOAD_LENGTH, end - ip - IPV6_BYTES);
      return;
    }
    writeU16(target, ip + IPV4_LENGTH, end - ip);
    writeU16(target, ip + IPV4_ID, (readU16(target, ip + IPV4_ID) + index) & 0xffff);
    writeU16(target, ip + IPV4_CHECK, 0);
    const headerEnd = ip + ipv4HeaderBytes(target, ip);
    writeU16(target, ip + IPV4_CHECK, foldChecksum(sumWords(target, ip, headerEnd, 0)));
  }

  /** What ends a stream or pushes belongs to its last packet, the answer to congestion to its first. */
  #fixTcp(target: Uint8Array, tcp: number, index: number): void {
    const sequence = readU32(target, tcp + TCP_SEQUENCE) + index * this.#segmentSize;
    writeU32(target, tcp + TCP_SEQUENCE, sequence);
    let flags = target[tcp + TCP_FLAGS] as number;
    if (index < this.#count - 1) flags &= ~(TCP_FIN | TCP_PSH);
    if (index > 0) flags &= ~TCP_CWR;
    target[tcp + TCP_FLAGS] = flags;
  }

  #fixTransportChecksum(target: Uint8Array, ip: number, transport: number, end: number): void {
    const field = transport + (this.#isTcp ? TCP_CHECK : UDP_CHECK);
    writeU16(target, field, 0);
    const pseudoHeader = sumWords(
      target,
      ip + (this.#isIpv4 ? IPV4_ADDRESSES : IPV6_ADDRESSES),
      ip + (this.#isIpv4 ? IPV4_ADDRESSES + 8 : IPV6_BYTES),
      (this.#isTcp ? IPPROTO_TCP : IPPROTO_UDP) + end - transport,
    );
    const checksum = foldChecksum(sumWords(target, transport, end, pseudoHeader));
    writeTransportChecksum(target, field, checksum);
  }
}

function readU32(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) * 0x1_0000 + readU16(bytes, at + 2);
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, Math.floor(value / 0x1_0000) & 0xffff);
  writeU16(bytes, at + 2, value & 0xffff);
}
