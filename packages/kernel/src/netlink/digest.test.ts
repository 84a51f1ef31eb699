import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digest } from './digest.ts';

function digestOf(...things: readonly (readonly number[])[]): string {
  const digest = new Digest();
  for (const thing of things) {
    const bytes = Uint8Array.from(thing);
    digest.begin();
    digest.bytes(new DataView(bytes.buffer), 0, bytes.length);
    digest.end();
  }
  return digest.result;
}

test('a digest is the same for the same things in any order, and for nothing else', () => {
  const [one, other, third] = [
    [1, 2, 3, 4, 5],
    [9, 8],
    [0, 0, 0, 0],
  ];
  assert.ok(one && other && third);
  const same = digestOf(one, other, third);
  assert.equal(digestOf(third, one, other), same);
  const others = [
    digestOf(),
    digestOf(one, other),
    digestOf(one, other, third, third),
    digestOf(one, other, [0, 0, 0]),
    digestOf(one, other, [0, 0, 0, 0, 0]),
    digestOf([1, 2, 3, 4, 5, 9, 8], third),
    digestOf([9, 8, 3, 4, 5], [1, 2], third),
  ];
  assert.equal(new Set([same, ...others]).size, others.length + 1);
});

test('a digest depends on each bit', () => {
  const bytes = Array.from({ length: 40 }, (_, index) => index * 7);
  const all = bytes.flatMap((byte, index) =>
    Array.from({ length: 8 }, (_, bit) => digestOf(bytes.with(index, (byte ^ (1 << bit)) & 0xff))),
  );
  assert.equal(new Set([digestOf(bytes), ...all]).size, 1 + 40 * 8);
});
