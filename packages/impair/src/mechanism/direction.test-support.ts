import { CERTAIN, type Distribution, type ExactDirection } from '@netweir/api';
import fc from 'fast-check';

export const SHAPES: readonly Distribution[] = ['uniform', 'normal', 'pareto', 'paretonormal'];

const SMALL_LIMIT = 999;

/** Plain objects, as deepEqual tells them from those without a prototype. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;

const probability = fc.integer({ min: 0, max: CERTAIN });
const above = fc.integer({ min: 1, max: CERTAIN });
const chance = record({ probability: above, correlation: probability });
const jitterNs = fc.integer({ min: 0, max: 0x7fff_ffff });
const timeNs = fc.integer({ min: 1, max: 2 ** 52 });
const distribution = fc.constantFrom(...SHAPES);
const s32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const limits = {
  maxPackets: fc.integer({ min: 0, max: 0x7fff_fffe }),
  maxBytes: fc.integer({ min: 0, max: 0x7fff_fffe }),
};

/** Every direction that a netem shows again: nothing that does nothing, no bits that fill no byte. */
export const direction: fc.Arbitrary<ExactDirection> = fc.record(
  {
    delay: record({
      meanNs: timeNs,
      jitterNs,
      correlation: probability,
      distribution,
      keepsOrder: fc.boolean(),
    }),
    loss: fc.oneof(
      record({
        model: fc.constant('random'),
        probability: above,
        correlation: probability,
      }),
      record({
        model: fc.constant('gilbert-elliott'),
        p: probability,
        r: probability,
        lossInBad: probability,
        lossInGood: probability,
      }),
      record({
        model: fc.constant('state'),
        p13: probability,
        p31: probability,
        p32: probability,
        p23: probability,
        p14: probability,
      }),
    ),
    duplicate: chance,
    corrupt: chance,
    reorder: record({ probability, correlation: probability, gap: above }),
    rate: record({
      bitPerSec: fc.integer({ min: 1, max: 2 ** 40 }).map((bytes) => bytes * 8),
      packetOverheadBytes: s32,
      cellBytes: fc.integer({ min: 0, max: CERTAIN }),
      cellOverheadBytes: s32,
    }),
    // Below every limit that is chosen by itself, which is not shown.
    limitPackets: fc.integer({ min: 1, max: SMALL_LIMIT }),
    slot: fc.oneof(
      record({ minDelayNs: fc.constant(0), maxDelayNs: timeNs, ...limits }),
      record({
        distribution,
        delayNs: timeNs,
        jitterNs: fc.integer({ min: 1, max: 0x7fff_ffff }),
        ...limits,
      }),
    ),
    seed: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    ecn: fc.boolean(),
  },
  { requiredKeys: ['ecn'], noNullPrototype: true },
) as unknown as fc.Arbitrary<ExactDirection>;

/**
 * Every direction that the model allows, in the same sense: those without a contradiction. Only netems
 * since Linux 6.6 have a seed.
 */
export function allowedDirection(hasSeed: boolean): fc.Arbitrary<ExactDirection> {
  const anyLimit = fc.integer({ min: 1, max: CERTAIN });
  return fc
    .tuple(direction, fc.option(anyLimit, { nil: undefined }))
    .map(([made, limitPackets]) => {
      const { seed, ...rest } = withoutContradictions(made);
      return {
        ...rest,
        ...(limitPackets !== undefined && { limitPackets }),
        ...(hasSeed && seed !== undefined && { seed }),
      };
    });
}

function withoutContradictions({
  delay,
  reorder,
  rate,
  slot,
  ...rest
}: ExactDirection): ExactDirection {
  const isJittered = delay !== undefined && delay.jitterNs > 0;
  const { minDelayNs = 0, maxDelayNs = 0 } = slot && 'minDelayNs' in slot ? slot : {};
  return {
    ...rest,
    ecn: rest.ecn && rest.loss !== undefined,
    ...(delay && {
      delay: {
        ...delay,
        distribution: isJittered ? delay.distribution : 'uniform',
        keepsOrder: delay.keepsOrder && isJittered && reorder === undefined,
      },
    }),
    ...(reorder && delay && { reorder }),
    ...(rate && {
      rate: { ...rate, cellOverheadBytes: rate.cellBytes === 0 ? 0 : rate.cellOverheadBytes },
    }),
    ...(slot && {
      slot: 'minDelayNs' in slot ? { ...slot, maxDelayNs: larger(minDelayNs, maxDelayNs) } : slot,
    }),
  } as ExactDirection;
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}
