import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, test } from 'node:test';
import type { NetworkNamespace } from '@netweir/kernel';
import { loadIpv6 } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { delay, loss } from './directions.test-support.ts';

before(loadIpv6);

/** The delays in ms of the netem qdiscs that `tc` sees in a namespace, by interface. */
function netems(namespace: NetworkNamespace): Record<string, number> {
  interface Qdisc {
    readonly kind: string;
    readonly dev: string;
    readonly options: { readonly delay?: { readonly delay: number } };
  }
  const all: Qdisc[] = JSON.parse(
    namespace.run(() => execFileSync('tc', ['-j', 'qdisc'], { encoding: 'utf8' })),
  );
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
  assert.deepEqual(netems(phone.namespace), { eth0: 10 });
  assert.deepEqual(Object.values(netems(lab.switches)), [20]);
  assert.deepEqual(netems(home.namespace), { lan: 7 });
  assert.deepEqual(phone.conditions('eth0'), {
    ...{ egress: delay('10ms'), egressMechanism: 'netem' },
    ...{ ingress: delay('20ms'), ingressMechanism: 'netem' },
  });
  phone.setConditions('eth0', { ingress: loss('1%') });
  assert.deepEqual(netems(phone.namespace), {});
  for (const clean of [null, 'lan', { delay: { mean: '0ms' } }] as const) {
    phone.setConditions('eth0', 'wifi');
    phone.setConditions('eth0', clean);
    assert.deepEqual(netems(phone.namespace), {});
    assert.deepEqual(netems(lab.switches), {});
    assert.deepEqual(netems(home.namespace), { lan: 7 });
  }
});

test('a lab may have the userspace engine where the kernel has netem', async () => {
  await using lab = await Lab.create({ engine: 'userspace' });
  const phone = lab.device('phone', { uplink: lab.router('home'), conditions: 'wifi' });
  assert.deepEqual(netems(phone.namespace), {});
  assert.equal(phone.conditions('eth0').ingressMechanism, 'userspace');
});
