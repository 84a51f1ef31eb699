import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Containerd } from './support/containers/containerd.ts';
import { Docker } from './support/containers/docker.ts';
import { Machine, networkNamespaceOf } from './support/containers/machine.ts';
import { Podman } from './support/containers/podman.ts';
import { IMAGE } from './support/containers/runtime.ts';
import { run } from './support/witness.ts';

/** What container daemons leave behind when they are not cleaned up after: mounts and processes. */
function traces(directory: string): string[] {
  const mounts = run('cat', '/proc/self/mounts').split('\n');
  const processes = run('ps', '-A', '-o', 'args=').split('\n');
  return [...mounts, ...processes].filter((line) => line.includes(directory));
}

describe('the runtimes of the tests', () => {
  let machine: Machine;
  before(() => {
    machine = new Machine();
  });
  after(() => machine[Symbol.dispose]());

  for (const runtime of [Docker, Podman]) {
    test(`${runtime.name} runs a container whose neighbour answers its ping`, async () => {
      await using daemon = await runtime.start(machine);
      await daemon.client('network', 'create', 'n1');
      const options = ['run', '--detach', '--network', 'n1'];
      await daemon.client(...options, '--name', 'near', IMAGE, 'sleep', '1000');
      await daemon.client(...options, '--name', 'far', IMAGE, 'sleep', '1000');
      const ping = await daemon.client('exec', 'near', 'ping', '-c', '1', 'far');
      assert.match(ping, / 0% packet loss/u);
    });
  }

  test('containerd runs a container in a network namespace of its own', async () => {
    await using containerd = await Containerd.start(machine);
    const pid = await containerd.start('one');
    assert.notEqual(networkNamespaceOf(pid), networkNamespaceOf(process.pid));
    assert.match(run('nsenter', '-t', `${pid}`, '-n', 'ip', '-o', 'link'), /^1: lo:/u);
  });

  test('leave the machine as it was', () => {
    machine[Symbol.dispose]();
    assert.deepEqual(traces(machine.directory), []);
  });
});
