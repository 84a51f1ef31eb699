import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type WeighedLink, waysTo } from './ways.ts';

const link = (
  between: string,
  delayNs: number,
  broken: WeighedLink['broken'] = null,
): WeighedLink => {
  const [a = '', b = ''] = between.split('-');
  return { between: [a, b], delaysNs: [delayNs, delayNs], broken };
};
const told = (destination: string, ...links: WeighedLink[]) =>
  Object.fromEntries(
    [...waysTo(destination, links)].map(([from, way]) => [
      from,
      way.kind === 'via' ? way.region : way.kind,
    ]),
  );

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const anyLinks = fc.uniqueArray(
  fc
    .record({
      pair: fc.uniqueArray(fc.constantFrom(...names), { minLength: 2, maxLength: 2 }),
      delaysNs: fc.tuple(fc.nat(5), fc.nat(5)),
      broken: fc.constantFrom<WeighedLink['broken']>(null, null, 'reroute', 'blackhole'),
    })
    .map(({ pair: [a = '', b = ''], delaysNs, broken }): WeighedLink => {
      return { between: [a, b], delaysNs, broken };
    }),
  { selector: ({ between }) => between.toSorted().join(), maxLength: 15 },
);

describe('The way from region to region', () => {
  test('is the link between them, however slow, and nothing where there is none', () => {
    const links = [link('a-b', 30), link('b-c', 40), link('a-c', 100), link('c-d', 1)];
    assert.deepEqual(told('c', ...links), { a: 'c', b: 'c', d: 'c' });
    assert.deepEqual(told('d', ...links), { c: 'd' });
  });

  test('leads round a broken link, with the least delay over whole ones', () => {
    const links = [link('a-c', 10, 'reroute'), link('a-b', 5), link('b-c', 9), link('a-d', 6)];
    assert.deepEqual(told('c', ...links, link('d-c', 7)), { a: 'd', b: 'c', d: 'c' });
    assert.deepEqual(told('c', ...links), { a: 'b', b: 'c' });
    const asymmetric = { ...link('d-c', 7), delaysNs: [70, 7] as const };
    assert.deepEqual(told('c', ...links, asymmetric), { a: 'b', b: 'c', d: 'c' });
  });

  test('leads over several regions where it must, which then take it too', () => {
    const links = [link('a-d', 1, 'reroute'), link('a-b', 1), link('b-c', 1), link('c-d', 1)];
    assert.deepEqual(told('d', ...links), { a: 'b', b: 'c', c: 'd' });
  });

  test('ends where every way round is broken, too', () => {
    const links = [link('a-c', 1, 'reroute'), link('a-b', 1), link('b-c', 1, 'reroute')];
    assert.deepEqual(told('c', ...links), { a: 'unreachable', b: 'unreachable' });
  });

  test('is nowhere over a black hole, and never leads into another one', () => {
    const links = [link('a-c', 1, 'blackhole'), link('a-b', 1), link('b-c', 1, 'reroute')];
    assert.deepEqual(told('c', ...links), { a: 'blackhole', b: 'unreachable' });
  });

  test('never goes in circles, and only over whole links', () => {
    fc.assert(
      fc.property(anyLinks, fc.constantFrom(...names), (links, destination) => {
        const ways = waysTo(destination, links);
        for (const start of ways.keys()) {
          const passed: string[] = [];
          for (let at = start; at !== destination; ) {
            assert.ok(!passed.includes(at), `${[...passed, at]}`);
            passed.push(at);
            const way = ways.get(at);
            assert.ok(way, at);
            if (way.kind !== 'via') {
              assert.equal(passed.length, 1);
              break;
            }
            const hop = [at, way.region].sort().join();
            const taken = links.find(({ between }) => between.toSorted().join() === hop);
            assert.equal(taken?.broken, null);
            at = way.region;
          }
        }
      }),
    );
  });
});
