import type { Attributes } from '../netlink/attributes.ts';
import type { Writer } from '../netlink/writer.ts';
import { requireInteger, U16_MAX } from './range.ts';

// linux/pkt_cls.h
const TCA_FLOWER_KEY_TCP_SRC = 18; // @nl: TCA_FLOWER_KEY_TCP_SRC rw 4.2
const TCA_FLOWER_KEY_TCP_DST = 19; // @nl: TCA_FLOWER_KEY_TCP_DST rw 4.2
const TCA_FLOWER_KEY_UDP_SRC = 20; // @nl: TCA_FLOWER_KEY_UDP_SRC rw 4.2
const TCA_FLOWER_KEY_UDP_DST = 21; // @nl: TCA_FLOWER_KEY_UDP_DST rw 4.2
const TCA_FLOWER_KEY_TCP_SRC_MASK = 35; // @nl: TCA_FLOWER_KEY_TCP_SRC_MASK rw 4.9
const TCA_FLOWER_KEY_TCP_DST_MASK = 36; // @nl: TCA_FLOWER_KEY_TCP_DST_MASK rw 4.9
const TCA_FLOWER_KEY_UDP_SRC_MASK = 37; // @nl: TCA_FLOWER_KEY_UDP_SRC_MASK rw 4.9
const TCA_FLOWER_KEY_UDP_DST_MASK = 38; // @nl: TCA_FLOWER_KEY_UDP_DST_MASK rw 4.9
const TCA_FLOWER_KEY_SCTP_SRC_MASK = 39; // @nl: TCA_FLOWER_KEY_SCTP_SRC_MASK rw 4.10
const TCA_FLOWER_KEY_SCTP_DST_MASK = 40; // @nl: TCA_FLOWER_KEY_SCTP_DST_MASK rw 4.10
const TCA_FLOWER_KEY_SCTP_SRC = 41; // @nl: TCA_FLOWER_KEY_SCTP_SRC rw 4.10
const TCA_FLOWER_KEY_SCTP_DST = 42; // @nl: TCA_FLOWER_KEY_SCTP_DST rw 4.10
const TCA_FLOWER_KEY_PORT_SRC_MIN = 87; // @nl: TCA_FLOWER_KEY_PORT_SRC_MIN rw 5.1
const TCA_FLOWER_KEY_PORT_SRC_MAX = 88; // @nl: TCA_FLOWER_KEY_PORT_SRC_MAX rw 5.1
const TCA_FLOWER_KEY_PORT_DST_MIN = 89; // @nl: TCA_FLOWER_KEY_PORT_DST_MIN rw 5.1
const TCA_FLOWER_KEY_PORT_DST_MAX = 90; // @nl: TCA_FLOWER_KEY_PORT_DST_MAX rw 5.1

/**
 * Ports: a range, both ends included and of two ports at least (Linux 5.1), or those whose bits under a mask
 * are as said. Kernels before 6.14 read only one of the two where source and destination are not alike.
 */
export type FlowerPorts =
  | { readonly first: number; readonly last: number }
  | { readonly port: number; readonly mask: number };

export type FlowerEnd = 'source' | 'destination';

const RANGES = {
  source: [TCA_FLOWER_KEY_PORT_SRC_MIN, TCA_FLOWER_KEY_PORT_SRC_MAX],
  destination: [TCA_FLOWER_KEY_PORT_DST_MIN, TCA_FLOWER_KEY_PORT_DST_MAX],
} as const;

type Keys = { readonly [end in FlowerEnd]: readonly [port: number, mask: number] };

const PORTS: ReadonlyMap<number, Keys> = new Map([
  [
    6,
    {
      source: [TCA_FLOWER_KEY_TCP_SRC, TCA_FLOWER_KEY_TCP_SRC_MASK],
      destination: [TCA_FLOWER_KEY_TCP_DST, TCA_FLOWER_KEY_TCP_DST_MASK],
    },
  ],
  [
    17,
    {
      source: [TCA_FLOWER_KEY_UDP_SRC, TCA_FLOWER_KEY_UDP_SRC_MASK],
      destination: [TCA_FLOWER_KEY_UDP_DST, TCA_FLOWER_KEY_UDP_DST_MASK],
    },
  ],
  [
    132,
    {
      source: [TCA_FLOWER_KEY_SCTP_SRC, TCA_FLOWER_KEY_SCTP_SRC_MASK],
      destination: [TCA_FLOWER_KEY_SCTP_DST, TCA_FLOWER_KEY_SCTP_DST_MASK],
    },
  ],
]);

/** Throws RangeError. */
export function writeFlowerPorts(
  writer: Writer,
  ipProtocol: number | undefined,
  end: FlowerEnd,
  ports: FlowerPorts,
): void {
  const keys = PORTS.get(ipProtocol ?? -1);
  if (!keys) throw new RangeError(`flower has no ports of protocol ${ipProtocol ?? 'any'}`);
  if ('first' in ports) {
    const first = requireInteger('first port', ports.first, 0, U16_MAX);
    const last = requireInteger('last port', ports.last, first + 1, U16_MAX);
    writer.attributeBe16(RANGES[end][0], first).attributeBe16(RANGES[end][1], last);
    return;
  }
  writer.attributeBe16(keys[end][0], requireInteger('port', ports.port, 0, U16_MAX));
  const mask = requireInteger('port mask', ports.mask, 0, U16_MAX);
  // The kernel takes an absent mask for all ones.
  if (mask !== U16_MAX) writer.attributeBe16(keys[end][1], mask);
}

/** Undefined where the filter does not look at the port. */
export function readFlowerPorts(
  attributes: Attributes,
  ipProtocol: number | undefined,
  end: FlowerEnd,
): FlowerPorts | undefined {
  const be16 = (type: number): number | undefined =>
    attributes.length(type) === 2 ? attributes.be16(type) : undefined;
  const [first, last] = [be16(RANGES[end][0]), be16(RANGES[end][1])];
  if (first !== undefined && last !== undefined) return { first, last };
  const keys = PORTS.get(ipProtocol ?? -1);
  const port = keys && be16(keys[end][0]);
  if (!keys || port === undefined) return undefined;
  return { port, mask: be16(keys[end][1]) ?? U16_MAX };
}

/** The attributes that the model has of a protocol's ports. */
export function flowerPortTypes(ipProtocol: number | undefined): readonly number[] {
  const keys = PORTS.get(ipProtocol ?? -1);
  const own = keys ? [...keys.source, ...keys.destination] : [];
  return [...own, ...RANGES.source, ...RANGES.destination];
}
