import type { Statement } from './rule-draft.ts';

/** enum nft_reject_types */
const NFT_REJECT_ICMP_UNREACH = 0;
const NFT_REJECT_TCP_RST = 1;
const NFT_REJECT_ICMPX_UNREACH = 2;

const IPPROTO_TCP = 6;

/** Codes of ICMP (linux/icmp.h), ICMPv6 (linux/icmpv6.h) and of either (enum nft_reject_inet_code). */
const CODES = {
  'no-route': { ip: 0, ip6: 0, icmpx: 0 },
  'port-unreachable': { ip: 3, ip6: 4, icmpx: 1 },
  'host-unreachable': { ip: 1, ip6: 3, icmpx: 2 },
  'admin-prohibited': { ip: 13, ip6: 1, icmpx: 3 },
} as const;

/** What the sender is told. */
export type RejectReason = keyof typeof CODES | 'tcp reset';

/** Drops the packet and says so to its sender. */
export function reject(reason: RejectReason = 'port-unreachable'): Statement {
  return (rule) => {
    if (reason === 'tcp reset') {
      rule.requireTransportProtocol(IPPROTO_TCP);
      rule.push({ name: 'reject', type: NFT_REJECT_TCP_RST });
      return;
    }
    const { family } = rule;
    const single = family === 'ip' || family === 'ip6';
    rule.push({
      name: 'reject',
      type: single ? NFT_REJECT_ICMP_UNREACH : NFT_REJECT_ICMPX_UNREACH,
      icmpCode: CODES[reason][single ? family : 'icmpx'],
    });
  };
}
