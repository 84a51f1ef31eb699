import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Config, Impairment } from '@netweir/api';
import { netweir } from './support/command.ts';
import { NOWHERE } from './support/containers/config.ts';
import { Containerd } from './support/containers/containerd.ts';
import { Docker } from './support/containers/docker.ts';
import { Machine } from './support/containers/machine.ts';
import { Podman } from './support/containers/podman.ts';
import { IMAGE, type Runtime } from './support/containers/runtime.ts';
import { Daemon, Site } from './support/daemon.ts';
import { until } from './support/witness.ts';

const CALLS = 'execve,execveat,fork,vfork,clone,clone3';
const SHOWN_WITHIN_MS = 10_000;
const DELAY: Impairment = { egress: { delay: { mean: '20ms' } } };

test('containers of all runtimes are found, impaired, ruled and cleared without a child process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-trace-'));
  const trace = join(directory, 'trace');
  const machine = new Machine();
  try {
    await using docker = await Docker.start(machine);
    await using podman = await Podman.start(machine);
    await using containerd = await Containerd.start(machine);
    // Traced by a process that is not its parent, so that the daemon is our child all the same.
    const options = ['-D', '-f', '-q', '-A', '-s', '300', '-o', trace, '-e', `trace=${CALLS}`];
    const config: Config = {
      containers: {
        ...NOWHERE,
        docker: { socket: docker.socket },
        podman: { socket: podman.socket },
        containerd: { socket: containerd.socket },
        processes: { enabled: true },
      },
      // It is netweir itself, and started for the sake of its own end.
      guardian: false,
      rules: { slow: { match: { name: 'nwruled-*' }, impairment: DELAY } },
    };
    using site = new Site({
      namespace: machine.namespace,
      config,
      wrapper: ['strace', ...options],
    });
    const start = (runtime: Runtime, name: string, ...more: string[]) =>
      runtime.client('run', '--detach', '--name', name, ...more, IMAGE, 'sleep', '1000');
    await start(docker, 'early');
    await start(podman, 'pod');
    await using daemon = await Daemon.start(site);
    await start(docker, 'late');
    await start(docker, 'nwruled-1');
    await start(docker, 'labelled', '--label', 'netweir.egress=delay=10ms');
    await containerd.start('bare');
    const shown = async (id: string) =>
      (await daemon.netweir.inventory()).spaces.find((space) => space.id === id);
    const eth0 = async (id: string) =>
      (await shown(id))?.interfaces.find(({ name }) => name === 'eth0');
    for (const id of ['docker:early', 'docker:late', 'podman:pod']) {
      await until(`${id} is shown`, SHOWN_WITHIN_MS, async () => (await eth0(id)) !== undefined);
      const set = await netweir(site, 'set', `${id}/eth0`, '--delay', '30ms', '--both');
      assert.equal(set.code, 0, set.stderr);
    }
    const shownBare = async () => (await shown('containerd:bare')) !== undefined;
    await until('the container of containerd is shown', SHOWN_WITHIN_MS, shownBare);
    for (const [id, rule] of [
      ['docker:nwruled-1', 'slow'],
      ['docker:labelled', 'labels'],
    ] as const) {
      const isRuled = async () => (await eth0(id))?.rule === rule;
      await until(`${id} is impaired by ${rule}`, SHOWN_WITHIN_MS, isRuled);
    }
    await docker.client('restart', '--time', '0', 'early');
    const isBack = async () => ((await eth0('docker:early'))?.egress ?? null) !== null;
    await until('a restarted container has it again', SHOWN_WITHIN_MS, isBack);
    const clear = await netweir(site, 'clear', 'docker:*/eth0', 'podman:pod/eth0');
    assert.equal(clear.code, 0, clear.stderr);
    await docker.client('rm', '--force', 'early', 'late', 'nwruled-1', 'labelled');
    assert.equal(await daemon.stop(), 0);
    const end = new RegExp(`^${daemon.pid} .*exited with 0`, 'mu');
    await until('the trace is complete', 5000, () => end.test(readFileSync(trace, 'utf8')));

    const calls = readFileSync(trace, 'utf8').split('\n').filter(Boolean);
    const programs = calls.filter((line) => line.includes(' execve'));
    // The daemon, and the command four times: each is started once, by us.
    assert.equal(programs.length, 5, programs.join('\n'));
    for (const line of programs) assert.match(line, /\/bin\/netweir"/u);
    const started = calls.filter((line) => / v?fork\(| clone3?\(/u.test(line));
    assert.ok(started.length > 0, 'node starts its threads');
    assert.deepEqual(
      started.filter((line) => !line.includes('CLONE_THREAD')),
      [],
    );
  } finally {
    machine[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  }
});
