import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import { HostNames, namesIn } from './host-names.ts';

describe('host names in rules', () => {
  test('are looked up once, and told of when they have other addresses', async (t) => {
    const answers = new Map([['a.example', ['192.0.2.1']]]);
    const asked: string[] = [];
    const told: ReadonlySet<string>[] = [];
    const names = new HostNames({
      onChange: (changed) => told.push(changed),
      refreshMs: 5,
      lookUp: async (name) => {
        asked.push(name);
        const found = answers.get(name);
        if (!found) throw new Error('ENOTFOUND');
        return found;
      },
    });
    t.after(() => names.close());
    await names.learn(new Set(['a.example']));
    assert.deepEqual(names.addressesOf(new Set(['a.example'])), { 'a.example': ['192.0.2.1'] });
    answers.set('a.example', ['192.0.2.9', '192.0.2.1']);
    while (told.length === 0) await new Promise((done) => setTimeout(done, 5));
    assert.deepEqual(told, [new Set(['a.example'])]);
    assert.deepEqual(names.addressesOf(new Set(['a.example'])), {
      'a.example': ['192.0.2.1', '192.0.2.9'],
    });
    // What cannot be looked up any more stays what it was.
    answers.delete('a.example');
    const before = asked.length;
    while (asked.length < before + 2) await new Promise((done) => setTimeout(done, 5));
    assert.deepEqual(names.addressesOf(new Set(['a.example']))['a.example']?.length, 2);
  });

  test('are refused where nobody knows them', async (t) => {
    const names = new HostNames({
      onChange: () => assert.fail('nothing changed'),
      lookUp: () => Promise.reject(new Error('getaddrinfo ENOTFOUND')),
    });
    t.after(() => names.close());
    await assert.rejects(names.learn(new Set(['no.example'])), (error) => {
      assert.ok(isNetweirError(error));
      assert.match(error.message, /no\.example cannot be looked up.*ENOTFOUND/);
      return error.code === 'invalid-request';
    });
  });

  test('are those of the other ends, not addresses', () => {
    const rules = [
      { match: { remote: ['a.example', '192.0.2.1'] }, egress: {} },
      { match: { local: ['192.0.2.2'] }, egress: {} },
    ];
    assert.deepEqual([...namesIn({ rules })], ['a.example']);
    assert.deepEqual([...namesIn({})], []);
  });
});
