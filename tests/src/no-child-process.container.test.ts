import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { netweir } from './support/command.ts';
import { only } from './support/containers/config.ts';
import { Docker } from './support/containers/docker.ts';
import { Machine } from './support/containers/machine.ts';
import { IMAGE } from './support/containers/runtime.ts';
import { Daemon, Site } from './support/daemon.ts';
import { until } from './support/witness.ts';

const CALLS = 'execve,execveat,fork,vfork,clone,clone3';
const SHOWN_WITHIN_MS = 10_000;

test('containers are found, delayed and cleared without a child process', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-trace-'));
  const trace = join(directory, 'trace');
  const machine = new Machine();
  try {
    await using docker = await Docker.start(machine);
    // Traced by a process that is not its parent, so that the daemon is our child all the same.
    const wrapper = [
      'strace',
      '-D',
      '-f',
      '-q',
      '-A',
      '-s',
      '300',
      '-o',
      trace,
      '-e',
      `trace=${CALLS}`,
    ];
    using site = new Site({ namespace: machine.namespace, config: only(docker), wrapper });
    await docker.client('run', '--detach', '--name', 'early', IMAGE, 'sleep', '1000');
    await using daemon = await Daemon.start(site);
    await docker.client('run', '--detach', '--name', 'late', IMAGE, 'sleep', '1000');
    for (const name of ['early', 'late']) {
      await until(`${name} is shown`, SHOWN_WITHIN_MS, async () =>
        (await daemon.netweir.inventory()).spaces.some(({ id }) => id === `docker:${name}`),
      );
      const set = await netweir(site, 'set', `docker:${name}/eth0`, '--delay', '30ms', '--both');
      assert.equal(set.code, 0, set.stderr);
    }
    const clear = await netweir(site, 'clear', 'docker:*/eth0');
    assert.equal(clear.code, 0, clear.stderr);
    await docker.client('rm', '--force', 'early', 'late');
    assert.equal(await daemon.stop(), 0);
    const end = new RegExp(`^${daemon.pid} .*exited with 0`, 'mu');
    await until('the trace is complete', 5000, () => end.test(readFileSync(trace, 'utf8')));

    const calls = readFileSync(trace, 'utf8').split('\n').filter(Boolean);
    const programs = calls.filter((line) => line.includes(' execve'));
    // The daemon, and the command three times: each is started once, by us.
    assert.equal(programs.length, 4, programs.join('\n'));
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
