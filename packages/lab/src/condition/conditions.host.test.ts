import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';

/** The smallest of five round trips in ms, once everybody knows everybody. */
function rtt(node: LabNode, address: string): number {
  assert.ok(pings(node, address), `${node.name} reaches ${address}`);
  const text = output(node, 'ping', '-n', '-c5', '-i0.02', '-W2', address);
  return Number(/= ([\d.]+)\//.exec(text)?.[1]);
}

const delay = (mean: string) => ({ delay: { mean } });

describe('The conditions of a link', () => {
  test('are put on both ways of a device, are read back, and are taken off again', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home });
    assert.ok(rtt(laptop, home.downlink.gateway.ipv4) < 10);
    laptop.setConditions('eth0', delay('20ms'));
    const both = rtt(laptop, home.downlink.gateway.ipv4);
    assert.ok(both >= 40 && both < 60, `${both} ms`);
    assert.deepEqual(laptop.conditions('eth0'), {
      ...{ egress: delay('20ms'), egressMechanism: 'userspace' },
      ...{ ingress: delay('20ms'), ingressMechanism: 'userspace' },
    });
    laptop.setConditions('eth0', { ingress: delay('30ms') });
    const one = rtt(laptop, home.downlink.gateway.ipv4);
    assert.ok(one >= 30 && one < 50, `${one} ms`);
    laptop.setConditions('eth0', null);
    assert.ok(rtt(laptop, home.downlink.gateway.ipv4) < 10);
    assert.equal(laptop.conditions('eth0').ingress, null);
    for (const node of [laptop, home]) assert.doesNotMatch(output(node, 'tc', 'qdisc'), /clsact/);
  });

  test('are there from the first packet where a node is made with them', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', {
      conditions: delay('10ms'),
      downlinkConditions: { egress: delay('15ms') },
    });
    const laptop = lab.device('laptop', {
      interfaces: { wlan0: { router: home, conditions: { egress: delay('5ms') } } },
    });
    const sum = rtt(laptop, lab.ix.ipv4);
    assert.ok(sum >= 40 && sum < 60, `${sum} ms`);
  });
});
