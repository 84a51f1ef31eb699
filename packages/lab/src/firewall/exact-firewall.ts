import {
  Firewall,
  type FirewallConfig,
  type FirewallName,
  type PortPolicy,
  validate,
} from '@netweir/api';

/** What a firewall does, with nothing left to be understood. */
export interface ExactFirewall {
  /** Whether nothing comes in that nobody asked for. */
  readonly blockInbound: boolean;
  readonly outboundTcp: PortPolicy;
  readonly outboundUdp: PortPolicy;
}

const HTTP = 80;
const HTTPS = 443;
const DNS = 53;

const FIREWALLS: Readonly<Record<FirewallName, FirewallConfig>> = {
  none: {},
  'block-inbound': { blockInbound: true },
  corporate: {
    blockInbound: true,
    outboundTcp: { allow: [HTTP, HTTPS] },
    outboundUdp: { allow: [DNS] },
  },
  'captive-portal': { blockInbound: true, outboundUdp: { allow: [DNS] } },
};

/**
 * A firewall in detail, whether it was given by name or in part.
 * @throws {NetweirError} `invalid-request`
 */
export function exactFirewall(firewall: Firewall): ExactFirewall {
  const valid = validate(Firewall, firewall, 'the firewall');
  const config = typeof valid === 'string' ? FIREWALLS[valid] : valid;
  return {
    blockInbound: config.blockInbound ?? false,
    outboundTcp: exactPolicy(config.outboundTcp),
    outboundUdp: exactPolicy(config.outboundUdp),
  };
}

/** Each port once and in order; to allow none of them is to block all. */
function exactPolicy(policy: PortPolicy = 'allow-all'): PortPolicy {
  if (typeof policy === 'string') return policy;
  const ports = [...new Set(policy.allow)].sort((a, b) => a - b);
  return ports.length > 0 ? { allow: ports } : 'block-all';
}
