import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ErrorCode, isNetweirError } from '@netweir/api';
import { impairmentOf } from './flags.ts';
import type { ImpairmentFlags } from './impairment-options.ts';

const RIGHT: readonly (readonly [ImpairmentFlags, unknown])[] = [
  [{ delay: '100ms' }, { delay: { mean: '100ms' } }],
  [{ delay: '1s', jitter: '10ms' }, { delay: { mean: '1s', jitter: '10ms' } }],
  [{ delay: '1s', delayCorrelation: '25%' }, { delay: { mean: '1s', correlation: '25%' } }],
  [
    { delay: '1s', jitter: '1ms', distribution: 'normal' },
    { delay: { mean: '1s', jitter: '1ms', distribution: 'normal' } },
  ],
  [{ loss: '1%' }, { loss: { model: 'random', probability: '1%' } }],
  [
    { loss: '1%', lossCorrelation: '25%' },
    { loss: { model: 'random', probability: '1%', correlation: '25%' } },
  ],
  [{ lossGemodel: '1%' }, { loss: { model: 'gilbert-elliott', p: '1%' } }],
  [
    { lossGemodel: '1%,10%,70%,0.1%' },
    { loss: { model: 'gilbert-elliott', p: '1%', r: '10%', lossInBad: '70%', lossInGood: '0.1%' } },
  ],
  [{ lossState: '1%' }, { loss: { model: 'state', p13: '1%' } }],
  [
    { lossState: '1%, 2%, 3%, 4%, 5%' },
    { loss: { model: 'state', p13: '1%', p31: '2%', p32: '3%', p23: '4%', p14: '5%' } },
  ],
  [{ duplicate: '1%' }, { duplicate: { probability: '1%' } }],
  [
    { duplicate: '1%', duplicateCorrelation: '5%' },
    { duplicate: { probability: '1%', correlation: '5%' } },
  ],
  [{ corrupt: '1%' }, { corrupt: { probability: '1%' } }],
  [
    { corrupt: '1%', corruptCorrelation: '5%' },
    { corrupt: { probability: '1%', correlation: '5%' } },
  ],
  [
    { delay: '1ms', reorder: '25%', reorderCorrelation: '50%', reorderGap: '5' },
    { delay: { mean: '1ms' }, reorder: { probability: '25%', correlation: '50%', gap: 5 } },
  ],
  [{ rate: '10mbit' }, { rate: { rate: '10mbit' } }],
  [
    { rate: '1MB/s', packetOverhead: '-14', cellSize: '53', cellOverhead: '5' },
    { rate: { rate: '1MB/s', packetOverheadBytes: -14, cellBytes: 53, cellOverheadBytes: 5 } },
  ],
  [{ limit: '50' }, { limitPackets: 50 }],
  [{ slot: '1ms' }, { slot: { minDelay: '1ms' } }],
  [
    { slot: '1ms,5ms', slotPackets: '3', slotBytes: '4500' },
    { slot: { minDelay: '1ms', maxDelay: '5ms', maxPackets: 3, maxBytes: 4500 } },
  ],
  [
    { slotDistribution: 'pareto,5ms,1ms' },
    { slot: { distribution: 'pareto', delay: '5ms', jitter: '1ms' } },
  ],
  [
    { loss: '1%', ecn: true },
    { loss: { model: 'random', probability: '1%' }, ecn: true },
  ],
  [
    { loss: '1%', seed: '18446744073709551615' },
    {
      loss: { model: 'random', probability: '1%' },
      seed: '18446744073709551615',
    },
  ],
];

