import {
  Capabilities,
  ImpairmentReport,
  type InterfaceRef,
  Inventory,
  Measurement,
  NetweirError,
} from '@netweir/api';

const counters = {
  atMs: 1_000,
  rxBytes: 1_572_864,
  txBytes: 900,
  rxPackets: 1_200,
  txPackets: 9,
  rxDropped: 0,
  txDropped: 0,
  rxErrors: 0,
  txErrors: 0,
};

const veth = {
  ifindex: 2,
  name: 'eth0',
  kind: 'veth',
  up: true,
  carrier: true,
  operstate: 'up',
  mtu: 1500,
  mac: '02:00:00:00:00:01',
  addresses: [
    { address: '10.0.0.1', prefixLength: 24, family: 'ipv4', scope: 'global' },
    { address: 'fe80::1', prefixLength: 64, family: 'ipv6', scope: 'link' },
  ],
  master: null,
  peer: null,
  network: null,
  qdiscs: [{ kind: 'noqueue', handle: '0:', parent: 'root', ours: false }],
  egress: null,
  ingress: null,
  expiresAt: null,
  trafficRules: 0,
  rule: null,
  counters,
};

const loopback = { ...veth, ifindex: 1, name: 'lo', kind: 'loopback', mac: null, addresses: [] };

/** A host with two namespaces; netns:client/eth0 is impaired, host/down0 down, host/nc0 without carrier. */
export const INVENTORY: Inventory = Inventory.parse({
  hostname: 'test',
  kernel: '6.18.0',
  spaces: [
    {
      id: 'host',
      kind: 'host',
      name: 'host',
      aliases: [],
      inode: 1,
      command: null,
      containers: [],
      interfaces: [
        loopback,
        { ...veth, peer: { space: 'netns:client', interface: 'eth0', ifindex: 2 }, master: 'br0' },
        { ...veth, ifindex: 3, name: 'down0', up: false, carrier: false, addresses: [] },
        { ...veth, ifindex: 4, name: 'nc0', kind: 'physical', carrier: false, addresses: [] },
      ],
    },
    {
      id: 'netns:client',
      kind: 'netns',
      name: 'client',
      aliases: [],
      inode: 2,
      command: null,
      containers: [],
      interfaces: [
        loopback,
        {
          ...veth,
          peer: { space: null, interface: null, ifindex: 7 },
          egress: {
            delay: { mean: '100ms', jitter: '10ms' },
            loss: { model: 'random', probability: '1%' },
          },
        },
      ],
    },
    {
      id: 'netns:empty',
      kind: 'netns',
      name: 'empty',
      aliases: [],
      inode: 3,
      command: null,
      containers: [],
      interfaces: [loopback],
    },
  ],
  unreadable: [],
  runtimes: [],
  stopped: [],
  probes: [],
  labs: [],
});

const container = {
  runtime: 'docker',
  endpoint: '/run/docker.sock',
  id: `3f2a91${'0'.repeat(58)}`,
  name: 'web',
  image: 'nginx:1.27',
  state: 'running',
  pid: 4711,
  createdAt: '2026-11-22T11:00:00.000Z',
  labels: { app: 'web' },
  compose: { project: 'shop', service: 'web' },
  pod: null,
  rootless: false,
  networks: [],
  ports: [],
};
const network = { name: 'shop_back', driver: 'bridge', internal: true, gateways: ['10.0.0.254'] };

/**
 * docker:web on the internal network shop_back, its veth and bridge on the host, the rootless and
 * paused pod:podman/db, and docker:agent, which shares the host's network; docker:old is stopped.
 */
export const CONTAINERS: Inventory = Inventory.parse({
  hostname: 'test',
  kernel: '6.18.0',
  spaces: [
    {
      id: 'pod:podman/db',
      kind: 'pod',
      name: 'podman/db',
      aliases: ['podman:db'],
      inode: 3,
      command: null,
      containers: [
        {
          ...container,
          runtime: 'podman',
          endpoint: '/run/user/1000/podman/podman.sock',
          id: 'dbdb01',
          name: 'db',
          image: 'postgres:17',
          state: 'paused',
          labels: {},
          compose: null,
          pod: { namespace: '', name: 'db', labels: { app: 'db' }, annotations: {} },
          rootless: true,
        },
      ],
      interfaces: [{ ...veth, kind: 'tun', name: 'tap0', addresses: [] }],
    },
    {
      id: 'docker:web',
      kind: 'docker',
      name: 'web',
      aliases: [],
      inode: 2,
      command: null,
      containers: [
        {
          ...container,
          ports: [
            { containerPort: 80, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080 },
            { containerPort: 443, protocol: 'tcp', hostAddress: null, hostPort: null },
          ],
        },
      ],
      interfaces: [
        loopback,
        { ...veth, network, peer: { space: 'host', interface: 'veth5', ifindex: 5 } },
      ],
    },
    {
      id: 'host',
      kind: 'host',
      name: 'host',
      aliases: ['docker:agent'],
      inode: 1,
      command: null,
      containers: [{ ...container, id: 'a9e27', name: 'agent', image: 'agent', compose: null }],
      interfaces: [
        { ...veth, ifindex: 5, name: 'veth5', addresses: [], master: 'br-shop' },
        { ...veth, ifindex: 6, name: 'br-shop', kind: 'bridge', addresses: [] },
      ],
    },
  ],
  unreadable: [],
  runtimes: [
    {
      runtime: 'docker',
      endpoint: '/run/docker.sock',
      state: 'current',
      detail: null,
      currentAt: '2026-11-22T11:00:00.000Z',
    },
    {
      runtime: 'podman',
      endpoint: '/run/podman/podman.sock',
      state: 'refused',
      detail: 'EACCES',
      currentAt: null,
    },
  ],
  stopped: [{ ...container, id: 'dead01', name: 'old', state: 'stopped', pid: null }],
  probes: [],
  labs: [],
});

