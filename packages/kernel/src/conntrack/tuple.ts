import type { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { formatIpAddress, parseIpAddress } from '../route/ip-address.ts';
import { requireInteger, U16_MAX } from '../tc/range.ts';

/** linux/netfilter/nfnetlink_conntrack.h */
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V4_DST = 2;
const CTA_IP_V6_SRC = 3;
const CTA_IP_V6_DST = 4;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_SRC_PORT = 2;
const CTA_PROTO_DST_PORT = 3;
/** Of ICMP; those of ICMPv6 are three more. */
const CTA_PROTO_ICMP_ID = 4;
const CTA_PROTO_ICMP_TYPE = 5;
const CTA_PROTO_ICMP_CODE = 6;
const ICMPV6_SHIFT = 3;

const IPPROTO_ICMPV6 = 58;

/** What tells the packets of one direction of a connection from all others. */
export interface ConntrackTuple {
  readonly source: string;
  readonly destination: string;
  /** The number of the transport protocol: 6 of TCP, 17 of UDP. */
  readonly protocol: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpId?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

/** @throws InvalidValueError, RangeError */
export function writeTuple(writer: Writer, type: number, tuple: ConntrackTuple): void {
  writer.nest(type, (nest) => {
    nest.nest(CTA_TUPLE_IP, (ip) => {
      const { family, bytes } = parseIpAddress(tuple.source);
      ip.attributeBytes(family === 4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, bytes);
      const destination = parseIpAddress(tuple.destination).bytes;
      ip.attributeBytes(family === 4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, destination);
    });
    nest.nest(CTA_TUPLE_PROTO, (protocol) => writeProtocol(protocol, tuple));
  });
}

/** Undefined where the family is neither IPv4 nor IPv6. */
export function readTuple(attributes: Attributes | undefined): ConntrackTuple | undefined {
  const ip = attributes?.nested(CTA_TUPLE_IP);
  const protocol = attributes?.nested(CTA_TUPLE_PROTO);
  const source = ip?.bytes(CTA_IP_V4_SRC) ?? ip?.bytes(CTA_IP_V6_SRC);
  const destination = ip?.bytes(CTA_IP_V4_DST) ?? ip?.bytes(CTA_IP_V6_DST);
  const number = protocol?.u8(CTA_PROTO_NUM);
  if (!source || !destination || !protocol || number === undefined) return undefined;
  const shift = icmpShift(number);
  const members = {
    sourcePort: protocol.be16(CTA_PROTO_SRC_PORT),
    destinationPort: protocol.be16(CTA_PROTO_DST_PORT),
    icmpId: protocol.be16(CTA_PROTO_ICMP_ID + shift),
    icmpType: protocol.u8(CTA_PROTO_ICMP_TYPE + shift),
    icmpCode: protocol.u8(CTA_PROTO_ICMP_CODE + shift),
  };
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return {
    source: formatIpAddress(source),
    destination: formatIpAddress(destination),
    protocol: number,
    ...Object.fromEntries(given),
  };
}

function writeProtocol(writer: Writer, tuple: ConntrackTuple): void {
  const { protocol, sourcePort, destinationPort, icmpId, icmpType, icmpCode } = tuple;
  const shift = icmpShift(protocol);
  const be16 = (type: number, name: string, value: number | undefined) => {
    if (value !== undefined) {
      writer.attributeBe16(type, requireInteger(name, value, 0, U16_MAX));
    }
  };
  writer.attributeU8(CTA_PROTO_NUM, protocol);
  be16(CTA_PROTO_SRC_PORT, 'source port', sourcePort);
  be16(CTA_PROTO_DST_PORT, 'destination port', destinationPort);
  be16(CTA_PROTO_ICMP_ID + shift, 'ICMP id', icmpId);
  if (icmpType !== undefined) writer.attributeU8(CTA_PROTO_ICMP_TYPE + shift, icmpType);
  if (icmpCode !== undefined) writer.attributeU8(CTA_PROTO_ICMP_CODE + shift, icmpCode);
}

function icmpShift(protocol: number): number {
  return protocol === IPPROTO_ICMPV6 ? ICMPV6_SHIFT : 0;
}
