import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ImpairmentReport, Inventory } from '@netweir/api';
import { netweir, start } from './support/command.ts';
import { Daemon, Site } from './support/daemon.ts';
import { TestNamespace, until } from './support/witness.ts';

const FAR_ADDRESS = '10.60.0.2';

let near: TestNamespace;
let far: TestNamespace;
let target: string;

before(() => {
  near = new TestNamespace('engn');
  far = new TestNamespace('engf');
  near.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', far.name);
  near.ip('addr', 'add', '10.60.0.1/24', 'dev', 'v0');
  far.ip('addr', 'add', `${FAR_ADDRESS}/24`, 'dev', 'v1');
  near.ip('link', 'set', 'v0', 'up');
  far.ip('link', 'set', 'v1', 'up');
  target = `${near.space}/v0`;
  pingMs();
});

after(() => {
  near[Symbol.dispose]();
  far[Symbol.dispose]();
});

/** The median of a few round trips, as ping measures them. */
function pingMs(): number {
  const output = near.exec('ping', '-c', '5', '-i', '0.05', FAR_ADDRESS);
  const times = [...output.matchAll(/time=([\d.]+)/gu)].map(([, ms]) => Number(ms));
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** All that netweir could leave behind. */
function state(): string {
  const filters = ['ingress', 'egress'].map((hook) => {
    const output = near.exec('sh', '-c', `tc filter show dev v0 ${hook} 2>&1 || true`);
    return `${hook}: ${output}`;
  });
  return [
    near.tc('qdisc', 'show'),
    ...filters,
    near.ip('-o', 'link').replaceAll(/qlen \d+/gu, ''),
  ].join('\n');
}

describe('the userspace engine', () => {
  test('without a daemon stays in the foreground, and Ctrl+C puts everything back', async () => {
    using site = new Site();
    const original = state();
    const running = start(site, 'set', target, '--delay', '40ms', '--engine', 'userspace');
    await until('the delay is on', 10_000, () => pingMs() >= 40);
    const shown = await netweir(site, 'show', target, '--json');
    const [report] = JSON.parse(shown.stdout) as ImpairmentReport[];
    assert.equal(report?.egressMechanism, 'userspace');
    assert.deepEqual(report?.egress, { delay: { mean: '40ms' } });
    running.signal('SIGINT');
    assert.equal((await running.finished).code, 130);
    assert.equal(state(), original);
    assert.ok(pingMs() < 10);
  });

  test('without a daemon ends with its lease', async () => {
    using site = new Site();
    const original = state();
    const running = start(
      site,
      'set',
      target,
      '--delay',
      '40ms',
      '--engine',
      'userspace',
      '--for',
      '2s',
    );
    await until('the delay is on', 10_000, () => pingMs() >= 40);
    assert.equal((await running.finished).code, 0);
    assert.equal(state(), original);
  });

  test('killed in the foreground lets packets pass within a second, and restore takes the rest away', async () => {
    using site = new Site();
    const original = state();
    const running = start(site, 'set', target, '--delay', '40ms', '--engine', 'userspace');
    await until('the delay is on', 10_000, () => pingMs() >= 40);
    running.signal('SIGKILL');
    await running.finished;
    const killed = Date.now();
    await until('packets pass', 1000, () =>
      near.exec('sh', '-c', `ping -c 1 -W 0.2 ${FAR_ADDRESS} || true`).includes(' 0% packet loss'),
    );
    assert.ok(Date.now() - killed <= 2000);
    assert.ok(pingMs() < 10);
    assert.equal((await netweir(site, 'restore')).code, 0);
    assert.equal(state(), original);
  });

  test('belongs to the daemon where there is one, in both directions', async () => {
    using site = new Site();
    const original = state();
    const daemon = await Daemon.start(site);
    const set = await netweir(
      site,
      'set',
      target,
      '--delay',
      '30ms',
      '--both',
      '--engine',
      'userspace',
    );
    assert.equal(set.code, 0, set.stderr);
    const both = pingMs();
    assert.ok(both >= 60 && both < 75, `${both} ms for 30 ms each way`);
    const inventory = JSON.parse((await netweir(site, 'ls', '--json')).stdout) as Inventory;
    const space = inventory.spaces.find(({ id }) => id === near.space);
    assert.deepEqual(
      space?.interfaces.map(({ name }) => name),
      ['lo', 'v0'],
    );
    assert.deepEqual(space?.interfaces[1]?.ingress, { delay: { mean: '30ms' } });
    assert.equal((await netweir(site, 'set', target, '--loss', '100%', '--ingress')).code, 0);
    assert.match(
      near.exec('sh', '-c', `ping -c 3 -i 0.1 -W 1 ${FAR_ADDRESS} || true`),
      /100% packet loss/u,
    );
    assert.equal((await netweir(site, 'clear', target)).code, 0);
    assert.equal(state(), original);
    assert.equal(await daemon.stop(), 0);
  });

  test('ends with the daemon, which leaves nothing behind', async () => {
    using site = new Site();
    const original = state();
    const daemon = await Daemon.start(site);
    await netweir(site, 'set', target, '--delay', '30ms', '--both', '--engine', 'userspace');
    assert.ok(pingMs() >= 60);
    assert.equal(await daemon.stop(), 0);
    assert.equal(state(), original);
    assert.ok(pingMs() < 10);
  });

  test('is taken by itself where the kernel has no netem', async () => {
    using site = new Site();
    await using daemon = await Daemon.start(site);
    const { netem } = await daemon.netweir.capabilities();
    const ref = { space: near.space, interface: 'v0' };
    const report = await daemon.netweir.setImpairment(ref, { egress: { delay: { mean: '20ms' } } });
    assert.equal(report.egressMechanism, netem ? 'netem' : 'userspace');
    assert.ok(pingMs() >= 20);
  });
});
