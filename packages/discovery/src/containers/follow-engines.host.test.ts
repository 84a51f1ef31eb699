import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { RuntimeStatus } from '@netweir/api';
import { fakeDocker, running } from './engine/fake-engine.test-support.ts';

const NOBODY = 65534;

/** What another process, that does nothing else for a while and then ends by itself, is told. */
async function statusElsewhere(path: string, uid: number): Promise<RuntimeStatus> {
  const program = `
    import { followEngines } from ${JSON.stringify(import.meta.resolve('./follow-engines.js'))};
    process.seteuid(${uid});
    const options = { docker: [${JSON.stringify(path)}], podman: 'off' };
    const { sources } = followEngines(options, () => {});
    setTimeout(() => console.log(JSON.stringify(sources[0].view.status)), 1000);`;
  const args = ['--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 10_000 });
  return RuntimeStatus.parse(JSON.parse(stdout));
}

test('engines that are followed do not keep a process alive', async () => {
  await using engine = await fakeDocker(running('a'));
  const status = await statusElsewhere(engine.path, 0);
  assert.equal(status.state, 'current');
});

test('a socket that may not be used says what to do', async () => {
  await using engine = await fakeDocker(running('a'));
  for (const path of [engine.folder, engine.path]) {
    const status = await statusElsewhere(engine.path, NOBODY);
    assert.equal(status.state, 'refused');
    assert.match(status.detail ?? '', /permission denied; run netweir as root/);
    chmodSync(path, path === engine.folder ? 0o755 : 0o700);
  }
});
