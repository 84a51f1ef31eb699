import { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { type IpPrefix, networkOf } from '../route/ip-prefix.ts';
import {
  type FilterVerdict,
  readVerdict,
  type VerdictTypes,
  writeVerdict,
} from './filter-verdict.ts';
import {
  type FlowerPorts,
  flowerPortTypes,
  readFlowerPorts,
  writeFlowerPorts,
} from './flower-ports.ts';
import { requireInteger, U16_MAX } from './range.ts';

// linux/pkt_cls.h
const TCA_FLOWER_CLASSID = 1; // @nl: TCA_FLOWER_CLASSID rw 4.2
const TCA_FLOWER_ACT = 3; // @nl: TCA_FLOWER_ACT rw 4.2
const TCA_FLOWER_KEY_ETH_TYPE = 8; // @nl: TCA_FLOWER_KEY_ETH_TYPE rw 4.2
const TCA_FLOWER_KEY_IP_PROTO = 9; // @nl: TCA_FLOWER_KEY_IP_PROTO rw 4.2
const TCA_FLOWER_KEY_IPV4_SRC = 10; // @nl: TCA_FLOWER_KEY_IPV4_SRC rw 4.2
const TCA_FLOWER_KEY_IPV4_SRC_MASK = 11; // @nl: TCA_FLOWER_KEY_IPV4_SRC_MASK rw 4.2
const TCA_FLOWER_KEY_IPV4_DST = 12; // @nl: TCA_FLOWER_KEY_IPV4_DST rw 4.2
const TCA_FLOWER_KEY_IPV4_DST_MASK = 13; // @nl: TCA_FLOWER_KEY_IPV4_DST_MASK rw 4.2
const TCA_FLOWER_KEY_IPV6_SRC = 14; // @nl: TCA_FLOWER_KEY_IPV6_SRC rw 4.2
const TCA_FLOWER_KEY_IPV6_SRC_MASK = 15; // @nl: TCA_FLOWER_KEY_IPV6_SRC_MASK rw 4.2
const TCA_FLOWER_KEY_IPV6_DST = 16; // @nl: TCA_FLOWER_KEY_IPV6_DST rw 4.2
const TCA_FLOWER_KEY_IPV6_DST_MASK = 17; // @nl: TCA_FLOWER_KEY_IPV6_DST_MASK rw 4.2
const TCA_FLOWER_FLAGS = 22; // @nl: TCA_FLOWER_FLAGS rw 4.6
const TCA_FLOWER_KEY_FLAGS = 47; // @nl: TCA_FLOWER_KEY_FLAGS rw 4.11
const TCA_FLOWER_KEY_FLAGS_MASK = 48; // @nl: TCA_FLOWER_KEY_FLAGS_MASK rw 4.11
const TCA_FLOWER_KEY_IP_TOS = 73; // @nl: TCA_FLOWER_KEY_IP_TOS rw 4.13
const TCA_FLOWER_KEY_IP_TOS_MASK = 74; // @nl: TCA_FLOWER_KEY_IP_TOS_MASK rw 4.13
const TCA_FLOWER_IN_HW_COUNT = 86; // @nl: TCA_FLOWER_IN_HW_COUNT r 4.19
const TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT = 1;

const VERDICT: VerdictTypes = { classid: TCA_FLOWER_CLASSID, actions: TCA_FLOWER_ACT };

interface Family {
  readonly family: 4 | 6;
  readonly source: readonly [address: number, mask: number];
  readonly destination: readonly [address: number, mask: number];
}

/** By ethertype. */
const FAMILIES: ReadonlyMap<number, Family> = new Map([
  [
    0x0800,
    {
      family: 4,
      source: [TCA_FLOWER_KEY_IPV4_SRC, TCA_FLOWER_KEY_IPV4_SRC_MASK],
      destination: [TCA_FLOWER_KEY_IPV4_DST, TCA_FLOWER_KEY_IPV4_DST_MASK],
    },
  ],
  [
    0x86dd,
    {
      family: 6,
      source: [TCA_FLOWER_KEY_IPV6_SRC, TCA_FLOWER_KEY_IPV6_SRC_MASK],
      destination: [TCA_FLOWER_KEY_IPV6_DST, TCA_FLOWER_KEY_IPV6_DST_MASK],
    },
  ],
]);

/** A byte whose bits under the mask have to be those of the value. */
export interface MaskedByte {
  readonly value: number;
  readonly mask: number;
}

/**
 * Takes the packets that have all that is given (cls_flower). Two with the same keys cannot share a priority
 * (EEXIST).
 */
export interface Flower extends FilterVerdict {
  readonly kind: 'flower';
  /** Ethertype behind VLAN tags, 0x0800 or 0x86dd: without it the kernel takes every packet, whatever else is said. */
  readonly ethType: number;
  /** The protocol behind IPv6's hop-by-hop, routing, destination and fragment headers. */
  readonly ipProtocol?: number;
  /** Of the ethertype's family, of one bit at least. Bits behind the prefix do not count. */
  readonly source?: IpPrefix;
  readonly destination?: IpPrefix;
  /** IPv4's type of service, IPv6's traffic class: DSCP in the upper six bits, ECN in the lower two. */
  readonly tos?: MaskedByte;
  /** Needs `ipProtocol` of TCP, UDP or SCTP. The ports of any fragment, the first too, are read as 0. */
  readonly sourcePorts?: FlowerPorts;
  readonly destinationPorts?: FlowerPorts;
  /** Whether the packet is a fragment, the first included. */
  readonly fragment?: boolean;
}

/** Writes the TCA_OPTIONS payload. Throws RangeError. */
export function writeFlower(writer: Writer, flower: Flower): void {
  const { ethType, ipProtocol, tos, sourcePorts, destinationPorts, fragment } = flower;
  const type = requireInteger('ethType', ethType, 0, U16_MAX);
  if (ipProtocol !== undefined) {
    writer.attributeU8(TCA_FLOWER_KEY_IP_PROTO, requireByte('ipProtocol', ipProtocol));
  }
  writeAddress(writer, flower, 'destination');
  writeAddress(writer, flower, 'source');
  if (tos) {
    const mask = requireByte('tos mask', tos.mask);
    writer.attributeU8(TCA_FLOWER_KEY_IP_TOS, requireByte('tos', tos.value) & mask);
    writer.attributeU8(TCA_FLOWER_KEY_IP_TOS_MASK, mask);
  }
  if (destinationPorts) writeFlowerPorts(writer, ipProtocol, 'destination', destinationPorts);
  if (sourcePorts) writeFlowerPorts(writer, ipProtocol, 'source', sourcePorts);
  writeVerdict(writer, VERDICT, flower);
  writer.attributeU32(TCA_FLOWER_FLAGS, 0);
  if (fragment !== undefined) {
    writer
      .attributeBe32(TCA_FLOWER_KEY_FLAGS, fragment ? TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT : 0)
      .attributeBe32(TCA_FLOWER_KEY_FLAGS_MASK, TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT);
  }
  writer.attributeBe16(TCA_FLOWER_KEY_ETH_TYPE, type);
}

/**
 * Undefined for a filter with what {@link Flower} cannot say: another ethertype, other keys, a mask of an
 * address that is no prefix, an action that is not understood.
 */
export function decodeFlower(bytes: Uint8Array): Flower | undefined {
  const attributes = Attributes.read(bytes);
  const ethType = attributes.length(TCA_FLOWER_KEY_ETH_TYPE) === 2;
  const type = ethType ? attributes.be16(TCA_FLOWER_KEY_ETH_TYPE) : undefined;
  const family = FAMILIES.get(type ?? -1);
  const verdict = readVerdict(attributes, VERDICT);
  if (type === undefined || !family || !verdict) return undefined;
  const ipProtocol = byteOf(attributes, TCA_FLOWER_KEY_IP_PROTO);
  const understood = new Set([...typesOf(family), ...flowerPortTypes(ipProtocol)]);
  if (!Attributes.entries(bytes).every((entry) => understood.has(entry.type))) return undefined;
  const source = readAddress(attributes, family, 'source');
  const destination = readAddress(attributes, family, 'destination');
  const sourcePorts = readFlowerPorts(attributes, ipProtocol, 'source');
  const destinationPorts = readFlowerPorts(attributes, ipProtocol, 'destination');
  const flags = readFragment(attributes);
  if (source === 'unclear' || destination === 'unclear' || flags === 'unclear') return undefined;
  return {
    kind: 'flower',
    ...verdict,
    ethType: type,
    ...(ipProtocol !== undefined && { ipProtocol }),
    ...(source && { source }),
    ...(destination && { destination }),
    ...tosOf(attributes),
    ...(sourcePorts && { sourcePorts }),
    ...(destinationPorts && { destinationPorts }),
    ...(flags !== undefined && { fragment: flags }),
  };
}

function writeAddress(writer: Writer, flower: Flower, end: 'source' | 'destination'): void {
  const prefix = flower[end];
  if (!prefix) return;
  const family = FAMILIES.get(flower.ethType);
  if (family?.family !== prefix.family) {
    throw new RangeError(
      `ethertype 0x${flower.ethType.toString(16)} has no IPv${prefix.family} ${end}`,
    );
  }
  // The kernel would compare the kind of address, yet not read it: no packet would have it.
  requireInteger(`${end} prefix length`, prefix.prefixLength, 1, 8 * prefix.bytes.length);
  const [address, mask] = family[end];
  writer.attributeBytes(address, networkOf(prefix)).attributeBytes(mask, maskOf(prefix));
}

function maskOf({ family, bytes, prefixLength }: IpPrefix): Uint8Array {
  return networkOf({ family, bytes: new Uint8Array(bytes.length).fill(0xff), prefixLength });
}

function readAddress(
  attributes: Attributes,
  family: Family,
  end: 'source' | 'destination',
): IpPrefix | 'unclear' | undefined {
  const length = family.family === 4 ? 4 : 16;
  const bytes = attributes.bytes(family[end][0])?.slice();
  if (!bytes) return undefined;
  const mask = attributes.bytes(family[end][1]) ?? new Uint8Array(length).fill(0xff);
  if (bytes.length !== length || mask.length !== length) return 'unclear';
  const prefix = { family: family.family, bytes, prefixLength: leadingOnes(mask) };
  return Buffer.compare(maskOf(prefix), mask) === 0 ? prefix : 'unclear';
}

function leadingOnes(mask: Uint8Array): number {
  const at = mask.findIndex((byte) => byte !== 0xff);
  return at < 0 ? 8 * mask.length : 8 * at + Math.clz32(~((mask[at] ?? 0) << 24));
}

function readFragment(attributes: Attributes): boolean | 'unclear' | undefined {
  if (attributes.length(TCA_FLOWER_KEY_FLAGS_MASK) !== 4) return undefined;
  const mask = attributes.be32(TCA_FLOWER_KEY_FLAGS_MASK);
  if (mask !== TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT) return 'unclear';
  const flags = attributes.length(TCA_FLOWER_KEY_FLAGS) === 4;
  return flags && attributes.be32(TCA_FLOWER_KEY_FLAGS) === TCA_FLOWER_KEY_FLAGS_IS_FRAGMENT;
}

function tosOf(attributes: Attributes): { tos?: MaskedByte } {
  const value = byteOf(attributes, TCA_FLOWER_KEY_IP_TOS);
  if (value === undefined) return {};
  return { tos: { value, mask: byteOf(attributes, TCA_FLOWER_KEY_IP_TOS_MASK) ?? 0xff } };
}

function byteOf(attributes: Attributes, type: number): number | undefined {
  return attributes.length(type) === 1 ? attributes.u8(type) : undefined;
}

function requireByte(name: string, value: number): number {
  return requireInteger(name, value, 0, 0xff);
}

/** What a filter of this model consists of, and what the kernel adds when it tells of one. */
function typesOf(family: Family): readonly number[] {
  return [
    TCA_FLOWER_CLASSID,
    TCA_FLOWER_ACT,
    TCA_FLOWER_KEY_ETH_TYPE,
    TCA_FLOWER_KEY_IP_PROTO,
    ...family.source,
    ...family.destination,
    TCA_FLOWER_FLAGS,
    TCA_FLOWER_KEY_FLAGS,
    TCA_FLOWER_KEY_FLAGS_MASK,
    TCA_FLOWER_KEY_IP_TOS,
    TCA_FLOWER_KEY_IP_TOS_MASK,
    TCA_FLOWER_IN_HW_COUNT,
  ];
}
