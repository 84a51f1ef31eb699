import {
  type Capabilities,
  type Change,
  type Container,
  type EventMessage,
  type ImpairmentReport,
  type InterfaceRef,
  type Inventory,
  type LabState,
  type LabSummary,
  type Measurement,
  type NamedRule,
  type Netweir,
  NetweirError,
  type Rule,
} from '@netweir/api';

/** One call of a method that changes something. */
export interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A Netweir that touches nothing: it knows host/eth0 and records what it is asked to change. */
export class FakeNetweir implements Netweir {
  readonly changes: Call[] = [];
  readonly watchers: Set<Watcher> = new Set();
  /** What the next call rejects with. */
  failure: unknown;

  async inventory(options?: { readonly stopped?: boolean }): Promise<Inventory> {
    this.#maybeFail();
    return options?.stopped ? { ...INVENTORY, stopped: [STOPPED] } : INVENTORY;
  }

  async capabilities(): Promise<Capabilities> {
    return CAPABILITIES;
  }

  async impairment(ref: InterfaceRef): Promise<ImpairmentReport> {
    this.#maybeFail();
    if (ref.interface !== 'eth0') {
      throw new NetweirError('no-such-interface', `there is no interface ${ref.interface}`);
    }
    return reportOf(ref);
  }

  setImpairment: Netweir['setImpairment'] = async (ref, impairment) => {
    this.changes.push({ method: 'setImpairment', args: [ref, impairment] });
    this.#maybeFail();
    return { ...reportOf(ref), egress: impairment.egress ?? null, egressMechanism: 'netem' };
  };

  previewImpairment: Netweir['previewImpairment'] = async (ref) => [
    { operation: `replace netem qdisc on ${ref.interface}`, command: 'tc qdisc replace' },
  ];

  confirmImpairment: Netweir['confirmImpairment'] = async (ref) => {
    this.changes.push({ method: 'confirmImpairment', args: [ref] });
    return reportOf(ref);
  };

  clearImpairment: Netweir['clearImpairment'] = async (ref) => {
    this.changes.push({ method: 'clearImpairment', args: [ref] });
    return reportOf(ref);
  };

  setLink: Netweir['setLink'] = async (ref, state) => {
    this.changes.push({ method: 'setLink', args: [ref, state] });
  };

  forget: Netweir['forget'] = async (target) => {
    this.changes.push({ method: 'forget', args: target ? [target] : [] });
    return [{ space: 'docker:old', interface: 'eth0', at: 'container' }];
  };

  restore: Netweir['restore'] = async () => {
    this.changes.push({ method: 'restore', args: [] });
    return { restored: [], skipped: [], failed: [] };
  };

  putProbe: Netweir['putProbe'] = async (id, request) => {
    this.changes.push({ method: 'putProbe', args: [id, request] });
    return { id, ...request, interval: request.interval ?? '250ms', samples: [] };
  };

  measure: Netweir['measure'] = async (request) => {
    this.changes.push({ method: 'measure', args: [request] });
    this.#maybeFail();
    return MEASUREMENT;
  };

  deleteProbe: Netweir['deleteProbe'] = async (id) => {
    this.changes.push({ method: 'deleteProbe', args: [id] });
    this.#maybeFail();
  };

  async rules(): Promise<NamedRule[]> {
    this.#maybeFail();
    return [{ name: 'slow', rule: RULE, source: 'config' }];
  }

  putRule: Netweir['putRule'] = async (name, rule) => {
    this.changes.push({ method: 'putRule', args: [name, rule] });
    this.#maybeFail();
    return { name, rule, source: 'api' };
  };

  deleteRule: Netweir['deleteRule'] = async (name) => {
    this.changes.push({ method: 'deleteRule', args: [name] });
    this.#maybeFail();
  };

  async labs(): Promise<LabSummary[]> {
    this.#maybeFail();
    return [LAB];
  }

  lab: Netweir['lab'] = async (name, options) => {
    this.#maybeFail();
    return { ...STATE, name, sequence: options?.counters ? 2 : 1 };
  };

  labNamespaces: Netweir['labNamespaces'] = async (name, node) => {
    this.#maybeFail();
    return { network: `/proc/1/fd/${name}-${node}`, mount: null };
  };

