import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventLog } from './event-log.ts';

test('A listener that throws keeps nobody from being told, and its error is not caught', async () => {
  const events = new EventLog();
  const told: number[] = [];
  events.subscribe(() => {
    throw new Error('of the listener');
  });
  events.subscribe(({ sequence }) => told.push(sequence));
  const thrown = new Promise<Error>((resolve) =>
    process.setUncaughtExceptionCaptureCallback(resolve),
  );
  try {
    events.tell('node-added');
    events.tell('node-removed');
    assert.deepEqual(told, [1, 2]);
    assert.equal((await thrown).message, 'of the listener');
  } finally {
    process.setUncaughtExceptionCaptureCallback(null);
  }
});
