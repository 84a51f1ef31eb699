import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  burstToTicks,
  fractionToProbability,
  nsToTicks,
  probabilityToFraction,
  ticksToBurst,
  ticksToNs,
} from './psched.ts';
import { formatHandle, handle, parseHandle, TC_H_INGRESS, TC_H_ROOT } from './tcmsg.ts';

describe('handles', () => {
  test('are printed as tc prints them', () => {
    assert.equal(formatHandle(handle(0x4e57)), '4e57:');
    assert.equal(formatHandle(handle(1, 0x10)), '1:10');
    assert.equal(formatHandle(handle(0, 3)), ':3');
    assert.equal(formatHandle(TC_H_ROOT), 'root');
    assert.equal(formatHandle(TC_H_INGRESS), 'ffff:fff1');
    assert.equal(formatHandle(0), 'none');
  });

  test('read back as what was printed', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(fc.property(u32, (value) => assert.equal(parseHandle(formatHandle(value)), value)));
  });

  test('refuse what is none', () => {
    for (const text of ['', '1', '1:2:3', '10000:', ':g', '0x1:', 'Root']) {
      assert.throws(() => parseHandle(text), RangeError);
    }
    assert.throws(() => handle(0x1_0000), RangeError);
    assert.throws(() => handle(1, -1), RangeError);
  });
});

describe('times', () => {
  test('round down to ticks of 64 ns', () => {
    assert.equal(nsToTicks(1000), 15);
    assert.equal(nsToTicks(100_000_000), 1_562_500);
    assert.equal(nsToTicks(275e9), 0xffff_ffff);
    assert.equal(ticksToNs(15), 960);
  });
});

describe('probabilities', () => {
  test('are those of tc', () => {
    const known = { 0: 0, 0.01: 0x028f_5c29, 0.1: 0x1999_999a, 0.25: 0x4000_0000, 1: 0xffff_ffff };
    for (const [fraction, expected] of Object.entries(known)) {
      assert.equal(fractionToProbability(Number(fraction)), expected);
    }
  });

  test('come back from their fraction', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(u32, (it) => assert.equal(fractionToProbability(probabilityToFraction(it)), it)),
    );
  });

  test('are from 0 to 1', () => {
    for (const bad of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => fractionToProbability(bad), RangeError);
    }
  });
});

describe('bursts', () => {
  test('4096 bytes at 1 Mbit/s are 512000 ticks', () => {
    assert.equal(burstToTicks(4096, 125_000), 512_000);
    assert.equal(ticksToBurst(512_000, 125_000), 4096);
  });

  test('come back exactly up to 125 Mbit/s', () => {
    const rate = fc.integer({ min: 1, max: 15_625_000 });
    const bytes = fc.integer({ min: 0, max: 100_000_000 });
    fc.assert(
      fc.property(bytes, rate, (count, bytesPerSecond) => {
        const ticks = burstToTicks(count, bytesPerSecond);
        fc.pre(ticks < 0xffff_ffff);
        assert.equal(ticksToBurst(ticks, bytesPerSecond), count);
      }),
    );
  });

  test('need a rate', () => {
    assert.throws(() => burstToTicks(1, 0), RangeError);
  });
});
