import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import JSON5 from 'json5';
import { locate } from './locate.ts';

const TEXT = `// a comment with { and "
{
  'containers': { docker: { enabled: true, socket: ['a', "b}]"] } }, /* { */
  rules: {
    "slow.web": {
      match: { labels: { 'com.docker.compose.service': 'w\\
eb' } },
      impairment: { egress: { delay: { mean: '100' } } },
    },
  },
  list: [1, [2, {x: 3}], 4],
}
`;

const CASES: readonly (readonly [readonly PropertyKey[], number, number])[] = [
  [[], 2, 1],
  [['containers'], 3, 3],
  [['containers', 'docker', 'socket'], 3, 44],
  [['containers', 'docker', 'socket', 1], 3, 58],
  [['rules', 'slow.web'], 5, 5],
  [['rules', 'slow.web', 'match', 'labels', 'com.docker.compose.service'], 6, 26],
  [['rules', 'slow.web', 'impairment', 'egress', 'delay', 'mean'], 8, 40],
  [['rules', 'slow.web', 'impairment', 'ingress'], 8, 7],
  [['list', 1, 1, 'x'], 11, 18],
  [['none'], 2, 1],
];

describe('a key in a JSON5 text', () => {
  for (const [path, line, column] of CASES) {
    test(`${JSON.stringify(path)} is found`, () => {
      assert.deepEqual(locate(TEXT, path), { line, column });
    });
  }

  test('that is there twice is found where it counts', () => {
    assert.deepEqual(locate('{a: 1,\na: 2}', ['a']), { line: 2, column: 1 });
  });

  test('is found by its name, however it is escaped', () => {
    assert.deepEqual(locate("{\n'\\x61b': 1}", ['ab']), { line: 2, column: 1 });
  });

  test('is found in whatever text has it', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), fc.json(), (path, other) => {
        const nested = path.reduceRight(
          (inner, key) => `{${JSON5.stringify(key)}: ${inner}}`,
          other,
        );
        const { line, column } = locate(`\n${nested}`, path);
        assert.equal(line, 2);
        const last = JSON5.stringify(path.at(-1));
        assert.ok(nested.slice(column - 1).startsWith(`${last}: `), `${nested} ${column}`);
      }),
    );
  });
});
