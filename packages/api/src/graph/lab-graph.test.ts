import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LabInterface, LabState } from '../lab/state.ts';
import { labGraph } from './lab-graph.ts';
import { mermaidOf } from './mermaid.ts';

const plug = (name: string, to: string | null, more: Partial<LabInterface> = {}): LabInterface => ({
  name,
  ifindex: 101,
  up: true,
  carrier: true,
  mtu: 1500,
  mac: null,
  addresses: [],
  to,
  egress: null,
  ingress: null,
  ...more,
});

const router = (name: string, upstream: string): LabState['routers'][number] => ({
  name,
  upstream,
  region: null,
  ip: 'dual-stack',
  nat: 'none',
  natV6: 'none',
  firewall: 'none',
  blockFragNeeded: false,
  downlink: { ipv4: '10.0.1.0/24', ipv6: null },
  interfaces: [plug('wan', upstream), plug('lan', null)],
});

const STATE: LabState = {
  name: 'town',
  sequence: 7,
  exchange: { name: 'ix', interfaces: [plug('ix', null)] },
  regions: [
    {
      name: 'eu',
      node: 'region-eu',
      ipv4: '198.18.16.0/20',
      ipv6: null,
      interfaces: [plug('ix', 'ix'), plug('link103', 'region-us')],
    },
    { name: 'us', node: 'region-us', ipv4: null, ipv6: null, interfaces: [plug('ix', 'ix')] },
  ],
  regionLinks: [
    { between: ['eu', 'us'], egress: null, ingress: { delay: { mean: '40ms' } }, broken: null },
  ],
  routers: [
    { ...router('home', 'region-eu'), region: 'eu', nat: 'home', firewall: { blockInbound: true } },
    { ...router('inner', 'home'), ip: 'v4-only', natV6: 'masquerade' },
  ],
  devices: [
    {
      name: 'phone',
      defaultInterface: 'wlan0',
      ipv4: '10.0.1.2',
      ipv6: null,
      interfaces: [
        plug('wlan0', 'inner', { egress: 'wifi', ingress: 'wifi' }),
        plug('cell0', 'home', { up: false }),
      ],
    },
  ],
};

describe('The graph of a lab', () => {
  test('has every node once, and every link from what is above to what is below', () => {
    const { nodes, edges } = labGraph(STATE);
    const ids = nodes.map(({ id }) => id);
    assert.deepEqual(ids, ['ix', 'region-eu', 'region-us', 'home', 'inner', 'phone']);
    for (const { from, to } of edges) assert.ok(ids.includes(from) && ids.includes(to));
    assert.deepEqual(
      edges.map(({ from, to }) => `${from} > ${to}`),
      [
        'ix > region-eu',
        'ix > region-us',
        'region-eu > region-us',
        'region-eu > home',
        'home > inner',
        'inner > phone',
        'home > phone',
      ],
    );
  });

  test('says in Mermaid what routers do, where default routes lead, and what is broken', () => {
    assert.equal(
      mermaidOf(labGraph(STATE)),
      `flowchart TB
  subgraph n0["eu"]
    n3["eu<br/>198.18.16.0/20"]
    n5{{"home<br/>NAT home<br/>firewall custom<br/>10.0.1.0/24"}}
  end
  subgraph n1["us"]
    n4["us"]
  end
  n2(("ix"))
  n6{{"inner<br/>IPv6 masquerade<br/>v4-only<br/>10.0.1.0/24"}}
  n7(["phone<br/>10.0.1.2"])
  n2 --- n3
  n2 --- n4
  n3 -.-|"↓ delay 40ms"| n4
  n3 --- n5
  n5 --- n6
  n6 ---|"wlan0 (default)<br/>wifi"| n7
  n5 --x|"cell0 (down)"| n7
`,
    );
  });
});
