import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LabEvent, LabState, LabSummary } from '@netweir/api';
import { type FakeNetweir, fakeNetweir } from '../../test-support/fake-netweir.ts';
import { runWith } from '../../test-support/run.ts';

const DEMO = LabSummary.parse({
  name: 'demo',
  createdAt: '2026-11-22T12:00:00Z',
  nodes: ['ix', 'home', 'laptop'],
  warnings: [],
});

const eth0 = {
  name: 'eth0',
  ifindex: 101,
  up: true,
  carrier: true,
  mtu: 1500,
  mac: null,
  addresses: [
    { address: '10.0.1.2', prefixLength: 24, family: 'ipv4', scope: 'global' },
    { address: 'fe80::1', prefixLength: 64, family: 'ipv6', scope: 'link' },
  ],
  to: 'home',
  egress: { delay: { mean: '5ms' } },
  ingress: { delay: { mean: '5ms' } },
};

const STATE = LabState.parse({
  name: 'demo',
  sequence: 3,
  exchange: { name: 'ix', interfaces: [] },
  regions: [],
  regionLinks: [{ between: ['eu', 'us'], egress: null, ingress: null, broken: 'blackhole' }],
  routers: [
    {
      name: 'home',
      upstream: 'ix',
      region: null,
      ip: 'dual-stack',
      nat: 'home',
      natV6: 'none',
      firewall: 'block-inbound',
      blockFragNeeded: false,
      downlink: { ipv4: '10.0.1.0/24', ipv6: null },
      interfaces: [{ ...eth0, name: 'lan', to: null, up: false, egress: null, ingress: null }],
    },
  ],
  devices: [
    { name: 'laptop', defaultInterface: 'eth0', ipv4: '10.0.1.2', ipv6: null, interfaces: [eth0] },
  ],
});

const EVENT = LabEvent.parse({
  sequence: 4,
  at: '2026-11-22T12:00:01Z',
  kind: 'link-down',
  node: 'laptop',
  interface: 'eth0',
  value: null,
});

function withLab(): FakeNetweir {
  return fakeNetweir({
    labs: () => Promise.resolve([DEMO]),
    lab: () => Promise.resolve(STATE),
    changeLab: () => Promise.resolve([EVENT]),
    deleteLab: () => Promise.resolve(),
  });
}

const plain = (text: string): string => text.replace(/ {2,}/gu, '  ');

describe('labs', () => {
  test('are listed', async () => {
    const { code, stdout } = await runWith(withLab(), ['lab', 'ls']);
    assert.equal(code, 0);
    assert.match(plain(stdout), /^LAB {2}NODES {2}SINCE\ndemo {2}ix home laptop {2}2026-11-22 /u);
    const json = await runWith(withLab(), ['lab', 'ls', '--json']);
    assert.deepEqual(JSON.parse(json.stdout), [DEMO]);
    const none = fakeNetweir({ labs: () => Promise.resolve([]) });
    assert.equal((await runWith(none, ['lab', 'ls'])).stdout, 'no labs\n');
  });

  test('are shown with what their nodes and links do', async () => {
    const { code, stdout } = await runWith(withLab(), ['lab', 'show', 'demo']);
    assert.equal(code, 0);
    assert.equal(
      plain(stdout),
      `INTERFACE  STATE  TO  ADDRESSES  MTU  CONDITIONS
ix  exchange
home  router: NAT home, firewall block-inbound
  lan  down  10.0.1.2/24  1500
laptop  device
  eth0  up  home (default)  10.0.1.2/24  1500  both ways delay 5ms
eu — us  broken: blackhole
`,
    );
    const json = await runWith(withLab(), ['lab', 'show', 'demo', '--json']);
    assert.deepEqual(JSON.parse(json.stdout), STATE);
  });

  test('are drawn', async () => {
    const graph = (...flags: string[]) => runWith(withLab(), ['lab', 'graph', 'demo', ...flags]);
    assert.match((await graph()).stdout, /^flowchart TB\n/u);
    assert.match((await graph('--format', 'svg')).stdout, /^<svg /u);
    const json = JSON.parse((await graph('--format', 'json')).stdout);
    assert.deepEqual(json, JSON.parse((await graph('--json')).stdout));
    assert.ok(json.nodes.length > 0);
  });

  test('are taken down', async () => {
    const netweir = withLab();
    const { code, stdout } = await runWith(netweir, ['lab', 'down', 'demo']);
    assert.deepEqual([code, stdout], [0, 'lab demo: down\n']);
    assert.deepEqual(netweir.calls, [['deleteLab', 'demo'], ['close']]);
  });

  for (const line of [
    'lab ls',
    'lab show demo',
    'lab down demo',
    'lab set demo/home --flush-nat',
  ]) {
    test(`${line} needs a daemon`, async () => {
      const netweir = withLab();
      const { code, stderr } = await runWith(netweir, line.split(' '), 'process');
      assert.equal(code, 1);
      assert.match(stderr, /labs live in the daemon, and none runs\n.*netweir up.*lab up FILE/);
      assert.deepEqual(netweir.calls, [['close']]);
    });
  }
});

