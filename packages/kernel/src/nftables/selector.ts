import type { IpFamily } from '../route/ip-address.ts';
import { type DataType, type DataTypeName, dataType, type Value } from './data-type.ts';
import { register } from './expression.ts';
import * as keys from './meta-keys.ts';
import type { RuleDraft } from './rule-draft.ts';

/** What of a packet is looked at, under nft's name: `meta.iifname`, `udp.dport`. */
export interface Selector {
  readonly type: DataTypeName;
  /** Makes sure that the packet has such a thing. */
  readonly guard?: (rule: RuleDraft) => void;
  /**
   * Puts it into registers from the `word`th four bytes on; of what is in a packet's header only the
   * first `length` bytes, where that is given.
   */
  readonly load: (rule: RuleDraft, word: number, length?: number) => void;
  /** Goes on with packets of which it is `value`, and remembers that. */
  readonly require?: (rule: RuleDraft, value: number) => void;
  /** Can be loaded in part. */
  readonly inHeader?: true;
}

type Selectors<Name extends string> = Readonly<Record<Name, Selector>>;

const NFT_PAYLOAD_LL_HEADER = 0;
const NFT_PAYLOAD_NETWORK_HEADER = 1;
const NFT_PAYLOAD_TRANSPORT_HEADER = 2;

/** enum nft_ct_keys */
const NFT_CT_STATE = 0;
const NFT_CT_DIRECTION = 1;
const NFT_CT_STATUS = 2;
const NFT_CT_MARK = 3;
const NFT_CT_EXPIRATION = 5;
const NFT_CT_PROTO_SRC = 11;
const NFT_CT_PROTO_DST = 12;
const NFT_CT_SRC_IP = 19;
const NFT_CT_DST_IP = 20;

/** enum ip_conntrack_dir (linux/netfilter/nf_conntrack_tuple_common.h) */
const IP_CT_DIR_ORIGINAL = 0;
const IP_CT_DIR_REPLY = 1;

const NFT_SOCKET_TRANSPARENT = 0;
const NFT_NG_RANDOM = 1;
const NFT_FIB_RESULT_ADDRTYPE = 3;
const NFTA_FIB_F_SADDR = 1;
const NFTA_FIB_F_DADDR = 2;

/** linux/in.h */
const IPPROTO_ICMP = 1;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
const IPPROTO_ICMPV6 = 58;

/** What the kernel knows of a packet beside its bytes. */
export const meta: Selectors<'mark' | 'iif' | 'oif' | 'iifname' | 'oifname' | 'l4proto'> = {
  mark: metaKey('mark', keys.NFT_META_MARK),
  /** The number of the interface, which another may have once it is made again; see `iifname`. */
  iif: metaKey('ifindex', keys.NFT_META_IIF),
  oif: metaKey('ifindex', keys.NFT_META_OIF),
  iifname: metaKey('ifname', keys.NFT_META_IIFNAME),
  oifname: metaKey('ifname', keys.NFT_META_OIFNAME),
  l4proto: {
    ...metaKey('inet_proto', keys.NFT_META_L4PROTO),
    require: (rule: RuleDraft, value: number) => rule.requireTransportProtocol(value),
  },
};

/** What conntrack knows of a packet's connection. */
export const ct: Selectors<'state' | 'direction' | 'status' | 'mark' | 'expiration'> = {
  state: ctKey('ct_state', NFT_CT_STATE),
  direction: ctKey('ct_dir', NFT_CT_DIRECTION),
  status: ctKey('ct_status', NFT_CT_STATUS),
  mark: ctKey('mark', NFT_CT_MARK),
  /** Milliseconds until conntrack forgets the connection; of its first packet it says nothing. */
  expiration: ctKey('time', NFT_CT_EXPIRATION),
};

type TupleKey = 'saddr' | 'daddr' | 'protoSrc' | 'protoDst';

/**
 * The IPv4 addresses and the ports of the packets with which a packet's connection began, before any
 * translation (nft's `ct original`), whichever way the packet itself goes.
 */
export const ctOriginal: Selectors<TupleKey> = tupleOf(IP_CT_DIR_ORIGINAL);

/** Those of the packets that answer, as they arrive here (nft's `ct reply`). */
export const ctReply: Selectors<TupleKey> = tupleOf(IP_CT_DIR_REPLY);

/** The Ethernet header, in chains of the family netdev. */
export const ether: Selectors<'saddr' | 'daddr'> = {
  saddr: link('ether_addr', 6),
  daddr: link('ether_addr', 0),
};

/** The IPv4 header. */
export const ip: Selectors<'protocol' | 'saddr' | 'daddr'> = {
  protocol: network('inet_proto', 4, 9),
  saddr: network('ipv4_addr', 4, 12),
  daddr: network('ipv4_addr', 4, 16),
};

/** The IPv6 header. */
export const ip6: Selectors<'saddr' | 'daddr'> = {
  saddr: network('ipv6_addr', 6, 8),
  daddr: network('ipv6_addr', 6, 24),
};

export const tcp: Selectors<'sport' | 'dport'> = {
  sport: transport('inet_service', IPPROTO_TCP, 0),
  dport: transport('inet_service', IPPROTO_TCP, 2),
};

