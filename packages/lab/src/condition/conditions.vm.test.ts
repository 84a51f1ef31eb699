import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadIpv6, output } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';
import { delay, loss } from './directions.test-support.ts';

before(loadIpv6);

/** The delays in ms of the netem qdiscs that `tc` sees in a node, by interface. */
function netems(node: LabNode): Record<string, number> {
  interface Qdisc {
    readonly kind: string;
    readonly dev: string;
    readonly options: { readonly delay?: { readonly delay: number } };
  }
  const all: Qdisc[] = JSON.parse(output(node, 'tc', '-j', 'qdisc'));
  return Object.fromEntries(
    all
      .filter(({ kind }) => kind === 'netem')
      .map(({ dev, options }) => [dev, Math.round((options.delay?.delay ?? 0) * 1000)]),
  );
}

test("what a link does both ways is the kernel's netem at both of its ends", async () => {
  await using lab = await Lab.create();
  const home = lab.router('home', { downlinkConditions: { egress: delay('7ms') } });
  const phone = lab.device('phone', {
    uplink: home,
    conditions: { egress: delay('10ms'), ingress: delay('20ms') },
  });
  assert.deepEqual(netems(phone), { eth0: 10 });
  const ends = netems(home);
  assert.deepEqual(Object.values(ends).sort(), [20, 7]);
  assert.equal(ends.lan, 7);
  assert.deepEqual(phone.conditions('eth0'), {
    ...{ egress: delay('10ms'), egressMechanism: 'netem' },
    ...{ ingress: delay('20ms'), ingressMechanism: 'netem' },
  });
  phone.setConditions('eth0', { ingress: loss('1%') });
  assert.deepEqual(netems(phone), {});
  for (const clean of [null, 'lan', { delay: { mean: '0ms' } }] as const) {
    phone.setConditions('eth0', 'wifi');
    phone.setConditions('eth0', clean);
    assert.deepEqual(netems(phone), {});
    assert.deepEqual(netems(home), { lan: 7 });
  }
});

test('a lab may have the userspace engine where the kernel has netem', async () => {
  await using lab = await Lab.create({ engine: 'userspace' });
  const phone = lab.device('phone', { uplink: lab.router('home'), conditions: 'wifi' });
  assert.deepEqual(netems(phone), {});
  assert.equal(phone.conditions('eth0').ingressMechanism, 'userspace');
});
