import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderTable } from './table.ts';

const plain = (text: string): string => text;
const UNLIMITED = { width: undefined, paintTitle: plain };

describe('a table', () => {
  test('leaves out columns that have nothing in them', () => {
    const columns = [{ title: 'A' }, { title: 'B' }, { title: 'C' }];
    const groups = [{ title: 'g', rows: [['1', '', '3']] }];
    assert.equal(renderTable(columns, groups, UNLIMITED), 'A  C\ng\n1  3\n');
  });

  test('aligns to the right', () => {
    const columns = [{ title: 'NUMBER', align: 'right' as const }, { title: 'B' }];
    const groups = [{ title: 'g', rows: [['1', 'x']] }];
    assert.equal(renderTable(columns, groups, UNLIMITED), 'NUMBER  B\ng\n     1  x\n');
  });

  test('wraps flexible columns at spaces, and words that are too long anywhere', () => {
    const columns = [{ title: 'A', flexible: true }, { title: 'B' }];
    const groups = [{ title: 'g', rows: [['one two 0123456789abcde', 'x']] }];
    assert.equal(
      renderTable(columns, groups, { width: 15, paintTitle: plain }),
      'A             B\ng\none two       x\n0123456789ab\ncde\n',
    );
  });

  test('paints each line of a wrapped cell, and its width does not count the paint', () => {
    const paint = (text: string): string => `<${text}>`;
    const columns = [{ title: 'A', flexible: true, paint }, { title: 'B' }];
    const groups = [{ title: 'g', rows: [['aaaaaa bbbbb cccc', 'x']] }];
    assert.equal(
      renderTable(columns, groups, { width: 15, paintTitle: plain }),
      'A             B\ng\n<aaaaaa bbbbb>  x\n<cccc>\n',
    );
  });

  test('of 5,000 rows is drawn in well under a second', () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => [
      `eth${i}`,
      'veth',
      '10.0.0.1/24 fe80::1/64',
    ]);
    const columns = [{ title: 'A' }, { title: 'B' }, { title: 'C', flexible: true }];
    const before = performance.now();
    renderTable(columns, [{ title: 'g', rows }], { width: 30, paintTitle: plain });
    assert.ok(performance.now() - before < 1_000);
  });
});
