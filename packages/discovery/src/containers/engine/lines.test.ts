import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Lines } from './lines.ts';

test('lines are the same however the stream is cut', () => {
  const line = fc.stringMatching(/^[a-zé€]{1,20}$/);
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (wanted, size) => {
      const bytes = Buffer.from(wanted.map((one) => `${one}\n`).join(''));
      const lines = new Lines(100);
      const found: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        found.push(...(lines.push(bytes.subarray(at, at + size)) ?? ['too long']));
      }
      assert.deepEqual(found, wanted);
    }),
  );
});

test('a line that is too long ends it, however it comes', () => {
  assert.equal(new Lines(5).push(Buffer.from('123456\n')), undefined);
  const lines = new Lines(5);
  assert.deepEqual(lines.push(Buffer.from('a\n12345')), ['a']);
  assert.equal(lines.push(Buffer.from('6')), undefined);
});
