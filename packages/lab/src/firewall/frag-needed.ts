import { nftables } from '@netweir/kernel';

const { drop, icmp, icmpv6, match } = nftables;

/** Of its own, so that no change of address translation or of the firewall takes it away. */
const FRAG_NEEDED = { family: 'inet', table: 'netweir_frag_needed' } as const;

/**
 * Makes a router forward and send no word of packets that are too big for a link (RFC 1191, RFC 8201), or
 * takes that back.
 */
export function fragNeededCommands(block: boolean): nftables.Command[] {
  const destroy = nftables.destroyTable(FRAG_NEEDED);
  if (!block) return [destroy];
  const rules = (['forward', 'output'] as const).flatMap((hook) => {
    const chain = { ...FRAG_NEEDED, chain: hook };
    const base = { type: 'filter', hook, priority: nftables.PRIORITY.filter } as const;
    return [
      nftables.addChain({ ...chain, base }),
      nftables.appendRule(
        chain,
        match(icmp.type, 'destination-unreachable'),
        match(icmp.code, 'frag-needed'),
        drop,
      ),
      nftables.appendRule(chain, match(icmpv6.type, 'packet-too-big'), drop),
    ];
  });
  return [destroy, nftables.addTable(FRAG_NEEDED), ...rules];
}
