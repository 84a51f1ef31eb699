import assert from 'node:assert/strict';
import { execFileSync, execSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { LabEvent, LinkConditions } from '@netweir/api';
import { output, ports } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';
import { delay, rate } from './directions.test-support.ts';
import { assertRoundTrip, roundTripMs } from './traffic.test-support.ts';

/** What `tc` and `ip` show that could be of a condition. */
function traces(lab: Lab, ...nodes: LabNode[]): string[] {
  const see = () => ['tc qdisc', 'ip -o link'].map((line) => execSync(line, { encoding: 'utf8' }));
  return [lab.switches, ...nodes.map(({ namespace }) => namespace)].flatMap((namespace) =>
    namespace.run(see),
  );
}

/** The interfaces of the userspace engine among a lab's switches. */
function engineInterfaces(lab: Lab): number {
  return (
    traces(lab)
      .join()
      .match(/\bnw\d+[ei]:/gu)?.length ?? 0
  );
}

function hasNetem(node: LabNode): boolean {
  const script = 'ip link add probe type veth && tc qdisc add dev probe root netem && echo yes';
  return output(node, 'sh', '-c', `{ ${script}; } 2>/dev/null || true`).trim() === 'yes';
}

describe('The conditions of a link', () => {
  test('are read back each way as they were said, with what does them', async () => {
    await using lab = await Lab.create({ engine: 'userspace' });
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    laptop.setConditions('eth0', { egress: 'wifi', ingress: delay('30ms') });
    assert.deepEqual(laptop.conditions('eth0'), {
      egress: {
        delay: { mean: '5ms', jitter: '2ms' },
        loss: { model: 'random', probability: '0.1%' },
      },
      ingress: delay('30ms'),
      ...{ egressMechanism: 'userspace', ingressMechanism: 'userspace' },
    });
    laptop.setConditions('eth0', rate('2mbit'));
    assert.deepEqual(laptop.conditions('eth0').ingress, rate('2mbit'));
  });

  test('go without a trace, by null and by what means nothing', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home });
    const before = traces(lab, laptop, home);
    const nothing: (LinkConditions | null)[] = [null, 'lan', {}, { egress: 'lan' }, delay('0ms')];
    for (const clean of nothing) {
      for (const wanted of [rate('5mbit'), 'satellite'] as const) {
        laptop.setConditions('eth0', wanted);
        assert.notDeepEqual(traces(lab, laptop, home), before);
        laptop.setConditions('eth0', clean);
        assert.deepEqual(traces(lab, laptop, home), before);
      }
    }
    const { egress, ingress } = laptop.conditions('eth0');
    assert.deepEqual([egress, ingress], [null, null]);
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
    assertRoundTrip(laptop, lab.ix.ipv4, 40);
    const phone = lab.device('phone', { uplink: home, conditions: { ingress: delay('20ms') } });
    assertRoundTrip(phone, lab.ix.ipv4, 55);
  });

  test('may be a rate alone, also in a packet that a new MTU allows', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home, conditions: rate('2mbit') });
    assert.deepEqual(laptop.conditions('eth0').egress, rate('2mbit'));
    home.setMtu('lan', 9000);
    laptop.setMtu('eth0', 9000);
    const { ipv4 } = home.downlink.gateway;
    const ping = output(laptop, 'ping', '-n', '-c2', '-s8000', '-Mdo', ipv4 ?? '');
    assert.match(ping, / 2 received/);
    assert.deepEqual(laptop.conditions('eth0').egress, rate('2mbit'));
  });

  test('are told of in a form that can be set', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    const events: LabEvent[] = [];
    lab.subscribe((event) => events.push(event));
    for (const wanted of ['wifi-bad', { ingress: 'mobile-3g' }, null] as const) {
      laptop.setConditions('eth0', wanted);
      const before = laptop.conditions('eth0');
      const { kind, node, interface: name, value } = JSON.parse(JSON.stringify(events.at(-1)));
      assert.deepEqual([kind, node, name], ['condition-changed', 'laptop', 'eth0']);
      laptop.setConditions('eth0', null);
      laptop.setConditions('eth0', value);
      assert.deepEqual(laptop.conditions('eth0'), before);
      const { egress, ingress } = before;
      laptop.setConditions('eth0', { egress, ingress });
      assert.deepEqual(laptop.conditions('eth0'), before);
    }
  });
});

