import { readU16, sumWords, writeU16 } from '@netweir/kernel';
import { EMBEDDED_AT, isNat64At, nat64Bytes } from './address.ts';
import type { Bindings } from './bindings.ts';
import { type IcmpError, icmpErrorToIpv4, icmpErrorToIpv6 } from './icmp-types.ts';
import { IPV4_HEADER_LENGTH, IPV4_SOURCE_AT, readIpv4, writeIpv4 } from './ipv4.ts';
import { IPV6_HEADER_LENGTH, IPV6_SOURCE_AT, readIpv6, writeIpv6 } from './ipv6.ts';
import { contentOf, IPPROTO_ICMP, IPPROTO_ICMPV6, newPacket, type Packet } from './packet.ts';
import type { Nat64State } from './state.ts';
import { changeTransport, icmpv6Pseudo, readPorts } from './transport.ts';

const ICMP_HEADER_LENGTH = 8;
/** RFC 1812 section 4.3.2.3 and RFC 4443 section 2.4 (c): how long an error may be. */
const LONGEST_ICMP = 576 - IPV4_HEADER_LENGTH;
const LONGEST_ICMPV6 = 1280 - IPV6_HEADER_LENGTH;
const ICMP_PARAMETERPROB = 12;

// Types of ICMPv6 errors that can have extensions (RFC 4884 section 4).
const ICMPV6_EXTENSIBLE = [1, 3];

/**
 * An ICMPv6 error about a packet from an IPv4 host to a client, as a message of ICMP, with room before it and
 * without its checksum; undefined for what is not translated (RFC 7915 section 5.3).
 */
export function errorToIpv4(
  bytes: Uint8Array,
  at: number,
  messageEnd: number,
  { bindings, pool }: Nat64State,
): Packet | undefined {
  if (at + ICMP_HEADER_LENGTH > messageEnd) return undefined;
  const isExtensible = ICMPV6_EXTENSIBLE.includes(byteAt(bytes, at));
  const end = endOfInner(at, messageEnd, isExtensible ? 8 * byteAt(bytes, at + 4) : 0);
  const value = readU16(bytes, at + 4) * 0x1_0000 + readU16(bytes, at + 6);
  const error = icmpErrorToIpv4({ type: byteAt(bytes, at), code: byteAt(bytes, at + 1), value });
  const innerAt = at + ICMP_HEADER_LENGTH;
  const inner = readIpv6(bytes, innerAt, end);
  if (!error || !inner || inner.fragment?.offset) return undefined;
  const { source, destination, payloadAt, payloadLength } = inner;
  const ports = readPorts(bytes, payloadAt, end, inner.protocol);
  if (!ports || !isNat64At(source, 0)) return undefined;
  const isEcho = inner.protocol === IPPROTO_ICMPV6;
  const protocol = isEcho ? IPPROTO_ICMP : inner.protocol;
  const binding = bindings.ofClient(protocol, destination, ports.destination);
  if (!binding) return undefined;
  const rest = bytes.subarray(payloadAt, Math.min(end, payloadAt + payloadLength));
  const message = newMessage(error, IPV4_HEADER_LENGTH, rest, LONGEST_ICMP);
  const messageInner = message.start + ICMP_HEADER_LENGTH;
  writeIpv4(message.bytes, messageInner, {
    typeOfService: inner.trafficClass,
    identification: 0,
    dontFragment: true,
    timeToLive: inner.hopLimit,
    protocol,
    source: source.subarray(EMBEDDED_AT),
    destination: pool,
    payloadLength,
  });
  const before = sumOfAddresses(bytes, innerAt + IPV6_SOURCE_AT, 32);
  const after = sumOfAddresses(message.bytes, messageInner + IPV4_SOURCE_AT, 8);
  changeInner(message, messageInner + IPV4_HEADER_LENGTH, inner.protocol, {
    side: 'destination',
    port: binding.port,
    before: isEcho ? icmpv6Pseudo(before, payloadLength) : before,
    after: isEcho ? 0 : after,
  });
  return message;
}

