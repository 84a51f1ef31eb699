import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Due, PacketHeap } from './packet-heap.ts';
import { Prng } from './prng.ts';
import { DelayLine } from './queue.ts';

interface Queue {
  readonly length: number;
  readonly firstDueNs: number;
  readonly firstHandle: number;
  readonly firstBytes: number;
  push(packet: Due, handle: number, lengthBytes: number): void;
  shift(): void;
  trim(): void;
}

const KINDS: readonly (readonly [string, () => Queue])[] = [
  ['DelayLine', () => new DelayLine()],
  ['PacketHeap', () => new PacketHeap()],
];

/** A packet to push, or null to take one. */
const steps = fc.array(fc.option(fc.integer({ min: -5, max: 40 }), { freq: 2 }), {
  maxLength: 800,
});

for (const [name, make] of KINDS) {
  describe(name, () => {
    test('gives packets as a stable sort does, however pushing and taking mix', () => {
      fc.assert(
        fc.property(steps, (moves) => {
          const queue = make();
          let model: { due: number; handle: number }[] = [];
          for (const [handle, due] of moves.entries()) {
            if (due !== null) {
              queue.push({ dueNs: due }, handle, handle + 1);
              model = [...model, { due, handle }].sort((a, b) => a.due - b.due);
            } else if (model.length > 0) {
              const first = model.shift();
              assert.equal(queue.firstDueNs, first?.due);
              assert.equal(queue.firstHandle, first?.handle);
              assert.equal(queue.firstBytes, (first?.handle ?? 0) + 1);
              queue.shift();
              queue.trim();
            }
            assert.equal(queue.length, model.length);
            assert.equal(queue.firstDueNs, model[0]?.due ?? Infinity);
          }
        }),
        { numRuns: 300 },
      );
    });

    test('holds a million packets and gives them in order', () => {
      const queue = make();
      const prng = new Prng(9n);
      for (let handle = 0; handle < 1_000_000; handle++) {
        queue.push({ dueNs: prng.below(1e6) }, handle, 60);
      }
      let last = { due: -1, handle: -1 };
      while (queue.length > 0) {
        const first = { due: queue.firstDueNs, handle: queue.firstHandle };
        const isLater =
          first.due > last.due || (first.due === last.due && first.handle > last.handle);
        if (!isLater) assert.deepEqual(first, last);
        last = first;
        queue.shift();
        if (queue.length % 100_000 === 0) queue.trim();
      }
      assert.equal(queue.firstDueNs, Infinity);
    });
  });
}
