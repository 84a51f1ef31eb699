import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodedOptions } from './decoded-options.ts';
import { encodeQdiscOptions } from './qdisc-options.ts';

/** In a buffer that all share, as the messages of dumps do. */
const view = new DataView(new ArrayBuffer(4096));

function read(kind: string, bytes: Uint8Array | undefined, at = 0) {
  assert.ok(bytes);
  new Uint8Array(view.buffer).set(bytes, at);
  return decodedOptions(kind, view, at, at + bytes.length);
}

const pfifo = (limitPackets: number) => encodeQdiscOptions({ kind: 'pfifo', limitPackets });

test('the same bytes are decoded once, wherever they are', () => {
  const first = read('pfifo', pfifo(7));
  assert.deepEqual(first.options, { kind: 'pfifo', limitPackets: 7 });
  assert.equal(read('pfifo', pfifo(7), 100), first);
});

test('other bytes in the same place, or of another kind, are decoded anew', () => {
  const first = read('pfifo', pfifo(7));
  const second = read('pfifo', pfifo(8));
  assert.deepEqual(second.options, { kind: 'pfifo', limitPackets: 8 });
  assert.deepEqual(second.rawOptions, pfifo(8));
  assert.deepEqual(read('bfifo', pfifo(7)).options, { kind: 'bfifo', limitBytes: 7 });
  assert.deepEqual(first.rawOptions, pfifo(7), 'which are in memory of their own');
});

test('bytes that differ in the last one, in length or above 127 are others', () => {
  const bytes = [[1, 2, 3, 4], [1, 2, 3, 5], [1, 2, 3, 4, 0], [129, 2, 3, 4], [1, 2, 3], []];
  const found = bytes.map((one) => read('sfq', Uint8Array.from(one)).rawOptions);
  assert.deepEqual(
    found.map((one) => [...one]),
    bytes,
  );
});

test('long ones are not kept, and however many there were, the next are right', () => {
  const long = new Uint8Array(2000).fill(1);
  assert.notEqual(read('sfq', long), read('sfq', long));
  for (let limit = 0; limit < 5000; limit++) {
    assert.deepEqual(read('pfifo', pfifo(limit)).options, { kind: 'pfifo', limitPackets: limit });
  }
});

test('no more are kept of many kinds than of one', () => {
  const first = read('kind0', pfifo(1));
  assert.equal(read('kind0', pfifo(1)), first);
  for (let kind = 1; kind < 5000; kind++) read(`kind${kind}`, pfifo(1));
  assert.notEqual(read('kind0', pfifo(1)), first);
});