const LAPTOP = { node: 'laptop', interface: 'eth0' };
const HOME = { node: 'home' };
const BETWEEN = { between: ['eu', 'us'] };
const delay = { delay: { mean: '30ms', jitter: '5ms' } };

describe('lab set', () => {
  for (const [line, ...changes] of [
    ['demo/laptop/eth0 --down', { type: 'link', state: 'down', ...LAPTOP }],
    ['lab:demo/laptop/eth0 --up', { type: 'link', state: 'up', ...LAPTOP }],
    ['demo/laptop/eth0 --default', { type: 'default-route', ...LAPTOP }],
    ['demo/laptop/eth0 --renew', { type: 'renew-address', ...LAPTOP }],
    ['demo/laptop/eth0 --replug cafe', { type: 'replug', to: 'cafe', ...LAPTOP }],
    ['demo/laptop/eth0 --plug cafe', { type: 'add-interface', to: 'cafe', ...LAPTOP }],
    ['demo/laptop/eth0 --remove', { type: 'remove-interface', ...LAPTOP }],
    ['demo/laptop/eth0 --condition wifi', { type: 'conditions', conditions: 'wifi', ...LAPTOP }],
    [
      'demo/laptop/eth0 --tc netem\tdelay\t5ms\tlimit\t9',
      {
        type: 'conditions',
        conditions: { delay: { mean: '5ms' }, limitPackets: 9 },
        ...LAPTOP,
      },
    ],
    ['demo/laptop/eth0 --condition none', { type: 'conditions', conditions: null, ...LAPTOP }],
    [
      'demo/laptop/eth0 --delay 30ms --jitter 5ms',
      { type: 'conditions', conditions: delay, ...LAPTOP },
    ],
    [
      'demo/laptop/eth0 --condition wifi --ingress',
      { type: 'conditions', conditions: { ingress: 'wifi' }, ...LAPTOP },
    ],
    [
      'demo/laptop/eth0 --delay 30ms --jitter 5ms --egress',
      { type: 'conditions', conditions: { egress: delay }, ...LAPTOP },
    ],
    [
      'demo/laptop/eth0 --add-address 10.0.1.9/24 --mtu 1400 --up',
      { type: 'add-address', address: '10.0.1.9/24', ...LAPTOP },
      { type: 'mtu', mtu: 1400, ...LAPTOP },
      { type: 'link', state: 'up', ...LAPTOP },
    ],
    [
      'demo/home --nat cgnat --nat-v6 nptv6 --firewall corporate --block-frag-needed yes --flush-nat',
      { type: 'nat', nat: 'cgnat', ...HOME },
      { type: 'nat-v6', natV6: 'nptv6', ...HOME },
      { type: 'flush-nat', ...HOME },
      { type: 'firewall', firewall: 'corporate', ...HOME },
      { type: 'block-frag-needed', block: true, ...HOME },
    ],
    ['demo --between eu/us --down', { type: 'break-region-link', ...BETWEEN }],
    [
      'demo --between eu/us --blackhole',
      { type: 'break-region-link', mode: 'blackhole', ...BETWEEN },
    ],
    [
      'demo --between eu/us --down --blackhole',
      { type: 'break-region-link', mode: 'blackhole', ...BETWEEN },
    ],
    ['demo --between eu/us --up', { type: 'restore-region-link', ...BETWEEN }],
    [
      'demo --between eu/us --condition satellite',
      { type: 'region-link-conditions', conditions: 'satellite', ...BETWEEN },
    ],
    ['demo --between eu/us --remove', { type: 'unlink-regions', ...BETWEEN }],
    ['demo/home --uplink ix', { type: 'uplink', to: 'ix', ...HOME }],
    ['demo/home --remove', { type: 'remove-node', ...HOME }],
  ] as const) {
    test(line, async () => {
      const netweir = withLab();
      const { code, stdout } = await runWith(netweir, ['lab', 'set', ...line.split(' ')]);
      assert.equal(code, 0);
      assert.equal(stdout, 'demo/laptop/eth0: link-down\n'.repeat(changes.length));
      assert.deepEqual(
        netweir.calls.slice(0, -1),
        changes.map((change) => ['changeLab', 'demo', change]),
      );
    });
  }

  test('with --json gives what has happened', async () => {
    const argv = ['lab', 'set', 'demo/laptop/eth0', '--down', '--mtu', '1400', '--json'];
    assert.deepEqual(JSON.parse((await runWith(withLab(), argv)).stdout), [EVENT, EVENT]);
  });

  for (const [line, message] of [
    ['demo/laptop/eth0', /told what to do/],
    ['demo/laptop/eth0 --up --down', /--up and --down exclude/],
    ['demo/laptop/eth0 --condition wifi --delay 5ms', /--condition and what it stands for exclude/],
    ['demo/laptop/eth0 --condition wyfi', /conditions: /],
    ['demo/laptop/eth0 --ingress', /--egress and --ingress need a condition/],
    ['demo/laptop/eth0 --reorder 5%', /reorder/],
    ['demo/laptop/eth0 --mtu 50', /mtu: /],
    ['demo/laptop --down', /an interface\n.*LAB\/NODE\/INTERFACE/],
    ['demo/laptop/eth0 --nat home', /a node\n.*LAB\/NODE/],
    ['demo --between eu --up', /between: /],
    ['demo --between eu/us --up --blackhole', /--up and --blackhole exclude/],
    ['demo --between eu/us', /told what to do/],
    ['demo --between eu/us --renew', /an interface\n/],
    ['demo/eu --between eu/us --up', /the link between two regions\n/],
    ['demo --blackhole', /the link between two regions\n/],
    ['demo --nat home', /a node\n.*LAB\/NODE/],
    ['demo/home --nat home --natt x', /unknown option '--natt'/],
    ['demo/a_b --nat home', /"demo\/a_b" is no lab/],
    ['demo/laptop/eth0/x --up', /is no lab/],
  ] as const) {
    test(`${line} is refused before anything is asked of netweir`, async () => {
      const netweir = withLab();
      const { code, stderr } = await runWith(netweir, ['lab', 'set', ...line.split(' ')]);
      assert.match(stderr, message);
      assert.equal(code, 2);
      assert.deepEqual(netweir.calls, []);
    });
  }
});

for (const [line, message] of [
  ['lab exec demo -- true', /"demo" is not a node of a lab/],
  ['lab exec demo/laptop/eth0 -- true', /is not a node of a lab/],
  ['lab shell demo', /is not a node of a lab/],
  ['lab up /nonexistent.toml', /the lab file cannot be read: ENOENT/],
  ['lab sideways', /unknown command 'sideways'/],
  ['lab graph demo --format png', /mermaid, svg, json/],
] as const) {
  test(`${line}: exit code 2, and nothing is asked of netweir`, async () => {
    const netweir = withLab();
    const { code, stderr } = await runWith(netweir, line.split(' '));
    assert.match(stderr, message);
    assert.equal(code, 2);
    assert.deepEqual(netweir.calls, []);
  });
}
