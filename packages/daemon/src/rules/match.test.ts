import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Container, ContainerMatch, Impairment, NamedRule } from '@netweir/api';
import { container, pod } from '../container.test-support.ts';
import { type MatchedInterface, rulingFor } from './match.ts';

const DELAY: Impairment = { egress: { delay: { mean: '1ms' } } };
const LOSS: Impairment = { egress: { loss: { model: 'random', probability: '1%' } } };

const network = (name: string): NonNullable<MatchedInterface['network']> => ({
  name,
  driver: 'bridge',
  internal: false,
  gateways: [],
});
const ETH0: MatchedInterface = { name: 'eth0', network: network('shop_back'), up: true };

function rule(name: string, match: ContainerMatch, glob?: string): NamedRule {
  const impairment = DELAY;
  const interfaces = glob === undefined ? {} : { interface: glob };
  return { name, source: 'api', rule: { match, impairment, ...interfaces } };
}

const WEB = container({
  name: 'shop-web-1',
  image: 'docker.io/library/nginx:1.27',
  compose: { project: 'shop', service: 'web' },
  labels: { tier: 'front' },
});
const CART = container({
  runtime: 'containerd',
  name: 'app',
  pod: pod({ labels: { app: 'cart' } }),
});

const UNKNOWN = container({
  endpoint: null,
  id: 'db8f4486d39d'.padEnd(64, '0'),
  name: 'db8f4486d39d',
});

const MATCHES: readonly (readonly [ContainerMatch, Container, boolean])[] = [
  [{ name: 'shop-web-1' }, WEB, true],
  [{ name: 'shop-*' }, WEB, true],
  [{ name: 'shop' }, WEB, false],
  [{ name: 'db*' }, UNKNOWN, false],
  [{ name: '*' }, UNKNOWN, true],
  [{ name: 'db8f4486d39d' }, UNKNOWN, true],
  [{ name: 'db*' }, container({ runtime: 'containerd', id: UNKNOWN.id, name: UNKNOWN.id }), false],
  [{ name: 'db*' }, container({ runtime: 'containerd', id: 'db-1', name: 'db-1' }), true],
  [{ name: 'd*' }, container({ id: UNKNOWN.id, name: 'db' }), true],
  [{ image: '*/nginx:1.*' }, WEB, true],
  [{ image: '*' }, container({ image: null }), false],
  [{ project: 'shop', service: 'w?b' }, WEB, true],
  [{ project: 'shop', service: 'db' }, WEB, false],
  [{ project: '*' }, container(), false],
  [{ pod: 'shop/cart-*' }, CART, true],
  [{ pod: '*' }, WEB, false],
  [{ labels: { tier: 'f*' } }, WEB, true],
  [{ labels: { tier: 'f*', none: '*' } }, WEB, false],
  [{ labels: { app: 'cart' } }, CART, true],
  [{ labels: { toString: '*' } }, WEB, false],
  [{ network: 'shop_*' }, WEB, true],
  [{ network: 'other' }, WEB, false],
  [{ name: 'shop-*', network: 'other' }, WEB, false],
];

describe('a rule', () => {
  for (const [match, of, expected] of MATCHES) {
    test(`for ${JSON.stringify(match)} is ${expected ? '' : 'not '}for ${of.name}`, () => {
      const found = rulingFor(of, ETH0, [rule('r', match)], undefined);
      assert.equal(found?.rule, expected ? 'r' : undefined);
    });
  }

  for (const [glob, one, expected] of [
    [undefined, { ...ETH0, name: 'lo' }, false],
    [undefined, { ...ETH0, name: 'sit0', up: false }, false],
    [undefined, { ...ETH0, name: 'sit0' }, true],
    [undefined, { ...ETH0, name: 'veth1234', up: false }, true],
    ['eth*', ETH0, true],
    ['eth1', ETH0, false],
    ['*', { ...ETH0, name: 'lo' }, true],
  ] as const) {
    const which = glob === undefined ? 'no interface' : glob;
    const state = one.up ? 'up' : 'down';
    test(`that names ${which} is ${expected ? '' : 'not '}for ${one.name}, ${state}`, () => {
      const found = rulingFor(WEB, one, [rule('r', { name: '*' }, glob)], undefined);
      assert.equal(found !== undefined, expected);
    });
  }

  test('that comes first counts, and labels after all rules', () => {
    const rules = [
      rule('one', { name: 'x' }),
      rule('two', { name: '*' }),
      rule('3', { name: '*' }),
    ];
    assert.deepEqual(rulingFor(WEB, ETH0, rules, LOSS), { rule: 'two', impairment: DELAY });
    assert.deepEqual(rulingFor(WEB, ETH0, rules.slice(0, 1), LOSS), {
      rule: 'labels',
      impairment: LOSS,
    });
    assert.equal(rulingFor(WEB, { ...ETH0, name: 'lo' }, [], LOSS), undefined);
    assert.equal(rulingFor(WEB, ETH0, [], undefined), undefined);
  });
});
