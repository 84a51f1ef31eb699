import { isNat64At } from './address.ts';
import { Bindings } from './bindings.ts';
import { type Ipv4Header, ipv4Packet, readIpv4 } from './ipv4.ts';
import { type Ipv6Header, ipv6Packet, readIpv6 } from './ipv6.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, type Packet } from './packet.ts';
import { Reassembly } from './reassembly.ts';
import type { Nat64State } from './state.ts';
import { errorPacketToIpv4, packetToIpv4 } from './to-ipv4.ts';
import { errorPacketToIpv6, packetToIpv6 } from './to-ipv6.ts';
import { isEcho } from './transport.ts';

/**
 * A stateful NAT64 (RFC 6146) with the translation of RFC 7915 and one IPv4 address. Fragments are put
 * together first. Who may send to whom, and the way there, is for the kernel on both sides to say.
 */
export class Translator {
  readonly #state: Nat64State;
  readonly #reassembly: Reassembly;

  /** `pool` is the address: 4 bytes. `now` gives milliseconds of a clock that only goes forward. */
  constructor(pool: Uint8Array, now: () => number) {
    let identification = 0;
    this.#state = {
      bindings: new Bindings(now),
      pool,
      nextIdentification: () => {
        identification = (identification + 1) & 0xffff;
        return identification;
      },
    };
    this.#reassembly = new Reassembly(now);
  }

  /** What goes on in place of a packet, in its memory or in others; nothing for what is not translated. */
  translate(packet: Packet): readonly Packet[] {
    const { bytes, start, end } = packet;
    const version = (bytes[start] ?? 0) >> 4;
    if (version === 6) {
      const header = readIpv6(bytes, start, end);
      return header ? listOf(this.#fromIpv6(packet, header)) : [];
    }
    const header = version === 4 ? readIpv4(bytes, start, end) : undefined;
    return header ? this.#fromIpv4(packet, header) : [];
  }

  #fromIpv6(packet: Packet, header: Ipv6Header): Packet | undefined {
    const { protocol, payloadAt, payloadLength, fragment } = header;
    const { bytes, end } = packet;
    if (!isNat64At(header.destination, 0) || payloadAt + payloadLength > end) return undefined;
    if (!fragment) return this.#wholeFromIpv6(packet, header, false);
    const payload = bytes.subarray(payloadAt, payloadAt + payloadLength);
    const whole = this.#reassembly.add({ ...header, ...fragment, protocol, payload });
    if (!whole) return undefined;
    const joined = ipv6Packet(header, whole);
    const joinedHeader = readIpv6(joined.bytes, joined.start, joined.end);
    return joinedHeader && this.#wholeFromIpv6(joined, joinedHeader, true);
  }

  #wholeFromIpv6(packet: Packet, header: Ipv6Header, wasFragmented: boolean): Packet | undefined {
    const { protocol, payloadAt } = header;
    if (protocol === IPPROTO_ICMPV6 && !isEcho(packet.bytes, payloadAt, protocol)) {
      return errorPacketToIpv4(packet, header, this.#state);
    }
    return packetToIpv4(packet, header, wasFragmented, this.#state);
  }

  #fromIpv4(packet: Packet, header: Ipv4Header): readonly Packet[] {
    const { payloadAt, payloadLength, moreFragments, fragmentOffset } = header;
    const { bytes, end } = packet;
    if (!isEqual(header.destination, this.#state.pool)) return [];
    if (payloadAt + payloadLength > end) return [];
    if (!moreFragments && fragmentOffset === 0) return this.#wholeFromIpv4(packet, header);
    const payload = bytes.subarray(payloadAt, payloadAt + payloadLength);
    const fragment = { ...header, offset: fragmentOffset, more: moreFragments, payload };
    const whole = this.#reassembly.add(fragment);
    if (!whole) return [];
    const joined = ipv4Packet(header, whole);
    const joinedHeader = readIpv4(joined.bytes, joined.start, joined.end);
    return joinedHeader ? this.#wholeFromIpv4(joined, joinedHeader) : [];
  }

  #wholeFromIpv4(packet: Packet, header: Ipv4Header): readonly Packet[] {
    const { protocol, payloadAt } = header;
    if (protocol === IPPROTO_ICMP && !isEcho(packet.bytes, payloadAt, protocol)) {
      return listOf(errorPacketToIpv6(packet, header, this.#state));
    }
    return packetToIpv6(packet, header, this.#state);
  }
}

function listOf(packet: Packet | undefined): readonly Packet[] {
  return packet ? [packet] : [];
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.every((byte, index) => byte === right[index]);
}
