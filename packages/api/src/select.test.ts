import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from './errors/netweir-error.ts';
import type { ContainerMatch } from './rule.ts';
import { selectTargets } from './select.ts';
import { parseTarget } from './target.ts';
import { containerOf, interfaceOf, inventoryOf, spaceOf } from './test-support/inventory.ts';

const network = (name: string) => ({ name, driver: 'bridge', internal: false, gateways: [] });
const web = containerOf('web', {
  id: '3f2a91',
  image: 'nginx:1.27',
  labels: { app: 'web' },
  compose: { project: 'shop', service: 'web' },
});
const cart = containerOf('cart', {
  runtime: 'containerd',
  id: 'c0ffee01',
  pod: { namespace: 'shop', name: 'cart-0', labels: { app: 'cart' }, annotations: {} },
});

const inventory = inventoryOf(
  [
    spaceOf('host', [interfaceOf(1, 'lo'), interfaceOf(2, 'eth0')], {
      aliases: ['docker:agent'],
      containers: [containerOf('agent', { id: 'a9e27' })],
    }),
    spaceOf('netns:lab-a', [interfaceOf(1, 'lo'), interfaceOf(2, 'eth0'), interfaceOf(3, 'eth1')]),
    spaceOf('netns:lab-b', [interfaceOf(1, 'lo')]),
    spaceOf(
      'docker:web',
      [
        interfaceOf(1, 'lo'),
        interfaceOf(2, 'eth0', { network: network('shop_front') }),
        interfaceOf(3, 'eth1', { network: network('shop_back') }),
      ],
      {
        aliases: ['docker:sidecar', 'netns:w'],
        containers: [web, containerOf('sidecar', { id: '51deca4', image: 'envoy' })],
      },
    ),
    spaceOf('docker:api', [interfaceOf(2, 'eth0', { network: network('shop_back') })], {
      aliases: ['docker:twice'],
      containers: [containerOf('api', { id: '3f2b00', image: null })],
    }),
    spaceOf('podman:db', [interfaceOf(2, 'eth0')], {
      aliases: ['docker:twice'],
      containers: [containerOf('db', { runtime: 'podman', id: '3f2a91ff' })],
    }),
    spaceOf('pod:shop/cart-0', [interfaceOf(1, 'lo'), interfaceOf(2, 'eth0')], {
      aliases: ['containerd:c0ffee01'],
      containers: [cart],
    }),
  ],
  [
    containerOf('old', { state: 'stopped', id: 'dead01' }),
    containerOf('gone', {
      state: 'stopped',
      pod: { namespace: '', name: 'p', labels: {}, annotations: {} },
    }),
  ],
);

function named(texts: readonly string[], match?: ContainerMatch): string[] {
  return selectTargets(inventory, texts.map(parseTarget), match).map(
    (s) => `${s.space.id}/${s.interface.name}`,
  );
}

