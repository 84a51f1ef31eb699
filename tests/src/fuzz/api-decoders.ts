import { readdirSync, readFileSync } from 'node:fs';
import * as api from '@netweir/api';
import { parseLabFile } from '@netweir/lab';
import { parseConfig } from '../../../packages/daemon/dist/config/read.js';
import { type Decoder, ofJson, ofText } from './decoder.ts';
import { isNetweirError } from './text-errors.ts';

const EGRESS = {
  delay: { mean: '100ms', jitter: '10ms', correlation: '25%', distribution: 'normal' },
  loss: { model: 'gilbert-elliott', p: '1%', r: '10%', lossInBad: '70%', lossInGood: '0.1%' },
  duplicate: { probability: '1%', correlation: '10%' },
  corrupt: { probability: '0.1%' },
  reorder: { probability: '25%', correlation: '50%', gap: 5 },
  limitPackets: 1000,
  ecn: true,
  seed: '7',
};
const INGRESS = {
  loss: { model: 'state', p13: '1%', p31: '90%', p32: '5%', p23: '99%', p14: '0.5%' },
  rate: { rate: '10mbit', packetOverheadBytes: -20, cellBytes: 48, cellOverheadBytes: 5 },
  slot: { minDelay: '1ms', maxDelay: '2ms', maxPackets: 10, maxBytes: 0 },
};
const SLOTS = { slot: { distribution: 'pareto', delay: '1ms', jitter: '100us' } };
const RULES = [
  {
    match: {
      remote: ['10.0.0.0/8', 'example.org'],
      protocol: 'tcp',
      remotePorts: ['443', '8000-8010'],
    },
    egress: EGRESS,
  },
  { match: { local: ['2001:db8::/32'], dscp: 46, family: 6 }, exclude: true },
];
const IMPAIRMENT = { egress: EGRESS, ingress: INGRESS, rules: RULES, engine: 'kernel', for: '5m' };
const RULE = {
  match: { name: 'web*', image: 'nginx:*', labels: { tier: 'a?' } },
  interface: 'eth*',
  impairment: IMPAIRMENT,
};
const CONTAINER = {
  runtime: 'docker',
  endpoint: 'unix:///run/docker.sock',
  id: 'a'.repeat(64),
  name: 'web',
  image: 'nginx',
  state: 'running',
  pid: 7,
  createdAt: '2026-01-01T00:00:00.000Z',
  labels: { a: 'b' },
  compose: { project: 'p', service: 's' },
  pod: null,
  rootless: false,
  networks: [
    {
      name: 'bridge',
      driver: 'bridge',
      internal: false,
      bridge: 'docker0',
      addresses: ['172.17.0.2'],
      gateways: ['172.17.0.1'],
      mac: '02:42:ac:11:00:02',
    },
  ],
  ports: [{ containerPort: 80, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080 }],
};
const INTERFACE = {
  ...{
    ifindex: 2,
    name: 'eth0',
    kind: 'veth',
    up: true,
    carrier: true,
    operstate: 'up',
    mtu: 1500,
  },
  mac: '02:00:00:00:00:01',
  addresses: [{ address: '10.0.0.1', prefixLength: 24, family: 'ipv4', scope: 'global' }],
  master: null,
  peer: { space: 'host', interface: 'v0', ifindex: 7 },
  network: { name: 'bridge', driver: null, internal: false, gateways: [] },
  qdiscs: [{ kind: 'netem', handle: '4e57:', parent: 'root', ours: true }],
  egress: EGRESS,
  ingress: null,
  trafficRules: 0,
  expiresAt: null,
  rule: null,
  counters: {
    ...{ atMs: 1.5, rxBytes: 1, txBytes: 1, rxPackets: 1, txPackets: 1 },
    ...{ rxDropped: 0, txDropped: 0, rxErrors: 0, txErrors: 0 },
  },
};
const SPACE = {
  ...{ id: 'docker:web', kind: 'docker', name: 'web', aliases: ['pid:7'], inode: 4026531841 },
  command: null,
  containers: [CONTAINER],
  interfaces: [INTERFACE],
};
const INVENTORY = {
  ...{ hostname: 'h', kernel: '6.1', spaces: [SPACE], unreadable: [{ name: 'a', reason: 'b' }] },
  ...{ runtimes: [], stopped: [], probes: [], labs: [] },
};
const PROBLEM = api.problemOf(new api.NetweirError('invalid-target', 'x', { remedy: 'y' }));
const LABS = readdirSync('labs').map(
  (name) => parseLabFile(readFileSync(`labs/${name}`, 'utf8')).file,
);

const TC = [
  'netem delay 100ms 10ms 25% distribution normal loss 1% 10% duplicate 1% corrupt 0.1% reorder 25% 50% gap 5',
  'netem loss gemodel 1% 10% 70% 0.1% rate 10mbit 20 48 5 limit 1000 slot 1ms 2ms packets 3 bytes 4 ecn',
  'netem loss state 1% 90% 5% 99% 0.5% seed 0x7 slot distribution pareto 1ms 100us',
  'tbf rate 1mbit burst 32kbit/8 latency 400ms peakrate 2mbps mtu 1540',
  'tc qdisc add dev eth0 root handle 1: htb default 10\ntc class add dev eth0 parent 1: classid 1:10 htb rate 1mbit ceil 2mbit burst 15k\nsudo tc qdisc add dev eth0 parent 1:10 netem delay 5000',
];