  changeLab: Netweir['changeLab'] = async (name, change) => {
    this.changes.push({ method: 'changeLab', args: [name, change] });
    this.#maybeFail();
    return [];
  };

  putLab: Netweir['putLab'] = async (name, file) => {
    this.changes.push({ method: 'putLab', args: [name, file] });
    this.#maybeFail();
    return { ...LAB, name };
  };

  deleteLab: Netweir['deleteLab'] = async (name) => {
    this.changes.push({ method: 'deleteLab', args: [name] });
    this.#maybeFail();
  };

  watch: Netweir['watch'] = async (onMessage, onEnd) => {
    this.#maybeFail();
    const watcher: Watcher = { onMessage, onEnd, sequence: 0 };
    this.watchers.add(watcher);
    onMessage({ type: 'snapshot', sequence: 0, inventory: INVENTORY });
    return () => {
      this.watchers.delete(watcher);
    };
  };

  /** Sends changes to every watcher, as if `lost` messages before them had gone astray. */
  emit(changes: Change[], lost = 0): void {
    for (const watcher of this.watchers) {
      watcher.sequence += 1 + lost;
      watcher.onMessage({ type: 'changes', sequence: watcher.sequence, changes });
    }
  }

  #maybeFail(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

interface Watcher {
  readonly onMessage: (message: EventMessage) => void;
  readonly onEnd: (error?: Error) => void;
  sequence: number;
}

export const CAPABILITIES: Capabilities = {
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
    {
      id: 'netem',
      title: 'sch_netem',
      ok: false,
      needed: true,
      detail: 'absent',
      remedy: 'Load it.',
    },
  ],
};

export const RULE: Rule = {
  match: { name: 'web-*' },
  impairment: { egress: { delay: { mean: '100ms' } } },
};

export const LAB: LabSummary = {
  name: 'demo',
  createdAt: '2026-01-01T00:00:00.000Z',
  nodes: ['ix', 'home', 'laptop'],
  warnings: [],
};

export const STATE: LabState = {
  name: 'demo',
  sequence: 1,
  exchange: { name: 'ix', interfaces: [] },
  regions: [],
  regionLinks: [],
  routers: [],
  devices: [],
};

const STOPPED: Container = {
  runtime: 'docker',
  endpoint: '/run/docker.sock',
  id: 'c0ffee',
  name: 'old',
  image: 'nginx',
  state: 'stopped',
  pid: null,
  createdAt: null,
  labels: {},
  compose: null,
  pod: null,
  rootless: false,
  networks: [],
  ports: [],
};

const COUNTERS = {
  atMs: 1_700_000_000_000,
  rxBytes: 1,
  txBytes: 2,
  rxPackets: 3,
  txPackets: 4,
  rxDropped: 0,
  txDropped: 0,
  rxErrors: 0,
  txErrors: 0,
};

export const INVENTORY: Inventory = {
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
        {
          ifindex: 2,
          name: 'eth0',
          kind: 'physical',
          up: true,
          carrier: true,
          operstate: 'up',
          mtu: 1500,
          mac: '02:00:00:00:00:01',
          addresses: [{ address: '192.0.2.1', prefixLength: 24, family: 'ipv4', scope: 'global' }],
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
        },
      ],
    },
  ],
  unreadable: [],
  runtimes: [],
  stopped: [],
  probes: [],
  labs: [],
};

const MEASUREMENT: Measurement = {
  from: { space: 'host', interface: 'eth0', address: '192.0.2.1', port: null },
  to: { space: null, interface: null, address: '192.0.2.9', port: null },
  startedAt: '2026-11-22T12:00:00.000Z',
  durationMs: 5000,
  roundTrip: { udp: null, icmp: { sent: 1, received: 0, delay: null }, tcp: null },
  forward: null,
  backward: null,
  way: [],
  wayKnown: false,
  comparisons: [],
  verdict: null,
};

export function reportOf(ref: InterfaceRef): ImpairmentReport {
  return {
    space: ref.space,
    interface: ref.interface,
    ifindex: 2,
    egress: null,
    ingress: null,
    rules: [],
    egressMechanism: null,
    ingressMechanism: null,
    original: null,
    expiresAt: null,
    owner: null,
    persist: false,
    changedElsewhere: null,
    guarded: [],
    provisionalUntil: null,
    egressCounters: null,
    ingressCounters: null,
  };
}