/** The report of an interface that netweir leaves alone. */
export function untouchedReport(ref: InterfaceRef): ImpairmentReport {
  return ImpairmentReport.parse({
    ...ref,
    ifindex: 2,
    egress: null,
    ingress: null,
    rules: [],
    egressMechanism: null,
    ingressMechanism: null,
    original: 'noqueue',
    expiresAt: null,
    owner: null,
    persist: false,
    changedElsewhere: null,
    guarded: [],
    provisionalUntil: null,
    egressCounters: null,
    ingressCounters: null,
  });
}

export const CAPABILITIES: Capabilities = Capabilities.parse({
  version: '0.1.0',
  kernel: '6.18.0',
  netem: false,
  netemSeed: false,
  classifier: null,
  duplicateBesideOthers: false,
  ifb: false,
  tbf: true,
  userspace: false,
  checks: [
    { id: 'cap_net_admin', title: 'CAP_NET_ADMIN', ok: true, needed: true, detail: 'there' },
    {
      id: 'netem',
      title: 'sch_netem',
      ok: false,
      needed: false,
      detail: 'this kernel has none',
      remedy: 'Take a kernel with CONFIG_NET_SCH_NETEM.',
    },
  ],
});

/** An error as the kernel's refusal of one interface gives. */
export function lacksNetem({ space, interface: name }: InterfaceRef): NetweirError {
  return new NetweirError('kernel-lacks-netem', `cannot add netem to ${space}/${name}: ENOENT`, {
    remedy: 'Load sch_netem.',
  });
}

const delay = {
  samples: 2450,
  minMs: 50,
  medianMs: 50.03,
  meanMs: 50.1,
  p99Ms: 51.9,
  maxMs: 54.7,
  jitterMs: 0.4,
};

const oneWay = {
  sent: 2500,
  received: 2450,
  lost: 50,
  duplicated: 0,
  reordered: 0,
  corrupted: 0,
  delay,
  udpBitPerSec: null,
  tcpBitPerSec: null,
};

const comparison = { heading: 'forward', by: 'udp', samples: 2500, hints: [] };

export const MEASUREMENT: Measurement = Measurement.parse({
  from: { space: 'netns:client', interface: 'eth0', address: '10.0.0.1', port: null },
  to: { space: 'netns:server', interface: 'eth0', address: '10.0.0.2', port: null },
  startedAt: '2026-11-22T12:00:00.000Z',
  durationMs: 5100,
  roundTrip: { udp: null, icmp: { sent: 100, received: 98, delay }, tcp: null },
  forward: oneWay,
  backward: {
    ...oneWay,
    received: 2500,
    lost: 0,
    udpBitPerSec: 9_990_000,
    tcpBitPerSec: 9_400_000,
  },
  way: [
    {
      heading: 'forward',
      space: 'netns:client',
      interface: 'eth0',
      direction: 'egress',
      mechanism: 'netem',
      set: { delay: { mean: '50ms' }, loss: { model: 'random', probability: '5%' } },
      droppedPackets: 50,
    },
  ],
  wayKnown: true,
  comparisons: [
    {
      ...comparison,
      quantity: 'delay',
      unit: 'ms',
      set: 50,
      achieved: 50.03,
      low: 50.02,
      high: 50.04,
      allowance: 1,
      verdict: 'as set',
    },
    {
      ...comparison,
      quantity: 'loss',
      unit: '%',
      set: 5,
      achieved: 2,
      low: 1.4,
      high: 2.9,
      allowance: 0.2,
      verdict: 'differs',
      hints: ['another one is set'],
    },
  ],
  verdict: 'differs',
});