/** Every schema with what it takes. */
const SCHEMAS = {
  Direction: [api.Direction, [EGRESS, INGRESS, SLOTS]],
  Impairment: [api.Impairment, [IMPAIRMENT]],
  TrafficRule: [api.TrafficRule, RULES],
  TrafficMatch: [api.TrafficMatch, RULES.map(({ match }) => match)],
  Rule: [api.Rule, [RULE]],
  NamedRule: [api.NamedRule, [{ name: 'r', rule: RULE, source: 'api' }]],
  Config: [api.Config, [{ containers: { docker: { socket: 'auto' } }, rules: { r: RULE } }]],
  ProbeRequest: [api.ProbeRequest, [{ space: 'host', address: '10.0.0.1', interval: '250ms' }]],
  LabChange: [
    api.LabChange,
    [
      { type: 'link', node: 'a', interface: 'eth0', state: 'up' },
      { type: 'nat', node: 'a', nat: 'home' },
      { type: 'conditions', node: 'a', interface: 'eth0', conditions: { latencyMs: 5 } },
      { type: 'link-regions', between: ['eu', 'us'], conditions: 'wifi' },
      { type: 'firewall', node: 'a', firewall: 'none' },
    ],
  ],
  LabFile: [api.LabFile, LABS],
  Container: [api.Container, [CONTAINER]],
  Inventory: [api.Inventory, [INVENTORY]],
  EventMessage: [
    api.EventMessage,
    [
      { type: 'snapshot', sequence: 1, inventory: INVENTORY },
      { type: 'changes', sequence: 2, changes: [{ type: 'space', space: SPACE }] },
    ],
  ],
  Problem: [api.Problem, [PROBLEM]],
} as const;

const refusesWithNetweirError = { mayThrow: isNetweirError, isSlow: true } as const;

export const API_DECODERS: readonly Decoder[] = [
  ...Object.entries(SCHEMAS).map(([name, [schema, seeds]]) =>
    ofJson({
      name: `validate ${name}`,
      covers: [],
      seeds,
      decode: (json) => api.validate(schema, parseJson(json), 'the request'),
      ...refusesWithNetweirError,
    }),
  ),
  ofJson({
    name: 'exactDirection',
    covers: [],
    seeds: [EGRESS, INGRESS, SLOTS],
    decode: (json) => api.exactDirection(api.validate(api.Direction, parseJson(json), 'it')),
    ...refusesWithNetweirError,
  }),
  ofText({
    name: 'parseConfig',
    covers: ['daemon/config/read.ts parseConfig'],
    seeds: [
      JSON.stringify({ containers: { docker: { socket: '/run/d.sock' } }, rules: { r: RULE } }),
      "// a comment\n{ containers: { labels: { allow: ['docker:*'], }, }, rules: {} }",
    ],
    decode: (text) => parseConfig(text, 'config.json5'),
    ...refusesWithNetweirError,
  }),
  ofText({
    name: 'parseRate',
    covers: ['api/units/rate.ts parseRate'],
    seeds: ['10mbit', '1.5gbit', '64kbit', '10MB/s', '1KiB/s', '10mbps'],
    decode: api.parseRate,
    mayThrow: isNetweirError,
  }),
  ofText({
    name: 'parsePercent',
    covers: ['api/units/percent.ts parsePercent'],
    seeds: ['1%', '0.05%', '100%', '33.333333333333333%'],
    decode: api.parsePercent,
    mayThrow: isNetweirError,
  }),
  ofText({
    name: 'parseDuration',
    covers: ['api/units/duration.ts parseDuration'],
    seeds: ['100ms', '1.5s', '250us', '1h', '0.000001ms'],
    decode: api.parseDuration,
    mayThrow: isNetweirError,
  }),
  ofText({
    name: 'parseTarget',
    covers: ['api/target.ts parseTarget'],
    seeds: ['eth0', 'host/eth0', 'docker:web/eth0', 'pod:shop/cart-*/eth0', 'pid:7', 'netns:a'],
    decode: api.parseTarget,
    mayThrow: isNetweirError,
  }),
  ofText({
    name: 'readTc',
    covers: [
      ...['direction-of-tc.ts readTc', 'netem.ts readNetem', 'tbf.ts readTbf', 'htb.ts readHtb'],
      ...['htb.ts readHtbClass', 'keywords.ts readKeywords'],
    ].map((name) => `api/tc/${name}`),
    seeds: TC,
    decode: api.readTc,
    mayThrow: isNetweirError,
  }),
  ofText({
    name: 'parsePorts',
    covers: ['api/impairment/traffic.ts parsePorts'],
    seeds: ['443', '8000-8010', '0-65535'],
    decode: api.parsePorts,
  }),
  ofJson({
    name: 'directionFromFlags',
    covers: [],
    seeds: [
      { delay: '100ms', jitter: '10ms', loss: '1%', rate: '10mbit', reorder: '25%', limit: '9' },
      { lossGemodel: '1%,10%,70%,0.1%', slot: '1ms,2ms', slotPackets: '3', ecn: true, seed: '1' },
      { lossState: '1%,90%', slotDistribution: 'normal,1ms,2ms', cellSize: '48' },
    ],
    decode: (json) => api.directionFromFlags(textsOf(parseJson(json)), api.writtenFlag),
    ...refusesWithNetweirError,
  }),
];

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a command line gives: texts by the names of flags. */
function textsOf(value: unknown): api.DirectionFlags {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(
    entries.filter(
      ([name, text]) =>
        api.DIRECTION_FLAGS.some((flag) => flag === name) && typeof text === 'string',
    ),
  );
}
