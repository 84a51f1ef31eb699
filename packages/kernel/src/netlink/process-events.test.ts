import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseProcessEvents } from './process-events.ts';

/** `struct nlmsghdr`, `struct cn_msg` and `struct proc_event` of linux/cn_proc.h, in 32-bit words. */
function datagram(what: number, ...data: number[]): Uint8Array {
  const words = new Uint32Array(19);
  words.set([76, 3, 0, 0, 1, 1, 0, 0, 40, what, 0, 0, 0, ...data]);
  return new Uint8Array(words.buffer);
}

test('a fork tells of the new process, and nothing where that is a thread', () => {
  assert.deepEqual(parseProcessEvents(datagram(1, 10, 10, 20, 20)), [{ kind: 'fork', pid: 20 }]);
  assert.deepEqual(parseProcessEvents(datagram(1, 10, 10, 21, 10)), []);
});

test('an exec tells of the whole process, whichever thread made it', () => {
  assert.deepEqual(parseProcessEvents(datagram(2, 21, 20)), [{ kind: 'exec', pid: 20 }]);
});

test('the end of a process is told, that of a thread and other events are not', () => {
  assert.deepEqual(parseProcessEvents(datagram(0x80000000, 20, 20)), [{ kind: 'exit', pid: 20 }]);
  assert.deepEqual(parseProcessEvents(datagram(0x80000000, 21, 20)), []);
  assert.deepEqual(parseProcessEvents(datagram(4, 20, 20)), []);
});

test('an answer with an error is not one that events will follow', () => {
  assert.deepEqual(parseProcessEvents(datagram(0, 0)), [{ kind: 'listening', pid: 0 }]);
  assert.deepEqual(parseProcessEvents(datagram(0, 1)), []);
});

test('arbitrary bytes are never an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.ok(Array.isArray(parseProcessEvents(bytes)));
    }),
  );
});
