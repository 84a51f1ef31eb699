/** nft's names of a type's values, with their numbers. */
export type Symbols = Readonly<Record<string, number>>;

/** linux/in.h, /etc/protocols */
export const PROTOCOLS: Symbols = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  'ipv6-icmp': 58,
  icmpv6: 58,
  sctp: 132,
};

/** linux/icmp.h */
export const ICMP_TYPES: Symbols = {
  'echo-reply': 0,
  'destination-unreachable': 3,
  redirect: 5,
  'echo-request': 8,
  'time-exceeded': 11,
  'parameter-problem': 12,
};

/** linux/icmp.h, of the type destination-unreachable */
export const ICMP_CODES: Symbols = {
  'net-unreachable': 0,
  'host-unreachable': 1,
  'prot-unreachable': 2,
  'port-unreachable': 3,
  'frag-needed': 4,
  'admin-prohibited': 13,
};

/** linux/icmpv6.h */
export const ICMPV6_TYPES: Symbols = {
  'destination-unreachable': 1,
  'packet-too-big': 2,
  'time-exceeded': 3,
  'parameter-problem': 4,
  'echo-request': 128,
  'echo-reply': 129,
  'nd-router-solicit': 133,
  'nd-router-advert': 134,
  'nd-neighbor-solicit': 135,
  'nd-neighbor-advert': 136,
};

/** NF_CT_STATE_BIT of linux/netfilter/nf_conntrack_common.h */
export const CT_STATES: Symbols = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 };

/** enum ip_conntrack_dir */
export const CT_DIRECTIONS: Symbols = { original: 0, reply: 1 };

/** enum ip_conntrack_status, as bits */
export const CT_STATUSES: Symbols = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 0x10,
  dnat: 0x20,
  dying: 0x200,
};

/** RTN_* of linux/rtnetlink.h */
export const FIB_ADDRESS_TYPES: Symbols = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};
