import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { KernelError } from '../errors.ts';
import { SocketReader } from '../worker/socket-reader.ts';
import {
  ignoreProcessEvents,
  openProcessEvents,
  type ProcessEvent,
  parseProcessEvents,
} from './process-events.ts';

const DEADLINE_MS = 5000;

test('a process is told of when it begins, becomes a program, and ends', async (t) => {
  const events: ProcessEvent[] = [];
  let fd: number;
  try {
    fd = openProcessEvents();
  } catch (error) {
    if (error instanceof KernelError) return t.skip(error.message);
    throw error;
  }
  await using reader = new SocketReader();
  reader.add(fd, {
    message: (bytes) => events.push(...parseProcessEvents(bytes)),
    overrun() {},
    closed() {},
  });
  const child = spawn('true');
  await once(child, 'exit');
  const seen = () => events.filter(({ pid }) => pid === child.pid).map(({ kind }) => kind);
  const end = performance.now() + DEADLINE_MS;
  while (!seen().includes('exit') && performance.now() < end) await setTimeout(5);
  ignoreProcessEvents(fd);
  assert.equal(events[0]?.kind, 'listening');
  assert.deepEqual(seen(), ['fork', 'exec', 'exit']);
});