export const udp: Selectors<'sport' | 'dport'> = {
  sport: transport('inet_service', IPPROTO_UDP, 0),
  dport: transport('inet_service', IPPROTO_UDP, 2),
};

/** The ports of whatever transport protocol; what has none does not match. */
export const th: Selectors<'sport' | 'dport'> = {
  sport: transport('inet_service', undefined, 0),
  dport: transport('inet_service', undefined, 2),
};

export const icmp: Selectors<'type' | 'code'> = {
  type: transport('icmp_type', IPPROTO_ICMP, 0, 4),
  code: transport('icmp_code', IPPROTO_ICMP, 1, 4),
};

export const icmpv6: Selectors<'type' | 'code'> = {
  type: transport('icmpv6_type', IPPROTO_ICMPV6, 0, 6),
  code: transport('icmpv6_code', IPPROTO_ICMPV6, 1, 6),
};

/**
 * The socket of this host that a packet is for, where there is one: whether it has IP_TRANSPARENT. In
 * chains of prerouting and input.
 */
export const socket: Selectors<'transparent'> = {
  transparent: {
    type: 'boolean',
    load: (rule, word) =>
      rule.push({ name: 'socket', key: NFT_SOCKET_TRANSPARENT, dreg: register(word) }),
  },
};

/** What an address is to this host: `local`, `broadcast`, ... */
export const fib: Selectors<'saddrType' | 'daddrType'> = {
  saddrType: fibType(NFTA_FIB_F_SADDR),
  daddrType: fibType(NFTA_FIB_F_DADDR),
};

/** The same value of every packet. */
export function constant(type: DataTypeName, value: Value): Selector {
  const data = dataType(type).encode(value);
  return {
    type,
    load: (rule, word) => rule.push({ name: 'immediate', dreg: register(word), data }),
  };
}

/** What a map has for a key of the packet (nft's `ether saddr map @name`); where it has nothing, the rule ends. */
export function mapped(key: Selector, map: string, type: DataTypeName): Selector {
  return {
    type,
    ...(key.guard && { guard: key.guard }),
    load: (rule, word) => {
      key.load(rule, word);
      rule.push({ name: 'lookup', set: map, sreg: register(word), dreg: register(word) });
    },
  };
}

/** A random integer from 0 to `modulus` - 1, drawn for every packet. */
export function numgenRandom(modulus: number): Selector {
  return {
    type: 'integer',
    load: (rule, word) => {
      const dreg = register(word);
      rule.push({ name: 'numgen', dreg, modulus, type: NFT_NG_RANDOM, offset: 0 });
    },
  };
}

/** The type of what a selector gives. */
export function typeOf(selector: Selector): DataType {
  return dataType(selector.type);
}

function metaKey(type: DataTypeName, key: number): Selector {
  return { type, load: (rule, word) => rule.push({ name: 'meta', key, dreg: register(word) }) };
}

function ctKey(type: DataTypeName, key: number): Selector {
  return { type, load: (rule, word) => rule.push({ name: 'ct', key, dreg: register(word) }) };
}

function tupleOf(direction: number): Selectors<TupleKey> {
  const tupleKey = (type: DataTypeName, key: number): Selector => ({
    type,
    load: (rule, word) => rule.push({ name: 'ct', key, dreg: register(word), direction }),
  });
  return {
    saddr: tupleKey('ipv4_addr', NFT_CT_SRC_IP),
    daddr: tupleKey('ipv4_addr', NFT_CT_DST_IP),
    protoSrc: tupleKey('inet_service', NFT_CT_PROTO_SRC),
    protoDst: tupleKey('inet_service', NFT_CT_PROTO_DST),
  };
}

function link(type: DataTypeName, offset: number): Selector {
  return {
    type,
    inHeader: true,
    guard: (rule) => rule.requireEthernet(),
    load: payload(NFT_PAYLOAD_LL_HEADER, offset, dataType(type).length),
  };
}

function network(type: DataTypeName, family: IpFamily, offset: number): Selector {
  return {
    type,
    inHeader: true,
    guard: (rule) => rule.requireNetworkProtocol(family),
    load: payload(NFT_PAYLOAD_NETWORK_HEADER, offset, dataType(type).length),
  };
}

function transport(
  type: DataTypeName,
  protocol: number | undefined,
  offset: number,
  family?: IpFamily,
): Selector {
  return {
    type,
    inHeader: true,
    guard: (rule) => {
      if (family !== undefined) rule.requireNetworkProtocol(family);
      if (protocol !== undefined) rule.requireTransportProtocol(protocol);
    },
    load: payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset, dataType(type).length),
  };
}

function payload(base: number, offset: number, whole: number): Selector['load'] {
  return (rule, word, length = whole) =>
    rule.push({ name: 'payload', dreg: register(word), base, offset, length });
}

function fibType(flags: number): Selector {
  return {
    type: 'fib_addrtype',
    load: (rule, word) => {
      const dreg = register(word);
      rule.push({ name: 'fib', dreg, result: NFT_FIB_RESULT_ADDRTYPE, flags });
    },
  };
}
