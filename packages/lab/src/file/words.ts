import {
  type FileFirewallConfig,
  type FileNatConfig,
  type FilePortPolicy,
  type FileRouter,
  type Firewall,
  type IpSupport,
  type Nat,
  type NatConfig,
  type NatV6,
  type PortPolicy,
  type RouterPreset,
  word,
} from '@netweir/api';

type Given<Key extends keyof FileRouter> = NonNullable<FileRouter[Key]>;

export const presetOf = (preset: Given<'preset'>): RouterPreset => word<RouterPreset>(preset);
export const ipSupportOf = (support: Given<'ip_support'>): IpSupport => word<IpSupport>(support);
export const natV6Of = (nat: Given<'nat_v6'>): NatV6 => word<NatV6>(nat);

/** The words of a lab file for NAT in those of `Lab.router`. */
export function natOf(nat: Given<'nat'>): Nat {
  if (typeof nat === 'string') return word<Exclude<Nat, object>>(nat);
  return natConfigOf('custom' in nat ? nat.custom : nat);
}

function natConfigOf({ mapping, filtering, ports, hairpin, timeouts }: FileNatConfig): NatConfig {
  return {
    ...(mapping && { mapping: word<NonNullable<NatConfig['mapping']>>(mapping) }),
    ...(filtering && { filtering: word<NonNullable<NatConfig['filtering']>>(filtering) }),
    ...(ports && { ports }),
    ...(hairpin !== undefined && { hairpin }),
    ...(timeouts && {
      timeouts: {
        ...(timeouts.udp !== undefined && { udp: duration(timeouts.udp) }),
        ...(timeouts.udp_stream !== undefined && { udpStream: duration(timeouts.udp_stream) }),
        ...(timeouts.tcp_established !== undefined && {
          tcpEstablished: duration(timeouts.tcp_established),
        }),
      },
    }),
  };
}

/** A number is in seconds. */
function duration(time: number | string): string {
  return typeof time === 'number' ? `${time}s` : time;
}

/** The words of a lab file for a firewall in those of `Lab.router`. */
export function firewallOf(firewall: Given<'firewall'>): Firewall {
  if (typeof firewall === 'string') return word<Exclude<Firewall, object>>(firewall);
  const config: FileFirewallConfig = 'custom' in firewall ? firewall.custom : firewall;
  const { block_inbound: blockInbound, outbound_tcp: tcp, outbound_udp: udp } = config;
  return {
    ...(blockInbound !== undefined && { blockInbound }),
    ...(tcp !== undefined && { outboundTcp: policyOf(tcp) }),
    ...(udp !== undefined && { outboundUdp: policyOf(udp) }),
  };
}

function policyOf(policy: FilePortPolicy): PortPolicy {
  return typeof policy === 'string' ? word<Exclude<PortPolicy, object>>(policy) : policy;
}
