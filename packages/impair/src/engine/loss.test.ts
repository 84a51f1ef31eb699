import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CERTAIN, type ExactLoss, type Probability } from '@netweir/api';
import { lossModel } from './loss.ts';
import { Prng } from './prng.ts';
import { autocorrelation, mean, runs, ScriptedPrng, sample } from './statistics.test-support.ts';

const PACKETS = 500_000;

const chance = (fraction: number): Probability => Math.round(fraction * CERTAIN) as Probability;

function lossesOf(loss: ExactLoss, packets: number = PACKETS): boolean[] {
  const model = lossModel(loss, new Prng(42n));
  return sample(packets, () => model.isLost());
}

const rateOf = (losses: readonly boolean[]): number => mean(losses.map(Number));

function assertNear(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

const random = (fraction: number): ExactLoss => ({
  model: 'random',
  probability: chance(fraction),
  correlation: chance(0),
});

describe('random loss', () => {
  test('none loses nothing and draws nothing', () => {
    const prng = new Prng(1n);
    const model = lossModel(random(0), prng);
    assert.ok(sample(1000, () => model.isLost()).every((lost) => !lost));
    assert.equal(prng.next(), new Prng(1n).next());
  });

  test('100% loses everything, even where the number is the largest', () => {
    const model = lossModel(random(1), new ScriptedPrng([0, 1, 0xffff_fffe, 0xffff_ffff]));
    assert.ok(sample(4, () => model.isLost()).every(Boolean));
  });

  test('a number that equals the probability loses the packet', () => {
    const loss: ExactLoss = { ...random(0), probability: 7 as Probability } as ExactLoss;
    const model = lossModel(loss, new ScriptedPrng([6, 7, 8]));
    assert.deepEqual(
      sample(3, () => model.isLost()),
      [true, true, false],
    );
  });

  for (const percent of [0.1, 1, 10, 50]) {
    test(`${percent}% loses ${percent}%, without bursts`, () => {
      const fraction = percent / 100;
      const losses = lossesOf(random(fraction));
      const error = Math.sqrt((fraction * (1 - fraction)) / PACKETS);
      assertNear(rateOf(losses), fraction, 4 * error);
      assertNear(mean(runs(losses)), 1 / (1 - fraction), 0.02);
    });
  }

  test('a correlation makes bursts', () => {
    const loss: ExactLoss = { model: 'random', probability: chance(0.3), correlation: chance(0.5) };
    const losses = lossesOf(loss).map(Number);
    assert.ok(autocorrelation(losses) > 0.25, String(autocorrelation(losses)));
    assert.ok(Math.abs(autocorrelation(lossesOf(random(0.3)).map(Number))) < 0.01);
  });
});

describe('Gilbert-Elliott loss', () => {
  const model = (p: number, r: number, lossInBad: number, lossInGood: number): ExactLoss => ({
    model: 'gilbert-elliott',
    p: chance(p),
    r: chance(r),
    lossInBad: chance(lossInBad),
    lossInGood: chance(lossInGood),
  });

  test('the state changes before the loss is drawn, but counts from the next packet on', () => {
    const scripted = new ScriptedPrng([0, 0xffff_ffff, 0xffff_ffff, 1, 0, 1, 0, 0xffff_ffff]);
    const losses = lossModel(model(0.5, 0.5, 1, 0), scripted);
    // Good, turning bad; bad and lost; bad, turning good and lost; good, turning bad again.
    assert.deepEqual(
      sample(4, () => losses.isLost()),
      [false, true, true, false],
    );
  });

  test('a number that equals a probability changes no state and passes in either', () => {
    const half = 0x8000_0000 as Probability;
    const loss: ExactLoss = {
      model: 'gilbert-elliott',
      p: half,
      r: half,
      lossInBad: (CERTAIN - half) as Probability,
      lossInGood: half,
    };
    const scripted = new ScriptedPrng([half, half, half - 1, half, half, half, half, half + 1]);
    const losses = lossModel(loss, scripted);
    // Good and passed; good, turning bad, and passed; bad and passed; bad and lost.
    assert.deepEqual(
      sample(4, () => losses.isLost()),
      [false, false, false, true],
    );
  });

  test('bursts are as long as 1/r, and p and r give the rate', () => {
    const losses = lossesOf(model(0.02, 0.25, 1, 0));
    assertNear(rateOf(losses), 0.02 / 0.27, 0.003);
    assertNear(mean(runs(losses)), 1 / 0.25, 0.1);
  });

  test('both states lose with their own probability', () => {
    const losses = lossesOf(model(0.1, 0.3, 0.6, 0.05));
    assertNear(rateOf(losses), 0.25 * 0.6 + 0.75 * 0.05, 0.003);
  });

  test('a bad state that loses nothing loses nothing', () => {
    assert.equal(rateOf(lossesOf(model(1, 0, 0, 0), 10_000)), 0);
  });
});

describe('four-state loss', () => {
  const model = (p13: number, p31: number, p32: number, p23: number, p14: number): ExactLoss => ({
    model: 'state',
    p13: chance(p13),
    p31: chance(p31),
    p32: chance(p32),
    p23: chance(p23),
    p14: chance(p14),
  });

  /** The share of lost packets in the long run, from the balance of the transitions. */
  function theory(p13: number, p31: number, p32: number, p23: number, p14: number): number {
    const burst = p13 / p31;
    return (burst + p14) / (1 + burst + (burst * p32) / p23 + p14);
  }

  test('a packet is lost by the state to which it leads', () => {
    const quarter = 0x4000_0000;
    const scripted = new ScriptedPrng([
      quarter - 1, // 1 to 4: lost
      0, // 4 to 1
      quarter, // 1 to 3: lost
      2 * quarter, // stays in 3: lost
      quarter - 1, // 3 to 2
      quarter, // stays in 2
      quarter - 1, // 2 to 3: lost
      quarter, // 3 to 1
      2 * quarter, // stays in 1
    ]);
    const losses = lossModel(model(0.25, 0.25, 0.25, 0.25, 0.25), scripted);
    assert.deepEqual(
      sample(9, () => losses.isLost()),
      [true, false, true, true, false, false, true, false, false],
    );
  });

  for (const [p13, p31, p32, p23, p14] of [
    [0.01, 0.2, 0, 1, 0],
    [0.05, 0.3, 0.2, 0.4, 0.01],
    [0.1, 0.5, 0.1, 0.9, 0.05],
  ] as const) {
    test(`the rate of ${p13} ${p31} ${p32} ${p23} ${p14} is as theory says`, () => {
      const losses = lossesOf(model(p13, p31, p32, p23, p14));
      assertNear(rateOf(losses), theory(p13, p31, p32, p23, p14), 0.004);
    });
  }

  test('bursts without gaps are as long as 1/p31', () => {
    assertNear(mean(runs(lossesOf(model(0.02, 0.2, 0, 1, 0)))), 5, 0.2);
  });
});