const WRONG: readonly (readonly [ImpairmentFlags, ErrorCode, RegExp])[] = [
  [{ delay: '100' }, 'invalid-quantity', /"100" has no unit/],
  [{ delay: '100xs' }, 'invalid-quantity', /unknown unit "xs"/],
  [{ delay: '-5ms' }, 'invalid-quantity', /"-5ms" is negative/],
  [{ delay: 'NaN' }, 'invalid-quantity', /"NaN" is not a finite number/],
  [{ delay: 'Infinity' }, 'invalid-quantity', /not a finite number/],
  [{ delay: '1e3ms' }, 'invalid-quantity', /"1e3ms" has an exponent/],
  [{ delay: '0.5ns' }, 'invalid-quantity', /finer than a nanosecond/],
  [{ delay: '99999999999999h' }, 'invalid-quantity', /too large/],
  [{ delay: '' }, 'invalid-quantity', /is empty/],
  [{ delay: '--jitter' }, 'invalid-request', /--delay has no value/],
  [{ delay: '1ms', jitter: '3s' }, 'invalid-combination', /jitter is above 2.147483647s/],
  [{ jitter: '1ms' }, 'invalid-combination', /--jitter needs --delay/],
  [{ delay: '1ms', distribution: 'gauss' }, 'invalid-request', /delay\.distribution/],
  [{ delay: '1ms', distribution: 'normal' }, 'invalid-combination', /distribution needs a jitter/],
  [{ distribution: 'normal' }, 'invalid-combination', /--distribution needs --delay/],
  [{ loss: '1' }, 'invalid-quantity', /"1" has no %/],
  [{ loss: '101%' }, 'invalid-quantity', /more than 100%/],
  [{ loss: '-1%' }, 'invalid-quantity', /is negative/],
  [{ loss: '1‰' }, 'invalid-quantity', /unknown unit "‰"/],
  [{ lossCorrelation: '1%' }, 'invalid-combination', /--loss-correlation needs --loss/],
  [{ lossGemodel: '' }, 'invalid-quantity', /is empty/],
  [{ lossGemodel: '1%,2' }, 'invalid-quantity', /"2" has no %/],
  [{ lossGemodel: '1%,2%,3%,4%,5%' }, 'invalid-request', /--loss-gemodel takes 1 to 4 values/],
  [{ lossState: '1%,,2%' }, 'invalid-quantity', /is empty/],
  [{ lossState: '1%,1%,1%,1%,1%,1%' }, 'invalid-request', /--loss-state takes 1 to 5 values/],
  [{ loss: '1%', lossGemodel: '1%' }, 'invalid-combination', /--loss and --loss-gemodel exclude/],
  [{ lossState: '1%', lossGemodel: '1%' }, 'invalid-combination', /exclude each other/],
  [{ reorder: '25%' }, 'invalid-combination', /reorder needs a delay/],
  [{ reorderGap: '5' }, 'invalid-combination', /--reorder-gap needs --reorder/],
  [{ delay: '1ms', reorder: '1%', reorderGap: '0' }, 'invalid-request', /reorder\.gap/],
  [{ delay: '1ms', reorder: '1%', reorderGap: 'x' }, 'invalid-quantity', /--reorder-gap "x"/],
  [{ rate: '10mbps' }, 'invalid-quantity', /"10mbps" is ambiguous/],
  [{ rate: '10' }, 'invalid-quantity', /"10" has no unit/],
  [{ rate: '0mbit' }, 'invalid-quantity', /below 8bit/],
  [{ rate: '10mb/s' }, 'invalid-quantity', /unknown unit "mb\/s"/],
  [{ cellSize: '53' }, 'invalid-combination', /--cell-size needs --rate/],
  [{ rate: '1mbit', cellOverhead: '5' }, 'invalid-combination', /cell overhead needs a cell size/],
  [{ rate: '1mbit', cellSize: '-1' }, 'invalid-request', /rate\.cellBytes/],
  [{ rate: '1mbit', packetOverhead: '1.5' }, 'invalid-quantity', /"1.5" is not a whole number/],
  [{ limit: '0' }, 'invalid-request', /limitPackets/],
  [{ limit: 'NaN' }, 'invalid-quantity', /--limit "NaN" is not a whole number/],
  [{ limit: '99999999999999999999' }, 'invalid-quantity', /is not a whole number/],
  [{ limit: '4294967296' }, 'invalid-request', /limitPackets/],
  [{ slot: '5' }, 'invalid-quantity', /"5" has no unit/],
  [{ slot: '5ms,1ms' }, 'invalid-combination', /maxDelay is below its minDelay/],
  [{ slot: '1ms,2ms,3ms' }, 'invalid-request', /--slot takes 1 to 2 values/],
  [{ slotDistribution: 'normal,5ms' }, 'invalid-request', /--slot-distribution takes 3 values/],
  [{ slotDistribution: 'gauss,5ms,1ms' }, 'invalid-request', /slot\.distribution/],
  [{ slot: '1ms', slotDistribution: 'normal,1ms,1ms' }, 'invalid-combination', /exclude each/],
  [{ slotPackets: '3' }, 'invalid-combination', /--slot-packets needs --slot or --slot-dist/],
  [{ ecn: true }, 'invalid-combination', /ecn needs a loss/],
  [{ loss: '1%', seed: '-1' }, 'invalid-request', /seed/],
  [{ loss: '1%', seed: '18446744073709551616' }, 'invalid-request', /above 2\^64 - 1/],
  [{ loss: '1%', for: '5' }, 'invalid-quantity', /"5" has no unit/],
  [{ for: '5m' }, 'invalid-request', /needs to be told what to do/],
  [{ engine: 'userspace' }, 'invalid-request', /needs to be told what to do/],
  [{ ingress: true }, 'invalid-request', /needs to be told what to do/],
  [{ both: true }, 'invalid-request', /needs to be told what to do/],
  [
    { loss: '1%', ingress: true, both: true },
    'invalid-combination',
    /--ingress and --both exclude each other/,
  ],
  [{ loss: '1%', engine: 'ebpf' }, 'invalid-request', /engine: .*"auto"\|"kernel"\|"userspace"/],
  [{ loss: '1%', engine: '--both' }, 'invalid-request', /--engine has no value/],
  [{ ingress: true, reorder: '1%' }, 'invalid-combination', /reorder needs a delay/],
  [{}, 'invalid-request', /needs to be told what to do/],
  [
    { tc: 'netem delay 1ms', loss: '1%', rate: '1mbit' },
    'invalid-combination',
    /--tc and --loss, --rate exclude each other/,
  ],
  [{ tc: 'netem delay' }, 'invalid-request', /"delay" is the last word/],
  [{ tc: 'netem delay 1x' }, 'invalid-quantity', /"1x" behind "delay" is not a time/],
  [{ tc: '--ingress' }, 'invalid-request', /--tc has no value/],
];

