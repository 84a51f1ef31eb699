import type { Container } from '../container.ts';
import type { Interface, Inventory, Space } from '../inventory.ts';

/** An interface that is up and does nothing. */
export function interfaceOf(
  ifindex: number,
  name: string,
  more: Partial<Interface> = {},
): Interface {
  return {
    ifindex,
    name,
    kind: name === 'lo' ? 'loopback' : 'veth',
    up: true,
    carrier: true,
    operstate: 'up',
    mtu: 1500,
    mac: null,
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
    counters: {
      atMs: 0,
      rxBytes: 0,
      txBytes: 0,
      rxPackets: 0,
      txPackets: 0,
      rxDropped: 0,
      txDropped: 0,
      rxErrors: 0,
      txErrors: 0,
    },
    ...more,
  };
}

/** A space of the kind that its id says. */
export function spaceOf(
  id: string,
  interfaces: readonly Interface[],
  more: Partial<Space> = {},
): Space {
  return {
    id,
    kind: (id.split(':')[0] ?? id) as Space['kind'],
    name: id.slice(id.indexOf(':') + 1),
    aliases: [],
    inode: 1,
    command: null,
    containers: [],
    interfaces: [...interfaces],
    ...more,
  };
}

/** A running container without networks. */
export function containerOf(name: string, more: Partial<Container> = {}): Container {
  return {
    runtime: 'docker',
    endpoint: '/run/docker.sock',
    id: '0'.repeat(64),
    name,
    image: 'busybox',
    state: 'running',
    pid: 1,
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

export function inventoryOf(spaces: readonly Space[], stopped: Container[] = []): Inventory {
  return {
    hostname: 'h',
    kernel: 'k',
    spaces: [...spaces],
    unreadable: [],
    runtimes: [],
    stopped,
    probes: [],
    labs: [],
  };
}