/**
 * An ICMP error about a packet from the translator's address to an IPv4 host, as a message of ICMPv6
 * for its client; as `errorToIpv4` in all else (RFC 7915 section 4.3).
 */
export function errorToIpv6(
  bytes: Uint8Array,
  at: number,
  messageEnd: number,
  bindings: Bindings,
): { readonly message: Packet; readonly client: Uint8Array } | undefined {
  if (at + ICMP_HEADER_LENGTH > messageEnd) return undefined;
  const end = endOfInner(at, messageEnd, 4 * byteAt(bytes, at + 5));
  const innerAt = at + ICMP_HEADER_LENGTH;
  const inner = readIpv4(bytes, innerAt, end);
  if (!inner || inner.fragmentOffset > 0) return undefined;
  const error = icmpErrorToIpv6(readIcmpError(bytes, at), IPV4_HEADER_LENGTH + inner.payloadLength);
  const { protocol, payloadAt, payloadLength } = inner;
  const ports = readPorts(bytes, payloadAt, end, protocol);
  const binding = ports && bindings.ofPort(protocol, ports.source);
  if (!error || !binding) return undefined;
  const rest = bytes.subarray(payloadAt, Math.min(end, payloadAt + payloadLength));
  const message = newMessage(error, IPV6_HEADER_LENGTH, rest, LONGEST_ICMPV6);
  const messageInner = message.start + ICMP_HEADER_LENGTH;
  const isEcho = protocol === IPPROTO_ICMP;
  writeIpv6(message.bytes, messageInner, {
    trafficClass: inner.typeOfService,
    hopLimit: inner.timeToLive,
    protocol: isEcho ? IPPROTO_ICMPV6 : protocol,
    source: binding.client,
    destination: nat64Bytes(inner.destination),
    payloadLength,
  });
  const before = sumOfAddresses(bytes, innerAt + IPV4_SOURCE_AT, 8);
  const after = sumOfAddresses(message.bytes, messageInner + IPV6_SOURCE_AT, 32);
  changeInner(message, messageInner + IPV6_HEADER_LENGTH, protocol, {
    side: 'source',
    port: binding.clientPort,
    before: isEcho ? 0 : before,
    after: isEcho ? icmpv6Pseudo(after, payloadLength) : after,
  });
  return { message, client: binding.client };
}

/** Extensions (RFC 4884) are left out: they follow the packet, whose length is said then. */
function endOfInner(at: number, messageEnd: number, length: number): number {
  const innerAt = at + ICMP_HEADER_LENGTH;
  return length === 0 ? messageEnd : Math.min(messageEnd, innerAt + length);
}

function readIcmpError(bytes: Uint8Array, at: number): IcmpError {
  const type = byteAt(bytes, at);
  const code = byteAt(bytes, at + 1);
  const isPointer = type === ICMP_PARAMETERPROB;
  return { type, code, value: isPointer ? byteAt(bytes, at + 4) : readU16(bytes, at + 6) };
}

/** A message with room for the header of the inner packet before `rest`, as much as may be of that. */
function newMessage(
  { type, code, value }: IcmpError,
  innerHeaderLength: number,
  rest: Uint8Array,
  longest: number,
): Packet {
  const headers = ICMP_HEADER_LENGTH + innerHeaderLength;
  const kept = rest.subarray(0, longest - headers);
  const message = newPacket(headers + kept.length);
  const content = contentOf(message);
  content[0] = type;
  content[1] = code;
  if (type === ICMP_PARAMETERPROB) content[4] = value;
  else {
    writeU16(content, 4, Math.floor(value / 0x1_0000));
    writeU16(content, 6, value % 0x1_0000);
  }
  content.set(kept, headers);
  return message;
}

function changeInner(
  { bytes, end }: Packet,
  at: number,
  protocol: number,
  change: { side: 'source' | 'destination'; port: number; before: number; after: number },
): void {
  changeTransport(bytes, at, end, protocol, { ...change, isPartial: false });
}

function sumOfAddresses(bytes: Uint8Array, at: number, length: number): number {
  return sumWords(bytes, at, at + length, 0);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
