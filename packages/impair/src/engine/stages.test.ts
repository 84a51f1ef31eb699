import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CERTAIN, type ExactSlot, type Nanoseconds, type Probability } from '@netweir/api';
import { Corruption, invertBit } from './corrupt.ts';
import { Prng } from './prng.ts';
import { Reordering } from './reorder.ts';
import { SlotGate } from './slot.ts';
import { autocorrelation, mean, ScriptedPrng, sample } from './statistics.test-support.ts';

const ALWAYS = CERTAIN as Probability;
const NEVER = 0 as Probability;
const HALF = 0x8000_0000 as Probability;
const ns = (value: number): Nanoseconds => value as Nanoseconds;

describe('Reordering', () => {
  test('a gap of 3 at 100% lets every third packet go at once', () => {
    const reordering = new Reordering(
      { gap: 3, probability: ALWAYS, correlation: NEVER },
      new Prng(1n),
    );
    const [no, yes] = [false, true];
    assert.deepEqual(
      sample(9, () => reordering.jumps()),
      [no, no, yes, no, no, yes, no, no, yes],
    );
  });

  test('a packet that does not jump leaves the chance to the next one', () => {
    const scripted = new ScriptedPrng([0xffff_ffff, 0xffff_ffff, 0, 0]);
    const reordering = new Reordering({ gap: 2, probability: HALF, correlation: NEVER }, scripted);
    assert.deepEqual(
      sample(6, () => reordering.jumps()),
      [false, false, false, true, false, true],
    );
  });

  test('without reordering nothing jumps and nothing is drawn', () => {
    const prng = new Prng(1n);
    const reordering = new Reordering(undefined, prng);
    assert.ok(sample(100, () => reordering.jumps()).every((jumps) => !jumps));
    assert.equal(prng.next(), new Prng(1n).next());
  });

  test('25% of the packets jump with a gap of 1 and 25%', () => {
    const quarter = 0x4000_0000 as Probability;
    const reorder = { gap: 1, probability: quarter, correlation: NEVER };
    const reordering = new Reordering(reorder, new Prng(2n));
    const jumps = sample(200_000, () => Number(reordering.jumps()));
    assert.ok(Math.abs(mean(jumps) - 0.25) < 0.004);
    assert.ok(Math.abs(autocorrelation(jumps)) < 0.01);
  });
});

describe('Corruption', () => {
  test('bits are spread evenly over the whole packet', () => {
    const corruption = new Corruption({ probability: ALWAYS, correlation: NEVER }, new Prng(3n));
    assert.ok(sample(100, () => corruption.happens()).every(Boolean));
    const bits = sample(80_000, () => corruption.drawBit(100));
    assert.deepEqual([Math.min(...new Set(bits)), Math.max(...new Set(bits))], [0, 799]);
    const counts = new Map<number, number>();
    for (const bit of bits) counts.set(bit, (counts.get(bit) ?? 0) + 1);
    assert.ok([...counts.values()].every((count) => count > 50 && count < 160));
  });

  test('inverting a bit twice restores it, and touches no other', () => {
    const bytes = new Uint8Array(8);
    invertBit(bytes, 2, 8 * 3 + 6);
    assert.deepEqual([...bytes], [0, 0, 0, 0, 0, 0x40, 0, 0]);
    invertBit(bytes, 2, 8 * 3 + 6);
    assert.deepEqual([...bytes], [0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('SlotGate', () => {
  const slot = (
    minDelayNs: number,
    maxDelayNs: number,
    maxPackets = 0,
    maxBytes = 0,
  ): ExactSlot => ({
    minDelayNs: ns(minDelayNs),
    maxDelayNs: ns(maxDelayNs),
    maxPackets,
    maxBytes,
  });

  test('is open from the beginning, and closes after its packets', () => {
    const gate = new SlotGate(slot(100, 100, 2), new Prng(4n), 1000);
    assert.equal(gate.nextNs, 1000);
    gate.pass(60, 1005);
    assert.equal(gate.nextNs, 1000);
    gate.pass(60, 1006);
    assert.equal(gate.nextNs, 1106);
  });

  test('closes after its bytes', () => {
    const gate = new SlotGate(slot(100, 100, 0, 150), new Prng(4n), 0);
    gate.pass(149, 10);
    assert.equal(gate.nextNs, 0);
    gate.pass(1, 20);
    assert.equal(gate.nextNs, 120);
  });

  test('a packet due after the slot waits for another slot', () => {
    const gate = new SlotGate(slot(100, 100), new Prng(4n), 0);
    gate.await(50, 10);
    assert.equal(gate.nextNs, 110);
    gate.await(50, 60);
    assert.equal(gate.nextNs, 110);
  });

  test('delays between slots are spread from min to max', () => {
    const gate = new SlotGate(slot(5e9, 9e9, 1), new Prng(5n), 0);
    const delays = sample(20_000, () => {
      gate.pass(60, 0);
      return gate.nextNs;
    });
    assert.ok(delays.every((delay) => delay >= 5e9 && delay < 9e9));
    assert.ok(Math.abs(mean(delays) - 7e9) < 3e7);
  });

  test('delays between slots follow a distribution', () => {
    for (const distribution of ['uniform', 'normal'] as const) {
      const shaped: ExactSlot = {
        distribution,
        delayNs: ns(1e7),
        jitterNs: ns(1e6),
        maxPackets: 1,
        maxBytes: 0,
      };
      const gate = new SlotGate(shaped, new Prng(6n), 0);
      const delays = sample(20_000, () => {
        gate.pass(60, 0);
        return gate.nextNs;
      });
      assert.ok(Math.abs(mean(delays) - 1e7) < 5e4);
      assert.equal(
        delays.every((delay) => Math.abs(delay - 1e7) <= 1e6),
        distribution === 'uniform',
      );
    }
  });

  test('without a spread of time there are no slots', () => {
    for (const none of [undefined, slot(0, 0, 1)]) {
      const gate = new SlotGate(none, new Prng(7n), 0);
      gate.await(50, 10);
      gate.pass(60, 10);
      assert.deepEqual([gate.isUsed, gate.nextNs], [false, -Infinity]);
    }
  });
});
