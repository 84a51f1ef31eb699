import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mermaidOf, Topology, topologyGraph, topologyOf } from '@netweir/api';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { CONTAINERS } from '../test-support/fixtures.ts';
import { runWith } from '../test-support/run.ts';

describe('the graph', () => {
  test('is a Mermaid flowchart with a subgraph for each space', async () => {
    const netweir = fakeNetweir({ inventory: () => Promise.resolve(CONTAINERS) });
    const { code, stdout } = await runWith(netweir, ['graph']);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `flowchart LR
  subgraph n0["host"]
    n3["veth5"]
    n4{{"br-shop"}}
  end
  subgraph n1["docker:web"]
    n5["eth0"]
  end
  subgraph n2["pod:podman/db"]
    n6["tap0"]
  end
  n7(["shop_back"])
  n3 --- n4
  n5 <--> n3
  n5 -.- n7
  n7 -.- n4
`,
    );
  });

  test('with --json is the topology of the API', async () => {
    const netweir = fakeNetweir({ inventory: () => Promise.resolve(CONTAINERS) });
    const { stdout } = await runWith(netweir, ['graph', '--json']);
    const { nodes } = Topology.parse(JSON.parse(stdout));
    assert.equal(nodes.length, topologyOf(CONTAINERS).nodes.length);
  });

  test('does not obey what stands in names', () => {
    const name = 'a"]\n<b>#`';
    const nodes = [{ id: 'x', type: 'network' as const, name, kind: null }];
    assert.equal(
      mermaidOf(topologyGraph({ nodes, edges: [] })),
      'flowchart LR\n  n0(["a#34;] #60;b#62;#35;#96;"])\n',
    );
  });
});
