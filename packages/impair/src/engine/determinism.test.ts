import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CERTAIN, type ExactDirection, type ExactLoss } from '@netweir/api';
import fc from 'fast-check';
import { DirectionModel, NOTHING } from './direction.ts';
import { Prng } from './prng.ts';
import { type Arrival, replay } from './replay.test-support.ts';

const probability = fc.integer({ min: 0, max: CERTAIN });
const chance = fc.record({ probability, correlation: probability });
const shape = fc.constantFrom('uniform', 'normal', 'pareto', 'paretonormal');
const timeNs = fc.integer({ min: 0, max: 50_000_000 });
const limits = {
  maxPackets: fc.integer({ min: 0, max: 5 }),
  maxBytes: fc.integer({ min: 0, max: 5000 }),
};
const loss = fc.oneof(
  fc.record({ model: fc.constant('random'), probability, correlation: probability }),
  fc.record({
    model: fc.constant('gilbert-elliott'),
    p: probability,
    r: probability,
    lossInBad: probability,
    lossInGood: probability,
  }),
  fc.record({
    model: fc.constant('state'),
    p13: probability,
    p31: probability,
    p32: probability,
    p23: probability,
    p14: probability,
  }),
);

/** Any direction, with times of up to 50 ms. */
const direction = fc.record(
  {
    delay: fc.record({
      meanNs: timeNs,
      jitterNs: timeNs,
      correlation: probability,
      distribution: shape,
    }),
    loss: loss as fc.Arbitrary<ExactLoss>,
    duplicate: chance,
    corrupt: chance,
    reorder: fc.record({
      probability,
      correlation: probability,
      gap: fc.integer({ min: 1, max: 5 }),
    }),
    rate: fc.record({
      bitPerSec: fc.integer({ min: 1_000_000, max: 1_000_000_000 }),
      packetOverheadBytes: fc.integer({ min: -50, max: 50 }),
      cellBytes: fc.integer({ min: 0, max: 60 }),
      cellOverheadBytes: fc.integer({ min: -10, max: 10 }),
    }),
    limitPackets: fc.integer({ min: 1, max: 300 }),
    slot: fc.oneof(
      fc.record({ ...limits, minDelayNs: timeNs, maxDelayNs: timeNs }),
      fc.record({ ...limits, distribution: shape, delayNs: timeNs, jitterNs: timeNs }),
    ),
    ecn: fc.boolean(),
  },
  { requiredKeys: ['ecn'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<ExactDirection>;

const arrivals = fc
  .array(
    fc.record({
      stepNs: fc.integer({ min: 0, max: 2_000_000 }),
      lengthBytes: fc.integer({ min: 14, max: 65_550 }),
    }),
    {
      maxLength: 200,
    },
  )
  .map((steps) => {
    let atNs = 0;
    return steps.map(({ stepNs, lengthBytes }): Arrival => {
      atNs += stepNs;
      return { atNs, lengthBytes };
    });
  });

/** A stream as it was recorded once: bursts and pauses, small and large packets. */
function recorded(): Arrival[] {
  const prng = new Prng(99n);
  let atNs = 0;
  return Array.from({ length: 20_000 }, () => {
    atNs += prng.below(10) === 0 ? prng.below(5_000_000) : prng.below(20_000);
    return { atNs, lengthBytes: 60 + prng.below(1455) };
  });
}

const ALL: ExactDirection = {
  delay: { meanNs: 10e6, jitterNs: 5e6, correlation: CERTAIN / 4, distribution: 'normal' },
  loss: { model: 'gilbert-elliott', p: 4e7, r: 1e9, lossInBad: CERTAIN, lossInGood: 1e6 },
  duplicate: { probability: 4e7, correlation: 1e9 },
  corrupt: { probability: 4e7, correlation: 1e9 },
  reorder: { probability: 1e9, correlation: 1e9, gap: 3 },
  ecn: false,
} as ExactDirection;

describe('with a seed', () => {
  test('a stream gets the same fates each time', () => {
    const seeded: ExactDirection = { ...ALL, seed: 42n };
    const [one, other] = [1n, 2n].map((seed) =>
      replay(new DirectionModel(seeded, seed, 0), recorded()),
    );
    assert.ok((one ?? []).length > 10_000);
    assert.deepEqual(one, other);
  });

  test('another seed gives other fates', () => {
    const [one, other] = [42n, 43n].map((seed) =>
      replay(new DirectionModel(ALL, seed, 0), recorded()),
    );
    assert.notDeepEqual(one, other);
  });

  test('settings set again start the same fates again', () => {
    const seeded: ExactDirection = { ...ALL, seed: 42n };
    const model = new DirectionModel(seeded, 1n, 0);
    const first = replay(model, recorded());
    model.reconfigure(seeded, 2n, 0);
    assert.deepEqual(replay(model, recorded()), first);
  });

  test('any settings give any stream the same fates', () => {
    fc.assert(
      fc.property(
        direction,
        arrivals,
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (exact, stream, seed) => {
          const [one, other] = [0, 1].map(() => replay(new DirectionModel(exact, seed, 0), stream));
          assert.deepEqual(one, other);
        },
      ),
    );
  });
});

describe('whatever the settings', () => {
  test('a packet leaves at most once, never before it is due, and the counters say what became of it', () => {
    fc.assert(
      fc.property(direction, arrivals, (exact, stream) => {
        const model = new DirectionModel(exact, 1n, 0);
        const departures = replay(model, stream);
        const names = departures.map(({ packet, isDuplicate }) => `${packet} ${isDuplicate}`);
        assert.equal(new Set(names).size, names.length);
        assert.ok(departures.every(({ atNs, dueNs }) => atNs >= dueNs));
        assert.ok(departures.every(({ atNs, packet }) => atNs >= (stream[packet]?.atNs ?? 0)));
        assert.ok(
          departures.every(
            ({ corruptBit, packet }) => corruptBit < 8 * (stream[packet]?.lengthBytes ?? 0),
          ),
        );
        const { lost, refused } = model.counters;
        const known = departures.length + lost + refused;
        assert.ok(exact.duplicate ? known >= stream.length : known === stream.length);
        assert.equal(model.length, 0);
      }),
    );
  });

  test('what was held when the settings change still leaves', () => {
    fc.assert(
      fc.property(direction, direction, fc.integer({ min: 1, max: 50 }), (before, after, count) => {
        const model = new DirectionModel(before, 1n, 0);
        for (let handle = 0; handle < count; handle++)
          model.hold({ dueNs: handle * 1000, lengthBytes: 100 }, handle);
        model.reconfigure(after, 1n, 0);
        const left = new Set<number>();
        while (model.length > 0) left.add(model.drain());
        assert.equal(left.size, count);
        assert.equal(model.drain(), NOTHING);
      }),
    );
  });
});