describe('Conditions that cannot be had', () => {
  test('are refused, told of to nobody, and change nothing', async (t) => {
    await using lab = await Lab.create({ engine: 'kernel' });
    if (hasNetem(lab.ix)) return t.skip('this kernel has sch_netem');
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home, conditions: rate('2mbit') });
    const before = { ...laptop.conditions('eth0'), traces: traces(lab, laptop, home) };
    assert.equal(before.egressMechanism, 'tbf');
    const events: LabEvent[] = [];
    lab.subscribe((event) => events.push(event));
    for (const wanted of ['wifi', { ingress: 'wifi' }] as const) {
      assert.throws(() => laptop.setConditions('eth0', wanted), { code: 'kernel-lacks-netem' });
      assert.throws(() => lab.setLinkConditions(home, laptop, wanted), /sch_netem/);
    }
    assert.deepEqual({ ...laptop.conditions('eth0'), traces: traces(lab, laptop, home) }, before);
    assert.deepEqual(events, []);
    const make = () => lab.device('phone', { uplink: home, conditions: 'wifi' });
    assert.throws(make, { code: 'kernel-lacks-netem' });
    assert.ok(!lab.nodes.has('phone'));
    assert.ok(lab.device('phone', { uplink: home }));
  });

  test('at one end leave the other end as it was', async () => {
    await using lab = await Lab.create({ engine: 'userspace' });
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home, conditions: { egress: delay('20ms') } });
    const port = ports(lab, home)[0]?.ifname ?? '';
    const block = ['qdisc', 'add', 'dev', port, 'ingress_block', '7', 'ingress'];
    lab.switches.run(() => execFileSync('tc', block));
    const before = laptop.conditions('eth0');
    assert.throws(() => laptop.setConditions('eth0', delay('30ms')), {
      code: 'original-not-restorable',
      message: new RegExp(port),
    });
    assert.deepEqual(laptop.conditions('eth0'), before);
    assertRoundTrip(laptop, home.downlink.gateway.ipv4 ?? '', 20);
  });

  test('are refused with what is wrong', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home'), conditions: delay('5ms') });
    const before = laptop.conditions('eth0');
    const set = (wanted: unknown) => () => laptop.setConditions('eth0', wanted as LinkConditions);
    assert.throws(set('carrier-pigeon'), { code: 'invalid-request' });
    assert.throws(set({ egress: { delay: { mean: '5 parsecs' } } }), { code: 'invalid-quantity' });
    assert.throws(set({ egress: 'wifi', upwards: 'wifi' }), { code: 'invalid-request' });
    const reorder = { probability: '25%' };
    assert.throws(set({ ingress: { reorder } }), { code: 'invalid-combination' });
    assert.deepEqual(laptop.conditions('eth0'), before);
    assert.throws(() => laptop.setConditions('eth7', 'wifi'), { code: 'ERR_LAB_NO_INTERFACE' });
    assert.throws(() => laptop.conditions('eth7'), { code: 'ERR_LAB_NO_INTERFACE' });
    await lab.remove(laptop);
    assert.throws(set('wifi'), { code: 'ERR_LAB_NODE_REMOVED' });
    assert.throws(() => laptop.conditions('eth0'), { code: 'ERR_LAB_NODE_REMOVED' });
  });
});

