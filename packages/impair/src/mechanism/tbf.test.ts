import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BitsPerSecond, exactDirection } from '@netweir/api';
import fc from 'fast-check';
import { directionOfTbf, isRateOnly, isSameTbf, tbfOf } from './tbf.ts';

const rate = { rate: '10mbit' };

describe('isRateOnly', () => {
  test('a rate alone needs no netem', () => {
    assert.ok(isRateOnly(exactDirection({ rate })));
  });

  const others: Record<string, Parameters<typeof exactDirection>[0]> = {
    'no rate': { loss: { model: 'random', probability: '1%' } },
    delay: { rate, delay: { mean: '1ms' } },
    loss: { rate, loss: { model: 'random', probability: '1%' } },
    duplicate: { rate, duplicate: { probability: '1%' } },
    corrupt: { rate, corrupt: { probability: '1%' } },
    slot: { rate, slot: { minDelay: '1ms' } },
    'a limit': { rate, limitPackets: 10 },
    'a seed': { rate, seed: '1' },
    'an overhead': { rate: { ...rate, packetOverheadBytes: 4 } },
    cells: { rate: { ...rate, cellBytes: 48 } },
  };
  for (const [name, direction] of Object.entries(others)) {
    test(`${name} needs more than a token bucket`, () => {
      assert.ok(!isRateOnly(exactDirection(direction)));
    });
  }
});

describe('tbfOf', () => {
  test('every bucket holds a packet and every queue some, and both fit their fields', () => {
    const bits = fc.integer({ min: 8, max: 2 ** 43 });
    fc.assert(
      fc.property(bits, fc.integer({ min: 68, max: 65_535 }), (bitPerSec, mtu) => {
        const tbf = tbfOf(bitPerSec as BitsPerSecond, mtu);
        assert.ok(tbf.burstBytes >= mtu + 14);
        assert.ok(tbf.limitBytes >= tbf.burstBytes);
        assert.ok(tbf.limitBytes <= 0xffff_ffff);
      }),
    );
  });

  test('a rate of whole bytes is shown as it was asked for', () => {
    const { rate: shown } = directionOfTbf(tbfOf(10_000_000 as BitsPerSecond, 1500));
    assert.equal(shown?.bitPerSec, 10_000_000);
  });

  test('a bucket rounded by the kernel is the same, another rate or queue is not', () => {
    const sent = tbfOf(10_000_000 as BitsPerSecond, 1500);
    assert.ok(isSameTbf({ ...sent, burstBytes: sent.burstBytes - 1 }, sent));
    assert.ok(!isSameTbf({ ...sent, burstBytes: sent.burstBytes - 100 }, sent));
    assert.ok(!isSameTbf({ ...sent, limitBytes: sent.limitBytes - 1 }, sent));
    assert.ok(!isSameTbf(tbfOf(10_000_008 as BitsPerSecond, 1500), sent));
  });

  test('a bucket that takes longer to fill than the kernel can show is the same', () => {
    // 2000 bytes at 2 bytes a second are 1000 s, of which a dump has what is left by 2^32 ticks of 64 ns.
    const sent = tbfOf(16 as BitsPerSecond, 1500);
    assert.equal(sent.burstBytes, 2000);
    assert.ok(isSameTbf({ ...sent, burstBytes: 351 }, sent));
    assert.ok(!isSameTbf({ ...sent, burstBytes: 400 }, sent));
  });
});
