import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../grpc/fake-server.test-support.ts';
import { ProcessSource } from '../processes/process-source.ts';
import { openContainerdSource } from './containerd-source.ts';
import { Containerd, missing } from './daemon.test-support.ts';

/** An event, not a poll. */
const PROMPT_MS = 2000;

test('a real containerd is followed: start, pause, resume, end, and a restart of its own', async (t) => {
  const reason = missing();
  if (reason !== undefined) return t.skip(reason);
  await using containerd = await Containerd.start();
  const source = openContainerdSource(containerd.socket, () => {});
  t.after(() => source.close());
  const processes = new ProcessSource(() => {});
  t.after(() => processes.close());
  await until(() => source.view.status?.state === 'current');

  const id = `web-${process.pid}`;
  const known = () => source.view.containers.find((container) => container.id === id);
  containerd.runContainer(id, '--label', 'app=web');
  try {
    await until(() => known()?.state === 'running', PROMPT_MS);
    const line =
      containerd
        .ctr('tasks', 'ls')
        .split('\n')
        .find((row) => row.startsWith(id)) ?? '';
    const pid = Number(line.split(/\s+/u)[1]);
    assert.equal(known()?.pid, pid);
    assert.equal(known()?.labels.app, 'web');
    assert.notEqual(readlinkSync(`/proc/${pid}/ns/net`), readlinkSync('/proc/self/ns/net'));

    await until(() => processes.view.containers.some((container) => container.pid === pid));
    const shown = processes.view.containers.find((container) => container.pid === pid);
    assert.deepEqual([shown?.runtime, shown?.id], ['containerd', id]);

    containerd.ctr('tasks', 'pause', id);
    await until(() => known()?.state === 'paused', PROMPT_MS);
    containerd.ctr('tasks', 'resume', id);
    await until(() => known()?.state === 'running', PROMPT_MS);

    await containerd.stop();
    await until(() => source.view.status?.state === 'stale');
    assert.equal(known()?.pid, pid);
    await containerd.run();
    await until(() => source.view.status?.state === 'current');
    assert.equal(known()?.state, 'running');
  } finally {
    containerd.removeContainer(id);
  }
  await until(() => known() === undefined, PROMPT_MS);
});
