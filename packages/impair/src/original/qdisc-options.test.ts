import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { restorableOptions } from './qdisc-options.ts';

function u32s(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** Attributes of four bytes each. */
function attributes(...entries: [type: number, value: number][]): Uint8Array {
  return u32s(...entries.flatMap(([type, value]) => [(type << 16) | 8, value]));
}

describe('restorableOptions', () => {
  test('times of codel and fq_codel are one more, everything else is the same', () => {
    const dumped = attributes([1, 6999], [2, 999], [3, 69_999], [5, 256], [7, 8999]);
    assert.deepEqual(
      restorableOptions('fq_codel', dumped),
      attributes([1, 7000], [2, 999], [3, 70_000], [5, 256], [7, 9000]),
    );
    assert.deepEqual(
      restorableOptions('codel', dumped),
      attributes([1, 7000], [2, 999], [3, 70_000], [5, 257], [7, 8999]),
    );
    assert.deepEqual(restorableOptions('pfifo', dumped), dumped);
  });

  test('a time that was dumped is kept in the same step when it is sent back', () => {
    const kept = (us: bigint): bigint => (us * 1000n) >> 10n;
    const shown = (step: bigint): bigint => (step << 10n) / 1000n;
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 0xf000_0000n }), (step) => {
        assert.equal(kept(shown(step) + 1n), step);
      }),
    );
  });

  test("sfq's own limit is not sent where it is below the number of flows", () => {
    const rest = (limit: number, flows: number): Uint8Array => u32s(1514, 0, limit, 1024, flows, 0);
    assert.deepEqual(restorableOptions('sfq', rest(127, 128)), rest(0, 128));
    assert.deepEqual(restorableOptions('sfq', rest(100, 100)), rest(100, 100));
  });

  test('the dump itself stays as it is, and random bytes never throw', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('codel', 'fq_codel', 'sfq'),
        fc.uint8Array({ maxLength: 80 }),
        (kind, dumped) => {
          const before = dumped.slice();
          assert.equal(restorableOptions(kind, dumped).length, dumped.length);
          assert.deepEqual(dumped, before);
        },
      ),
    );
  });
});
