import type { Container, Counters, Interface, Space } from '@netweir/api';

const COUNTERS: Counters = {
  atMs: 1_700_000_000_000,
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  rxDropped: 0,
  txDropped: 0,
  rxErrors: 0,
  txErrors: 0,
};

export function link(ifindex: number, name: string, more: Partial<Interface> = {}): Interface {
  return {
    ifindex,
    name,
    kind: 'veth',
    up: true,
    carrier: true,
    operstate: 'up',
    mtu: 1500,
    mac: `02:00:00:00:00:${(ifindex % 256).toString(16).padStart(2, '0')}`,
    addresses: [],
    master: null,
    peer: null,
    network: null,
    qdiscs: [{ kind: 'noqueue', handle: '0:', parent: 'root', ours: false }],
    egress: null,
    ingress: null,
    expiresAt: null,
    trafficRules: 0,
    rule: null,
    counters: COUNTERS,
    ...more,
  };
}

export function loopback(): Interface {
  return link(1, 'lo', { kind: 'loopback', mac: null, addresses: [ipv4('127.0.0.1', 8)] });
}

export function ipv4(address: string, prefixLength = 24): Interface['addresses'][number] {
  return { address, prefixLength, family: 'ipv4', scope: 'global' };
}

export function space(kind: Space['kind'], name: string, more: Partial<Space> = {}): Space {
  return {
    id: kind === 'host' ? 'host' : `${kind}:${name}`,
    kind,
    name,
    aliases: [],
    inode: 4_026_531_840,
    command: null,
    containers: [],
    interfaces: [loopback()],
    ...more,
  };
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    runtime: 'docker',
    endpoint: '/run/docker.sock',
    id: hexId(name),
    name,
    image: 'nginx:1.29',
    state: 'running',
    pid: 4242,
    createdAt: '2026-11-20T08:30:00Z',
    labels: {},
    compose: null,
    pod: null,
    rootless: false,
    networks: [],
    ports: [],
    ...more,
  };
}

/** 64 digits that are the same for the same name. */
export function hexId(name: string): string {
  return Buffer.from(name.padEnd(32, '.')).toString('hex').slice(0, 64);
}
