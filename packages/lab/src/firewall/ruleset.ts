import type { PortPolicy } from '@netweir/api';
import { nftables } from '@netweir/kernel';
import type { ExactFirewall } from './exact-firewall.ts';

const { accept, ct, drop, match, meta, tcp, udp } = nftables;

const FIREWALL = { family: 'inet', table: 'netweir_firewall' } as const;
const FORWARD = { ...FIREWALL, chain: 'forward' } as const;

/** Behind the chains that translate and those that filter for them. */
const PRIORITY = nftables.PRIORITY.filter + 10;

/**
 * Replaces a router's firewall, whether it has one or not. It acts on what goes from one network to another
 * through the uplink, by its name. A router without a firewall has the first rule too, so that a later
 * one knows the connections that began before.
 */
export function firewallCommands(
  { blockInbound, outboundTcp, outboundUdp }: ExactFirewall,
  uplinkName: string,
): nftables.Command[] {
  const known = match(ct.state, ['established', 'related']);
  const inbound = match(meta.iifname, uplinkName);
  return [
    nftables.destroyTable(FIREWALL),
    nftables.addTable(FIREWALL),
    nftables.addChain({
      ...FORWARD,
      base: { type: 'filter', hook: 'forward', priority: PRIORITY },
    }),
    nftables.appendRule(FORWARD, known, accept),
    ...(blockInbound ? [nftables.appendRule(FORWARD, inbound, drop)] : []),
    ...outboundCommands(outboundTcp, 'tcp', tcp.dport, uplinkName),
    ...outboundCommands(outboundUdp, 'udp', udp.dport, uplinkName),
  ];
}

function outboundCommands(
  policy: PortPolicy,
  protocol: 'tcp' | 'udp',
  port: nftables.Selector,
  uplinkName: string,
): nftables.Command[] {
  if (policy === 'allow-all') return [];
  const outbound = match(meta.oifname, uplinkName);
  const others = nftables.appendRule(FORWARD, outbound, match(meta.l4proto, protocol), drop);
  if (policy === 'block-all') return [others];
  return [nftables.appendRule(FORWARD, outbound, match(port, policy.allow), accept), others];
}