describe('The link between two nodes', () => {
  test("is the device's interface, or the uplink of the router downstream", async () => {
    await using lab = await Lab.create();
    const isp = lab.router('isp');
    const home = lab.router('home', { upstream: isp });
    const laptop = lab.device('laptop', { uplink: home });
    const wanted = { egress: delay('10ms'), ingress: delay('20ms') };
    const set = (node: LabNode) => node.conditions(node === laptop ? 'eth0' : 'wan').egress;
    for (const [a, b, at] of [
      [laptop, home, laptop],
      [home, laptop, laptop],
      [home, isp, home],
      [isp, home, home],
    ] as const) {
      lab.setLinkConditions(a, b, wanted);
      assert.deepEqual(set(at), wanted.egress);
      lab.setLinkConditions(a, b, null);
      assert.equal(set(at), null);
    }
    lab.setLinkConditions(lab.ix, isp, wanted);
    assert.deepEqual(isp.conditions('ix').ingress, wanted.ingress);
  });

  test('is none where they are no neighbours, and must be said where there are two', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { interfaces: { eth0: home, wlan0: home } });
    const between = (a: LabNode, b: LabNode) => () => lab.setLinkConditions(a, b, 'wifi');
    assert.throws(between(laptop, lab.ix), { code: 'ERR_LAB_NOT_NEIGHBOURS' });
    assert.throws(between(home, home), { code: 'ERR_LAB_NOT_NEIGHBOURS' });
    assert.throws(between(home, laptop), {
      code: 'ERR_LAB_AMBIGUOUS_LINK',
      message: /eth0, wlan0 of laptop/,
    });
  });
});

describe('The userspace engine of labs', () => {
  const descriptors = () =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
  const taps = () => descriptors().filter((target) => target === '/dev/net/tun').length;
  const threads = () => readdirSync('/proc/self/task').length;

  async function makeOne(): Promise<Lab> {
    const lab = await Lab.create({ engine: 'userspace' });
    lab.device('laptop', { uplink: lab.router('home'), conditions: 'wifi' });
    return lab;
  }

  test('is one thread for all of them, and ends with the last', async () => {
    // What a process has for good it has by then.
    await (await makeOne()).close();
    const none = { descriptors: descriptors().length, threads: threads() };
    const first = await makeOne();
    const one = threads();
    assert.ok(one > none.threads);
    const labs = await Promise.all(Array.from({ length: 9 }, makeOne));
    assert.equal(threads(), one);
    assert.equal(taps(), 20);
    await first.close();
    assert.equal(taps(), 18);
    const [laptop] = labs.map((lab) => lab.nodes.get('laptop'));
    assert.equal(laptop?.conditions('eth0').egressMechanism, 'userspace');
    await Promise.all(labs.map((lab) => lab.close()));
    assert.deepEqual({ descriptors: descriptors().length, threads: threads() }, none);
  });

  test('lets go of a removed node, and goes on for the others', async () => {
    await using lab = await Lab.create({ engine: 'userspace' });
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home });
    const before = traces(lab, home);
    const phone = lab.device('phone', { uplink: home, conditions: delay('10ms') });
    laptop.setConditions('eth0', { egress: delay('20ms') });
    await lab.remove(phone);
    assert.deepEqual(traces(lab, home), before);
    assertRoundTrip(laptop, home.downlink.gateway.ipv4 ?? '', 20);
    const again = lab.device('phone', { uplink: home });
    assert.ok(roundTripMs(again, home.downlink.gateway.ipv4 ?? '') < 15);
  });

  test('keeps what an interface does when it is plugged in elsewhere', async () => {
    await using lab = await Lab.create({ engine: 'userspace' });
    const [home, cafe] = [lab.router('home'), lab.router('cafe')];
    const laptop = lab.device('laptop', { uplink: home, conditions: delay('20ms') });
    const before = laptop.conditions('eth0');
    assert.equal(engineInterfaces(lab), 1);
    laptop.replug('eth0', cafe);
    assert.deepEqual(laptop.conditions('eth0'), before);
    assertRoundTrip(laptop, lab.ix.ipv4, 40);
    assert.equal(engineInterfaces(lab), 1);
  });
});
