import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, exactDirection, isNetweirError } from '@netweir/api';
import { neutralNetem, parseQdisc, type Qdisc, type Request, TC_H_ROOT } from '@netweir/kernel';
import { NO_DISTRIBUTIONS, netemOf } from './mechanism/netem.ts';
import { tbfOf } from './mechanism/tbf.ts';
import { type Abilities, OUR_ROOT, type PlanInput, plan } from './plan.ts';

const RTM_NEWQDISC = 36;
const RTM_DELQDISC = 37;
const FRESH_SEED = 99n;
const everything: Abilities = {
  ...{ netem: true, netemSeed: true, tbf: true, userspace: false },
  ...{ classifier: 'flower', duplicateBesideOthers: true, ifb: true },
};
const delay: Direction = { delay: { mean: '100ms' } };
const rate: Direction = { rate: { rate: '10mbit' } };

function input(egress: Direction, part: Partial<PlanInput> = {}): PlanInput {
  return {
    ifindex: 7,
    interface: 'eth0',
    mtu: 1500,
    wanted: exactDirection(egress),
    root: undefined,
    sent: undefined,
    freshSeed: FRESH_SEED,
    abilities: everything,
    ...part,
  };
}

function qdisc(handle: number, kind: string): Qdisc {
  return {
    ifindex: 7,
    handle,
    parent: TC_H_ROOT,
    kind,
    options: undefined,
    rawOptions: undefined,
    stats: undefined,
  };
}

function sentQdisc({ type, flags, body }: Request): Qdisc {
  const parsed = parseQdisc({ type, flags, body });
  assert.ok(parsed);
  return parsed;
}

function refusal(planInput: PlanInput) {
  try {
    plan(planInput);
  } catch (error) {
    assert.ok(isNetweirError(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

describe('plan', () => {
  for (const [name, root] of [
    ['nothing', undefined],
    ['a foreign qdisc', qdisc(0x8001_0000, 'fq_codel')],
    ['our netem', qdisc(OUR_ROOT, 'netem')],
  ] as const) {
    test(`over ${name} one replacing message makes 4e57: at the root`, () => {
      const { requests } = plan(input(delay, { root, sent: NO_DISTRIBUTIONS }));
      assert.equal(requests.length, 1);
      const [request] = requests;
      assert.ok(request);
      // NLM_F_REPLACE and NLM_F_CREATE, not NLM_F_EXCL: what is there is changed.
      assert.equal(request.flags & 0x700, 0x500);
      const { handle, parent, ifindex, kind } = sentQdisc(request);
      assert.deepEqual([handle, parent, ifindex, kind], [0x4e57_0000, TC_H_ROOT, 7, 'netem']);
    });
  }

  test('ours of another kind is deleted first', () => {
    const { requests } = plan(input(delay, { root: qdisc(OUR_ROOT, 'tbf') }));
    assert.deepEqual(
      requests.map(({ type }) => type),
      [RTM_DELQDISC, RTM_NEWQDISC],
    );
  });

  test('a foreign qdisc of another kind is not deleted', () => {
    const { requests } = plan(input(delay, { root: qdisc(0x4e58_0000, 'tbf') }));
    assert.deepEqual(
      requests.map(({ type }) => type),
      [RTM_NEWQDISC],
    );
  });

  test('two tables are sent apart, each with all the rest', () => {
    const shape = { distribution: 'normal', jitter: '1ms' } as const;
    const both: Direction = {
      delay: { mean: '10ms', ...shape },
      slot: { delay: '5ms', ...shape },
    };
    const { requests, expected } = plan(input(both));
    const [first, second, ...others] = requests.map((request) => sentQdisc(request).options);
    assert.ok(first?.kind === 'netem' && second?.kind === 'netem' && expected.kind === 'netem');
    assert.equal(others.length, 0);
    const { delayDistribution, slotDistribution, ...rest } = expected;
    assert.deepEqual({ ...first }, { ...rest, delayDistribution });
    assert.deepEqual({ ...second }, { ...rest, slotDistribution });
  });

  test('over a new netem no uniform table is needed, over one of unknown shape it is', () => {
    const tableLength = ({ root }: Pick<PlanInput, 'root'>): number | undefined => {
      const { expected } = plan(input(delay, { root, sent: undefined }));
      return expected.kind === 'netem' ? expected.delayDistribution?.length : undefined;
    };
    assert.equal(tableLength({ root: undefined }), undefined);
    assert.ok(tableLength({ root: qdisc(OUR_ROOT, 'netem') }));
  });

  test('a netem gets a fresh seed where none is asked for, and the one that is', () => {
    const seedOf = (egress: Direction): bigint | undefined => {
      const { expected } = plan(input(egress));
      return expected.kind === 'netem' ? expected.seed : undefined;
    };
    assert.equal(seedOf(delay), FRESH_SEED);
    assert.equal(seedOf({ ...delay, seed: '5' }), 5n);
  });
});

describe('plan on a kernel that lacks something', () => {
  const withoutNetem = { ...everything, netem: false, netemSeed: false };

  test('a rate alone is done by tbf', () => {
    const { requests, expected } = plan(input(rate, { abilities: withoutNetem }));
    const exact = exactDirection(rate).rate;
    assert.ok(exact);
    assert.deepEqual(expected, tbfOf(exact.bitPerSec, 1500));
    assert.deepEqual(
      requests.map((request) => sentQdisc(request).kind),
      ['tbf'],
    );
  });

  test('a delay needs netem, and the error says how to get it', () => {
    const error = refusal(input(delay, { abilities: withoutNetem }));
    assert.equal(error.code, 'kernel-lacks-netem');
    assert.match(error.message, /sch_netem/);
    assert.match(error.remedy ?? '', /modprobe sch_netem/);
  });

  test('without tbf a rate needs netem, too', () => {
    const error = refusal(
      input(rate, { abilities: { ...withoutNetem, tbf: false, userspace: false } }),
    );
    assert.equal(error.code, 'kernel-lacks-netem');
  });

  test('a seed on a kernel without seeds is refused, never passed over', () => {
    const abilities = { ...everything, netemSeed: false };
    const error = refusal(input({ ...delay, seed: '5' }, { abilities }));
    assert.equal(error.code, 'kernel-lacks-feature');
    assert.match(error.remedy ?? '', /6\.6/);
  });

  test('without seeds none is sent', () => {
    const { expected } = plan(input(delay, { abilities: { ...everything, netemSeed: false } }));
    assert.deepEqual(expected, netemOf(exactDirection(delay), NO_DISTRIBUTIONS));
    assert.ok(!('seed' in expected) && !('seed' in neutralNetem));
  });
});

test('a netem that duplicates takes the place of a foreign one in two steps', () => {
  const foreign = qdisc(0x8001_0000, 'netem');
  const wanted = { duplicate: { probability: '1%' } };
  const duplicates = plan(input(wanted, { root: foreign })).requests.map((request) => {
    const { options } = sentQdisc(request);
    assert.ok(options?.kind === 'netem');
    return options.duplicate > 0;
  });
  assert.deepEqual(duplicates, [false, true]);
  assert.equal(plan(input(wanted)).requests.length, 1);
});
