import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { type Comparison, type LabFile, Measurement, type Space } from '@netweir/api';
import { inside, openDaemon, spacesOf, uniqueName } from '../../labs/labs.test-support.ts';
import { until } from '../containers.test-support.ts';
import type { Host } from '../host.ts';

/** A phone behind a home router that translates addresses, and a server elsewhere. */
const HOME: LabFile = {
  router: [{ name: 'home', preset: 'home' }, { name: 'far' }],
  device: {
    phone: { wlan0: { gateway: 'home' } },
    tablet: { wlan0: { gateway: 'home' } },
    server: { eth0: { gateway: 'far' } },
  },
};

async function home(t: TestContext): Promise<{ host: Host; at: (node: string) => string }> {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, HOME);
  return { host, at: (node) => `lab:${name}/${node}` };
}

function compared(
  { comparisons }: Measurement,
  heading: Comparison['heading'],
  quantity: Comparison['quantity'],
): Comparison {
  const found = comparisons.find((one) => one.heading === heading && one.quantity === quantity);
  return found ?? assert.fail(JSON.stringify(comparisons));
}

const labOf = (id: string): string => id.split(/[:/]/u)[1] ?? '';

async function spaceOf(host: Host, id: string): Promise<Space> {
  const found = (await spacesOf(host, labOf(id))).find((space) => space.id === id);
  return found ?? assert.fail(`no ${id}`);
}

/** A space, once there are sockets of a measurement in it. */
async function probedSpace(host: Host, id: string): Promise<Space> {
  const space = await spaceOf(host, id);
  await until('it is measured', () => inside(space, 'ss', '-Huan').includes('ESTAB'));
  return space;
}

const wayOf = ({ way }: Measurement): string[] =>
  way.map(({ heading, space, interface: name, direction }) =>
    [heading, `${space.replace(/^lab:[^/]+\//u, '')}/${name}`, direction].join(' '),
  );

describe('a measurement', () => {
  test('follows the way through a NAT and puts together what is set on it', async (t) => {
    const { host, at } = await home(t);
    const phone = { space: at('phone'), interface: 'wlan0' };
    await host.setImpairment(phone, { egress: { delay: { mean: '20ms' } } });
    const server = { space: at('server'), interface: 'eth0' };
    await host.setImpairment(server, {
      ingress: { delay: { mean: '30ms' } },
      egress: { delay: { mean: '10ms' } },
    });
    const request = { from: phone, to: { space: at('server') }, duration: '1s' };
    const measured = Measurement.parse(await host.measure(request));
    assert.deepEqual(wayOf(measured), [
      'forward phone/wlan0 egress',
      'forward server/eth0 ingress',
      'backward server/eth0 egress',
    ]);
    assert.equal(measured.wayKnown, true);
    assert.equal(measured.from.interface, 'wlan0');
    assert.equal(measured.to.interface, 'eth0');
    const [there, back] = (['forward', 'backward'] as const).map((heading) =>
      compared(measured, heading, 'delay'),
    );
    assert.ok(there && back);
    assert.deepEqual([there.set, back.set], [50, 10]);
    assert.ok(there.achieved !== null && Math.abs(there.achieved - 50) < 5, `${there.achieved}`);
    assert.ok(back.achieved !== null && Math.abs(back.achieved - 10) < 5, `${back.achieved}`);
    assert.equal(measured.verdict === 'differs', false, JSON.stringify(measured.comparisons));
    const space = await spaceOf(host, at('phone'));
    const pinged = inside(space, 'ping', '-c', '5', '-i', '0.1', '-q', measured.to.address);
    const average = Number(/= [\d.]+\/([\d.]+)\//u.exec(pinged)?.[1]);
    const echo = measured.roundTrip.icmp?.delay?.medianMs ?? assert.fail();
    assert.ok(Math.abs(average - echo) < 8, `${average} ms, ${echo} ms`);
  });

  test('crosses the network of a router, and goes to a host without asking who that is', async (t) => {
    const { host, at } = await home(t);
    const [phone, tablet] = [at('phone'), at('tablet')];
    const ref = { space: tablet, interface: 'wlan0' };
    await host.setImpairment(ref, { egress: { loss: { model: 'random', probability: '30%' } } });
    const between = await host.measure({
      from: { space: phone },
      to: { space: tablet },
      duration: '2s',
    });
    assert.deepEqual(wayOf(between), ['backward tablet/wlan0 egress']);
    assert.equal(between.wayKnown, true);
    assert.equal(between.forward?.lost, 0);
    const { low, high } = compared(between, 'backward', 'loss');
    assert.ok(low !== null && high !== null && low < 30 && 30 < high, `${low} - ${high}`);
    const away = await host.measure({
      from: { space: tablet },
      to: { host: between.from.address },
      duration: '1s',
    });
    assert.equal(away.to.space, null);
    assert.equal(away.forward, null);
    assert.deepEqual(wayOf(away), ['forward tablet/wlan0 egress']);
    assert.equal(compared(away, 'round-trip', 'loss').set > 29, true);
  });

  test('refuses what leads nowhere, and what is not there', async (t) => {
    const { host, at } = await home(t);
    const from = { space: at('phone') };
    await assert.rejects(host.measure({ from, to: { space: 'netns:nobody' } }), {
      code: 'no-such-space',
    });
    const noInterface = { space: at('phone'), interface: 'eth9' };
    await assert.rejects(host.measure({ from: noInterface, to: { host: '192.0.2.1' } }), {
      code: 'no-such-interface',
    });
    await assert.rejects(host.measure({ from, to: { host: 'nobody.invalid' } }), {
      code: 'unreachable',
    });
  });

  test('ends with a namespace that goes away, and lets it go', async (t) => {
    const { host, at } = await home(t);
    const request = { from: { space: at('phone') }, to: { space: at('tablet') }, duration: '30s' };
    const measuring = assert.rejects(host.measure(request), { code: 'space-vanished' });
    const { inode } = await probedSpace(host, at('phone'));
    await host.deleteLab(labOf(at('phone')));
    await measuring;
    const held = execFileSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' });
    assert.ok(!held.includes(`net:[${inode}]`));
  });

  test('ends with the host', async (t) => {
    const { host, at } = await home(t);
    const request = { from: { space: at('phone') }, to: { space: at('tablet') }, duration: '30s' };
    const measuring = assert.rejects(host.measure(request), { code: 'daemon-unreachable' });
    await probedSpace(host, at('phone'));
    const begun = performance.now();
    await host.close();
    await measuring;
    assert.ok(performance.now() - begun < 5000);
  });
});
