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

  test('uniform rises evenly over 8192 entries from -1 to 1, and is 0 in the mean', () => {
    const table = netemDistribution('uniform');
    assert.equal(table.length, 8192);
    assert.equal(table[0], -8191);
    assert.equal(table[8191], 8191);
    assert.ok(table.every((entry, index) => index === 0 || entry - (table[index - 1] ?? 0) === 2));
    assert.equal(
      table.reduce((sum, entry) => sum + entry, 0),
      0,
    );
  });

  test('a table is computed once', () => {
    assert.equal(netemDistribution('normal'), netemDistribution('normal'));
  });
});