describe('a target', () => {
  for (const [text, ...expected] of [
    ['eth0', 'host/eth0'],
    ['host/eth0', 'host/eth0'],
    ['host', 'host/eth0'],
    ['*', 'host/lo', 'host/eth0'],
    ['netns:lab-a', 'netns:lab-a/eth0', 'netns:lab-a/eth1'],
    ['netns:lab-a/eth?', 'netns:lab-a/eth0', 'netns:lab-a/eth1'],
    ['netns:*/eth0', 'netns:lab-a/eth0', 'docker:web/eth0'],
    ['docker:web', 'docker:web/eth0', 'docker:web/eth1'],
    ['docker:sidecar/eth1', 'docker:web/eth1'],
    ['docker:*/eth0', 'docker:web/eth0', 'docker:api/eth0', 'podman:db/eth0'],
    ['docker:3f2a', 'docker:web/eth0', 'docker:web/eth1'],
    ['docker:51deca4/eth0', 'docker:web/eth0'],
    ['podman:3f2a', 'podman:db/eth0'],
    ['containerd:c0ff', 'pod:shop/cart-0/eth0'],
    ['pod:shop/cart-0/eth0', 'pod:shop/cart-0/eth0'],
    ['pod:shop/*', 'pod:shop/cart-0/eth0'],
    ['pod:*', 'pod:shop/cart-0/eth0'],
    ['docker:agent/eth0', 'host/eth0'],
    ['docker:a9e27/eth0', 'host/eth0'],
  ] as const) {
    test(`${text} means ${expected.join(' and ')}`, () =>
      assert.deepEqual(named([text]), expected));
  }

  test('that means what another one does adds nothing', () => {
    assert.deepEqual(named(['docker:web/eth1', 'docker:sidecar', 'docker:w*/eth1']), [
      'docker:web/eth1',
      'docker:web/eth0',
    ]);
  });

  const refused: [string, string, RegExp, RegExp][] = [
    ['eth7', 'no-such-interface', /eth7 in host/, /host\/lo, host\/eth0/],
    [
      'netns:gone/eth0',
      'no-such-space',
      /netns:gone/,
      /There are: netns:lab-a, netns:lab-b, host,/,
    ],
    ['netns:lab-b', 'no-such-interface', /no interface but lo/, /netns:lab-b\/lo/],
    ['docker:3f2', 'no-such-space', /docker:3f2/, /docker:web, docker:api/],
    ['docker:agent', 'ambiguous-target', /docker:agent .* shares the host's/, /eth0/],
    ['docker:a9e2', 'ambiguous-target', /shares the host's/, /eth0/],
    ['docker:agent/*', 'ambiguous-target', /shares the host's/, /eth0/],
    ['docker:age*', 'ambiguous-target', /shares the host's/, /eth0/],
    ['docker:twice', 'ambiguous-target', /means 2 spaces/, /docker:api, podman:db/],
    ['docker:old', 'no-such-space', /docker:old does not run.*stopped/, /Start it/],
    ['docker:dead', 'no-such-space', /does not run/, /Start it/],
    ['docker:ol?/eth0', 'no-such-space', /does not run/, /Start it/],
    ['pod:podman/p', 'no-such-space', /does not run/, /Start it/],
  ];
  for (const [text, code, message, remedy] of refused) {
    test(`${text} is refused with ${code} and what there is`, () =>
      refuses([text], undefined, code, message, remedy));
  }

  test('that starts the ids of two containers is ambiguous', () => {
    const two = ['3f2a01', '3f2a02'].map((id) =>
      spaceOf(`docker:${id}`, [interfaceOf(2, 'eth0')], { containers: [containerOf(id, { id })] }),
    );
    assert.throws(() => selectTargets(inventoryOf(two), [parseTarget('docker:3f2a')]), {
      code: 'ambiguous-target',
    });
    assert.equal(selectTargets(inventoryOf(two), [parseTarget('docker:3f2a0*')]).length, 2);
  });
});

describe('containers as asked for', () => {
  const all = ['docker:web/eth0', 'docker:web/eth1', 'docker:api/eth0', 'podman:db/eth0'];
  for (const [what, match, expected] of [
    ['of nothing asked are all but those of the host', {}, [...all, 'pod:shop/cart-0/eth0']],
    ['by image', { image: 'nginx:*' }, all.slice(0, 2)],
    ['by the image of another one in the namespace', { image: 'envoy' }, all.slice(0, 2)],
    ['by label', { labels: { app: 'web' } }, all.slice(0, 2)],
    ['by the label of their pod', { labels: { app: 'c*' } }, ['pod:shop/cart-0/eth0']],
    [
      'by a label whatever it is',
      { labels: { app: '*' } },
      [...all.slice(0, 2), 'pod:shop/cart-0/eth0'],
    ],
    ['by project', { project: 'sh*' }, all.slice(0, 2)],
    ['by service', { service: 'web' }, all.slice(0, 2)],
    ['by pod', { pod: 'shop/*' }, ['pod:shop/cart-0/eth0']],
    ['by name', { name: 'd?' }, ['podman:db/eth0']],
    ['by network: only the interfaces in it', { network: '*_back' }, all.slice(1, 3)],
    ['by two things', { network: '*_back', image: 'envoy' }, ['docker:web/eth1']],
  ] as const) {
    test(what, () => assert.deepEqual(named([], match), expected));
  }

  test('narrow targets', () => {
    assert.deepEqual(named(['docker:*/eth0', 'eth0'], { network: '*' }), [
      'docker:web/eth0',
      'docker:api/eth0',
    ]);
    assert.deepEqual(named(['docker:agent/eth0'], { name: 'agent' }), ['host/eth0']);
  });

  test('of which there are none are refused with what there is', () =>
    refuses(
      [],
      { image: 'none' },
      'no-such-interface',
      /no container has what is asked for/,
      /docker:web \(nginx:1.27\).*networks: shop_front, shop_back/,
    ));

  test('must all be in one container', () =>
    refuses([], { image: 'envoy', name: 'web' }, 'no-such-interface', /no container/, /There are/));
});

function refuses(
  texts: readonly string[],
  match: ContainerMatch | undefined,
  code: string,
  message: RegExp,
  remedy: RegExp,
): void {
  assert.throws(
    () => named(texts, match),
    (error) => {
      assert.ok(isNetweirError(error), String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.match(error.remedy ?? '', remedy);
      return true;
    },
  );
}
