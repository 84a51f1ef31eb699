import type { IpPrefix, U32, U32Key } from '@netweir/kernel';
import { type PortBlock, portBlocksOf } from './port-blocks.ts';
import type { PortRange, Term } from './term.ts';

/** Where things are, in bytes from the start of the IP header. */
const IPV4 = { fragment: 4, protocol: 8, source: 12, destination: 16, payload: 20 } as const;
const IPV6 = { protocol: 4, source: 8, destination: 24, payload: 40 } as const;

/** More fragments, or an offset. */
const IPV4_FRAGMENT = 0x3fff;
/** Of RFC 8200: hop-by-hop options, which multicast listener reports have, and fragment. */
const LONE_EXTENSION_HEADERS = [0, 44] as const;

const ANY_PORT: PortBlock = { port: 0, mask: 0 };

/** The filters of cls_u32 that together take the packets of a term. */
export function u32FiltersOf(term: Term): U32[] {
  const hasPorts = term.sourcePorts !== undefined || term.destinationPorts !== undefined;
  const keys = term.family === 4 ? ipv4Keys(term, hasPorts) : ipv6Keys(term);
  if (!hasPorts) return [keys, ...behindExtensionHeader(term, keys)].map(filterOf);
  const offset = term.family === 4 ? IPV4.payload : IPV6.payload;
  return blocksOf(term.sourcePorts).flatMap((from) =>
    blocksOf(term.destinationPorts).map((to) =>
      filterOf([
        ...keys,
        { offset, mask: from.mask * 0x1_0000 + to.mask, value: from.port * 0x1_0000 + to.port },
      ]),
    ),
  );
}

function ipv4Keys({ source, destination, protocol, dscp }: Term, hasPorts: boolean): U32Key[] {
  return [
    // Behind options the ports would be elsewhere.
    hasPorts
      ? { offset: 0, mask: 0xff00_0000, value: 0x4500_0000 }
      : { offset: 0, mask: 0xf000_0000, value: 0x4000_0000 },
    ...(dscp === undefined ? [] : [{ offset: 0, mask: 0x00fc_0000, value: dscp << 18 }]),
    ...(hasPorts ? [{ offset: IPV4.fragment, mask: IPV4_FRAGMENT, value: 0 }] : []),
    ...(protocol === undefined
      ? []
      : [{ offset: IPV4.protocol, mask: 0x00ff_0000, value: protocol << 16 }]),
    ...prefixKeys(source, IPV4.source),
    ...prefixKeys(destination, IPV4.destination),
  ];
}

function ipv6Keys({ source, destination, protocol, dscp }: Term): U32Key[] {
  return [
    { offset: 0, mask: 0xf000_0000, value: 0x6000_0000 },
    ...(dscp === undefined ? [] : [{ offset: 0, mask: 0x0fc0_0000, value: dscp << 22 }]),
    ...(protocol === undefined ? [] : [nextHeader(protocol)]),
    ...prefixKeys(source, IPV6.source),
    ...prefixKeys(destination, IPV6.destination),
  ];
}

/** The same of IPv6 with one extension header of the common ones between: its first byte says what follows. */
function behindExtensionHeader({ family, protocol }: Term, keys: readonly U32Key[]): U32Key[][] {
  if (family === 4 || protocol === undefined) return [];
  const others = keys.filter(({ offset }) => offset !== IPV6.protocol);
  return LONE_EXTENSION_HEADERS.map((header) => [
    ...others,
    nextHeader(header),
    { offset: IPV6.payload, mask: 0xff00_0000, value: (protocol << 24) >>> 0 },
  ]);
}

function nextHeader(protocol: number): U32Key {
  return { offset: IPV6.protocol, mask: 0x0000_ff00, value: protocol << 8 };
}

function prefixKeys(prefix: IpPrefix | undefined, start: number): U32Key[] {
  if (!prefix) return [];
  const view = new DataView(prefix.bytes.buffer, prefix.bytes.byteOffset, prefix.bytes.byteLength);
  const words = Math.ceil(prefix.prefixLength / 32);
  return Array.from({ length: words }, (_, word) => {
    const bits = Math.min(32, prefix.prefixLength - 32 * word);
    return {
      offset: start + 4 * word,
      mask: 2 ** 32 - 2 ** (32 - bits),
      value: view.getUint32(4 * word),
    };
  });
}

function blocksOf(range: PortRange | undefined): PortBlock[] {
  return range ? portBlocksOf(range) : [ANY_PORT];
}

/** Keys of the same word as one. */
function filterOf(keys: readonly U32Key[]): U32 {
  const byOffset = new Map<number, U32Key>();
  for (const { offset, mask, value } of keys) {
    const before = byOffset.get(offset);
    byOffset.set(offset, {
      offset,
      mask: ((before?.mask ?? 0) | mask) >>> 0,
      value: ((before?.value ?? 0) | value) >>> 0,
    });
  }
  return { kind: 'u32', keys: [...byOffset.values()].filter(({ mask }) => mask !== 0) };
}
