import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Rule } from '@netweir/api';
import { only } from './support/containers/config.ts';
import { Docker } from './support/containers/docker.ts';
import { stateInside } from './support/containers/inside.ts';
import { Machine } from './support/containers/machine.ts';
import { pingMs } from './support/containers/pings.ts';
import { IMAGE } from './support/containers/runtime.ts';
import { Daemon, Site } from './support/daemon.ts';
import { until } from './support/witness.ts';

const STARTS = 10;
const DELAY_MS = 60;
/** Much more than it takes, because the machine may be busy; `npm run bench -- containers` measures. */
const IMPAIRED_WITHIN_MS = 2000;

const RULE: Rule = {
  match: { name: 'started-*' },
  impairment: { egress: { delay: { mean: `${DELAY_MS}ms` } } },
};

describe('a rule for containers', () => {
  let machine: Machine;
  let docker: Docker;
  let site: Site;
  let daemon: Daemon;

  before(async () => {
    machine = new Machine();
    docker = await Docker.start(machine);
    site = new Site({
      namespace: machine.namespace,
      config: { ...only(docker), rules: { started: RULE } },
    });
    daemon = await Daemon.start(site);
  });
  after(async () => {
    try {
      await daemon?.[Symbol.asyncDispose]();
      site?.[Symbol.dispose]();
      await docker?.[Symbol.asyncDispose]();
    } finally {
      machine?.[Symbol.dispose]();
    }
  });

  const run = (name: string) =>
    docker.client('run', '--detach', '--name', name, IMAGE, 'sleep', '1000');
  const pidOf = async (name: string) =>
    Number(await docker.client('inspect', '--format', '{{.State.Pid}}', name));
  const isImpaired = async (name: string) => /clsact|netem/u.test(stateInside(await pidOf(name)));
  const impaired = (name: string) =>
    until(`${name} is impaired`, IMPAIRED_WITHIN_MS, () => isImpaired(name));
  /** The gateway of Docker's default network. */
  const ping = (from: string) => pingMs(docker, { from, to: 'gateway', address: '172.17.0.1' });
  const aliveNamespaces = () =>
    machine.run('ip', 'netns', 'list-id').split('\n').filter(Boolean).length;
  const areForgotten = async () =>
    (await daemon.netweir.inventory()).spaces.every(({ kind }) => kind !== 'docker');
  const descriptors = () => readdirSync(`/proc/${daemon.pid}/fd`).length;

  test('impairs one that starts, again after a restart, and no other', async () => {
    await Promise.all(['started-0', 'other'].map(run));
    await impaired('started-0');
    const ms = await ping('started-0');
    assert.ok(ms >= DELAY_MS - 1 && ms < DELAY_MS + 10, `${ms} ms`);
    assert.ok((await ping('other')) < 10);
    await docker.client('restart', '--time', '0', 'started-0');
    await impaired('started-0');
    assert.ok((await ping('started-0')) >= DELAY_MS - 1);
    const { spaces: all } = await daemon.netweir.inventory();
    const eth0 = all
      .find(({ id }) => id === 'docker:started-0')
      ?.interfaces.find(({ name }) => name === 'eth0');
    assert.equal(eth0?.rule, 'started');
    assert.deepEqual(eth0?.egress, { delay: { mean: `${DELAY_MS}ms` } });
    await docker.client('rm', '--force', 'started-0', 'other');
  });

  test("has what a person set at the host's end of one again after a restart, until it is forgotten", async () => {
    const peerOf = async (): Promise<string | undefined> => {
      const { spaces } = await daemon.netweir.inventory();
      const { interfaces = [] } = spaces.find(({ id }) => id === 'docker:plain') ?? {};
      return interfaces.find(({ name }) => name === 'eth0')?.peer?.interface ?? undefined;
    };
    let peer: string | undefined;
    const findPeer = (before?: string) =>
      until('the peer is known', 5000, async () => {
        peer = await peerOf();
        return peer !== undefined && peer !== before;
      });
    const isImpairedAtHost = () =>
      /clsact|netem/u.test(machine.run('tc', 'qdisc', 'show', 'dev', peer ?? ''));
    await run('plain');
    await findPeer();
    const impairment = { egress: { delay: { mean: `${DELAY_MS}ms` } } };
    await daemon.netweir.setImpairment({ space: 'host', interface: peer ?? '' }, impairment);
    assert.ok((await ping('plain')) >= DELAY_MS - 1);
    await docker.client('restart', '--time', '0', 'plain');
    await findPeer(peer);
    await until("the host's end is impaired", IMPAIRED_WITHIN_MS, isImpairedAtHost);
    assert.ok(!(await isImpaired('plain')), 'inside it is as it was');
    assert.ok((await ping('plain')) >= DELAY_MS - 1);
    await docker.client('stop', '--time', '0', 'plain');
    await until('it does not run', 5000, async () =>
      (await daemon.netweir.inventory({ stopped: true })).stopped.some(
        ({ name }) => name === 'plain',
      ),
    );
    const target = { space: 'docker:plain', interface: undefined };
    const forgotten = await daemon.netweir.forget(target);
    assert.deepEqual(forgotten, [{ space: 'docker:plain', interface: 'eth0', at: 'host' }]);
    await docker.client('start', 'plain');
    await findPeer(peer);
    assert.ok(!isImpairedAtHost(), 'it does not come back');
    await docker.client('rm', '--force', 'plain');
  });

  test('holds nothing of containers that are gone', async () => {
    await until('the containers are forgotten', 5000, areForgotten);
    const before = { descriptors: descriptors(), namespaces: aliveNamespaces() };
    for (let index = 0; index < STARTS; index++) {
      await run(`started-${index}`);
      await impaired(`started-${index}`);
      await docker.client('rm', '--force', `started-${index}`);
    }
    await until('the containers are forgotten', 5000, areForgotten);
    await until('their namespaces are gone', 5000, () => aliveNamespaces() <= before.namespaces);
    await until('all is closed', 5000, () => descriptors() <= before.descriptors);
    const { restored, failed } = await daemon.netweir.restore();
    assert.deepEqual([...restored, ...failed], []);
  });

  test('impairs one that was there before the daemon', async () => {
    await daemon.stop();
    await run('started-before');
    daemon = await Daemon.start(site);
    await impaired('started-before');
    assert.ok((await ping('started-before')) >= DELAY_MS - 1);
    assert.equal(await daemon.stop(), 0);
    assert.ok(!(await isImpaired('started-before')), 'the end of the daemon puts it back');
    daemon = await Daemon.start(site);
  });
});