describe('the flags of set', () => {
  for (const [flags, egress] of RIGHT) {
    test(`${JSON.stringify(flags)} is read`, () => {
      assert.deepEqual(impairmentOf(flags), { egress });
    });
  }

  test('--for is the lease of the whole impairment', () => {
    assert.deepEqual(impairmentOf({ loss: '1%', for: '5m' }), {
      egress: { loss: { model: 'random', probability: '1%' } },
      for: '5m',
    });
  });

  const egress = { delay: { mean: '1ms' } };
  for (const [flags, impairment] of [
    [{ ingress: true }, { ingress: egress }],
    [{ both: true }, { egress, ingress: egress }],
    [{ engine: 'auto' }, { egress, engine: 'auto' }],
    [{ engine: 'kernel' }, { egress, engine: 'kernel' }],
    [
      { engine: 'userspace', ingress: true, for: '5m' },
      { ingress: egress, engine: 'userspace', for: '5m' },
    ],
  ] as const satisfies readonly (readonly [ImpairmentFlags, unknown])[]) {
    test(`a delay with ${JSON.stringify(flags)} is read`, () => {
      assert.deepEqual(impairmentOf({ delay: '1ms', ...flags }), impairment);
    });
  }

  for (const flags of [
    { ingress: true },
    { both: true },
    { engine: 'kernel', for: '5m' },
  ] as const) {
    test(`what tc says is what flags say, with ${JSON.stringify(flags)} too`, () => {
      const inFlags = impairmentOf({ delay: '100ms', jitter: '10ms', limit: '1000', ...flags });
      assert.deepEqual(impairmentOf({ tc: 'netem delay 100ms 10ms', ...flags }), inFlags);
    });
  }

  for (const [flags, code, message] of WRONG) {
    test(`${JSON.stringify(flags)} is refused as ${code}`, () => {
      assert.throws(
        () => impairmentOf(flags),
        (error) => {
          assert.ok(isNetweirError(error), String(error));
          assert.match(error.message, message);
          assert.equal(error.code, code);
          assert.equal(error.exitCode, 2);
          return true;
        },
      );
    });
  }

  test('10mbps is answered with what to write instead', () => {
    assert.throws(() => impairmentOf({ rate: '10mbps' }), {
      remedy: 'write 10mbit for bits or 10MB/s for bytes',
    });
  });
});
