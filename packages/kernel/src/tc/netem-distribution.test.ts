import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { netemDistribution } from './netem-distribution.ts';

function fileOf(name: string): number[] {
  const text = readFileSync(`/usr/lib/x86_64-linux-gnu/tc/${name}.dist`, 'utf8');
  const data = text.replaceAll(/^#.*$/gm, '').trim();
  return data.split(/\s+/).map(Number);
}

describe('netemDistribution', () => {
  for (const name of ['normal', 'pareto', 'paretonormal'] as const) {
    test(`${name} has every value of iproute2's file`, () => {
      assert.deepEqual([...netemDistribution(name)], fileOf(name));
    });
  }

  test('uniform rises evenly over 16384 entries from -1 to almost 1', () => {
    const table = netemDistribution('uniform');
    assert.equal(table.length, 16_384);
    assert.equal(table[0], -8192);
    assert.equal(table[8192], 0);
    assert.equal(table[16_383], 8191);
  });

  test('a table is computed once', () => {
    assert.equal(netemDistribution('normal'), netemDistribution('normal'));
  });
});
