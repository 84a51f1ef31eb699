import type { Container, Interface, InterfaceNetwork, Space } from '@netweir/api';

export function nic(name: string, more: Partial<Interface> = {}): Interface {
  const none = { rxPackets: 0, txPackets: 0, rxDropped: 0, txDropped: 0, rxErrors: 0, txErrors: 0 };
  return {
    ifindex: 1,
    name,
    kind: name === 'lo' ? 'loopback' : 'veth',
    up: true,
    carrier: true,
    operstate: 'up',
    mtu: 1500,
    mac: '02:00:00:00:00:01',
    addresses: [],
    master: null,
    peer: null,
    network: null,
    qdiscs: [],
    egress: null,
    ingress: null,
    expiresAt: null,
    trafficRules: 0,
    rule: null,
    counters: { atMs: 0, rxBytes: 0, txBytes: 0, ...none },
    ...more,
  };
}

export function address(text: string): Pick<Interface, 'addresses'> {
  return { addresses: [{ address: text, prefixLength: 24, family: 'ipv4', scope: 'global' }] };
}

export function network(name: string): InterfaceNetwork {
  return { name, driver: 'bridge', internal: false, gateways: [] };
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    runtime: 'docker',
    endpoint: null,
    id: 'c0ffee',
    name,
    image: null,
    state: 'running',
    pid: null,
    createdAt: null,
    labels: {},
    compose: null,
    pod: null,
    rootless: false,
    networks: [],
    ports: [],
    ...more,
  };
}

export function space(kind: Space['kind'], name: string, more: Partial<Space> = {}): Space {
  return {
    id: kind === 'host' ? 'host' : `${kind}:${name}`,
    kind,
    name,
    aliases: [],
    inode: 1,
    command: null,
    containers: [],
    interfaces: [],
    ...more,
  };
}
