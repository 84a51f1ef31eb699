import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Rule } from '@netweir/api';
import { RuleBook } from './book.ts';

const rule = (mean: string): Rule => ({
  match: { name: '*' },
  impairment: { egress: { delay: { mean } } },
});

describe('the rules in force', () => {
  test('are those of the API, then those of the configuration', () => {
    const book = new RuleBook();
    book.configure({ rules: { a: rule('1ms'), b: rule('2ms') } });
    book.put('z', rule('3ms'));
    book.put('y', rule('4ms'));
    assert.deepEqual(
      book.list().map(({ name, source }) => `${source} ${name}`),
      ['api z', 'api y', 'config a', 'config b'],
    );
    assert.deepEqual(book.put('z', rule('5ms')).rule, rule('5ms'));
    assert.deepEqual(
      book.list().map(({ name }) => name),
      ['z', 'y', 'a', 'b'],
    );
  });

  test('of the configuration are changed there and nowhere else', () => {
    const book = new RuleBook();
    book.configure({ rules: { a: rule('1ms') } });
    const error = { code: 'rule-of-config', remedy: /Change it there/ };
    assert.throws(() => book.put('a', rule('2ms')), error);
    assert.throws(() => book.delete('a'), error);
    assert.deepEqual(book.list(), [{ name: 'a', rule: rule('1ms'), source: 'config' }]);
  });

  test('of the API hide those that the configuration has by the same name later', () => {
    const book = new RuleBook();
    book.put('a', rule('1ms'));
    book.configure({ rules: { a: rule('2ms') } });
    assert.deepEqual(book.list(), [{ name: 'a', rule: rule('1ms'), source: 'api' }]);
    book.put('a', rule('3ms'));
    book.delete('a');
    assert.deepEqual(book.list(), [{ name: 'a', rule: rule('2ms'), source: 'config' }]);
  });

  test('that do not exist cannot be deleted, and those that do are told', () => {
    const book = new RuleBook();
    assert.throws(() => book.delete('x'), { code: 'no-such-rule', remedy: 'There are no rules.' });
    book.put('a', rule('1ms'));
    assert.throws(() => book.delete('x'), { code: 'no-such-rule', remedy: 'There are: a.' });
  });
});
