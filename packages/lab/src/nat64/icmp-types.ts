/** What the first eight bytes of an ICMP error say besides the checksum. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** The MTU of a packet too big, the pointer of a parameter problem; else 0. */
  readonly value: number;
}

// RFC 792, RFC 1191, RFC 1812
const ICMP_DEST_UNREACH = 3;
const ICMP_FRAG_NEEDED = 4;
const ICMP_TIME_EXCEEDED = 11;
const ICMP_PARAMETERPROB = 12;
// RFC 4443
const ICMPV6_DEST_UNREACH = 1;
const ICMPV6_PKT_TOOBIG = 2;
const ICMPV6_TIME_EXCEED = 3;
const ICMPV6_PARAMPROB = 4;

/** The difference between the two headers. */
const HEADER_DIFFERENCE = 20;
const IPV6_MINIMUM_MTU = 1280;
/** Where the Next Header field is. */
const NEXT_HEADER = 6;
/** Of packets too big whose router says no MTU (RFC 1191 section 7.1). */
const PLATEAUS = [32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68] as const;

/** Codes of destination unreachable (RFC 7915 section 4.2); others are not translated. */
const UNREACHABLE_TO_IPV6 = new Map([
  ...[0, 1, 5, 6, 7, 8, 11, 12].map((code) => [code, 0] as const),
  ...[9, 10, 13, 15].map((code) => [code, 1] as const),
  [3, 4],
]);
/** RFC 7915 section 5.2. */
const UNREACHABLE_TO_IPV4 = new Map([
  [0, 1],
  [1, 10],
  [2, 1],
  [3, 1],
  [4, 3],
]);
/** Pointers into the IPv4 header as those into the IPv6 header (RFC 7915 figure 3). */
const POINTER_TO_IPV6 = new Map([
  [0, 0],
  [1, 1],
  [2, 4],
  [3, 4],
  [8, 7],
  [9, 6],
  ...[12, 13, 14, 15].map((pointer) => [pointer, 8] as const),
  ...[16, 17, 18, 19].map((pointer) => [pointer, 24] as const),
]);

/**
 * An ICMP error as one of ICMPv6 (RFC 7915 section 4.2); undefined for what is not translated.
 * `totalLength` is that of the packet which the error is about.
 */
export function icmpErrorToIpv6(error: IcmpError, totalLength: number): IcmpError | undefined {
  const { type, code } = error;
  if (type === ICMP_TIME_EXCEEDED) return { type: ICMPV6_TIME_EXCEED, code, value: 0 };
  if (type === ICMP_PARAMETERPROB && (code === 0 || code === 2)) {
    const value = POINTER_TO_IPV6.get(error.value);
    return value === undefined ? undefined : { type: ICMPV6_PARAMPROB, code: 0, value };
  }
  if (type !== ICMP_DEST_UNREACH) return undefined;
  if (code === ICMP_FRAG_NEEDED) {
    const mtu = error.value || (PLATEAUS.find((plateau) => plateau < totalLength) ?? 0);
    const value = Math.max(IPV6_MINIMUM_MTU, mtu + HEADER_DIFFERENCE);
    return { type: ICMPV6_PKT_TOOBIG, code: 0, value };
  }
  // No such protocol: the Next Header field is not recognized.
  if (code === 2) return { type: ICMPV6_PARAMPROB, code: 1, value: NEXT_HEADER };
  const unreachable = UNREACHABLE_TO_IPV6.get(code);
  if (unreachable === undefined) return undefined;
  return { type: ICMPV6_DEST_UNREACH, code: unreachable, value: 0 };
}

/** An ICMPv6 error as one of ICMP (RFC 7915 section 5.2); undefined for what is not translated. */
export function icmpErrorToIpv4({ type, code, value }: IcmpError): IcmpError | undefined {
  if (type === ICMPV6_TIME_EXCEED) return { type: ICMP_TIME_EXCEEDED, code, value: 0 };
  if (type === ICMPV6_PKT_TOOBIG) {
    const mtu = Math.min(0xffff, Math.max(0, value - HEADER_DIFFERENCE));
    return { type: ICMP_DEST_UNREACH, code: ICMP_FRAG_NEEDED, value: mtu };
  }
  if (type === ICMPV6_PARAMPROB) {
    if (code === 1) return { type: ICMP_DEST_UNREACH, code: 2, value: 0 };
    const pointer = code === 0 ? pointerToIpv4(value) : undefined;
    return pointer === undefined
      ? undefined
      : { type: ICMP_PARAMETERPROB, code: 0, value: pointer };
  }
  const unreachable = type === ICMPV6_DEST_UNREACH ? UNREACHABLE_TO_IPV4.get(code) : undefined;
  if (unreachable === undefined) return undefined;
  return { type: ICMP_DEST_UNREACH, code: unreachable, value: 0 };
}

/** RFC 7915 figure 6. */
function pointerToIpv4(pointer: number): number | undefined {
  if (pointer >= 24 && pointer < 40) return 16;
  if (pointer >= 8 && pointer < 24) return 12;
  return [0, 1, undefined, undefined, 2, 2, 9, 8][pointer];
}
