import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { netweir } from './support/command.ts';
import { NOWHERE } from './support/containers/config.ts';
import { Containerd } from './support/containers/containerd.ts';
import { stateInside } from './support/containers/inside.ts';
import { Machine } from './support/containers/machine.ts';
import { Daemon, Site } from './support/daemon.ts';

const DELAY_MS = 50;
/** A busy machine only ever adds. */
const TOLERANCE_MS = 8;

/** Two containers that are joined by a veth pair, as a plugin of CNI would. */
describe('containers of containerd', () => {
  let machine: Machine;
  let containerd: Containerd;
  let site: Site;
  let daemon: Daemon;
  let near: number;
  let far: number;

  before(async () => {
    machine = new Machine();
    containerd = await Containerd.start(machine);
    near = await containerd.start('near');
    far = await containerd.start('far', '--label', 'tier=back');
    const veth = ['link', 'add', 'eth0', 'netns', `${near}`, 'type', 'veth', 'peer', 'eth0'];
    machine.run('ip', ...veth, 'netns', `${far}`);
    for (const [pid, address] of [
      [near, '10.66.0.1/24'],
      [far, '10.66.0.2/24'],
    ] as const) {
      inside(pid, 'ip', 'address', 'add', address, 'dev', 'eth0');
      inside(pid, 'ip', 'link', 'set', 'eth0', 'up');
    }
    const containers = { ...NOWHERE, containerd: { socket: containerd.socket } };
    site = new Site({ namespace: machine.namespace, config: { containers } });
    daemon = await Daemon.start(site);
  });
  after(async () => {
    try {
      await daemon?.[Symbol.asyncDispose]();
      site?.[Symbol.dispose]();
      await containerd?.[Symbol.asyncDispose]();
    } finally {
      machine?.[Symbol.dispose]();
    }
  });

  const inside = (pid: number, ...command: string[]): string =>
    execFileSync('nsenter', ['-t', `${pid}`, '-n', ...command], { encoding: 'utf8' });

  /** The least of some round trips from one container to the other, in milliseconds. */
  const pingMs = (): number => {
    const output = inside(near, 'ping', '-c', '8', '-i', '0.1', '-n', '10.66.0.2');
    return Math.min(...[...output.matchAll(/time=([\d.]+)/gu)].map(([, ms]) => Number(ms)));
  };

  test('are shown as ctr has them', async () => {
    const { spaces } = await daemon.netweir.inventory();
    const space = spaces.find(({ id }) => id === 'containerd:far');
    const [container] = space?.containers ?? [];
    assert.equal(container?.pid, far);
    assert.equal(container?.runtime, 'containerd');
    assert.equal(container?.labels.tier, 'back');
    assert.match(await containerd.client('container', 'info', 'far'), /"tier": "back"/u);
    assert.deepEqual(
      space?.interfaces.find(({ name }) => name === 'eth0')?.peer?.space,
      'containerd:near',
    );
  });

  test('are delayed as set in both directions, and then are as before', async () => {
    const before = stateInside(near);
    const plainMs = pingMs();
    for (const way of ['--ingress', '--egress']) {
      const target = 'containerd:near/eth0';
      const flags = way === '--egress' ? [] : [way];
      const set = await netweir(site, 'set', target, '--delay', `${DELAY_MS}ms`, ...flags);
      assert.equal(set.code, 0, set.stderr);
      const ms = pingMs();
      assert.ok(
        ms >= plainMs + DELAY_MS - 1 && ms <= plainMs + DELAY_MS + TOLERANCE_MS,
        `${ms} ms`,
      );
      assert.equal((await netweir(site, 'clear', target)).code, 0);
      assert.equal(stateInside(near), before);
    }
    assert.ok(pingMs() < plainMs + TOLERANCE_MS);
  });

  test('are selected by their labels', async () => {
    const set = await netweir(site, 'set', '--label', 'tier=b*', '--delay', `${DELAY_MS}ms`);
    assert.match(set.stdout, /^containerd:far\/eth0: delay 50ms/u);
    assert.ok(pingMs() >= DELAY_MS);
    assert.equal((await netweir(site, 'clear', 'containerd:far')).code, 0);
  });
});
