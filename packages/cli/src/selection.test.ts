import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type InterfaceRef, Inventory } from '@netweir/api';
import { type FakeNetweir, fakeNetweir } from './test-support/fake-netweir.ts';
import { CONTAINERS } from './test-support/fixtures.ts';
import { runWith } from './test-support/run.ts';

const LOSS = ['--loss', '1%'];

/** What runs is always there, what is stopped only if asked for. */
function containers(): FakeNetweir {
  return fakeNetweir({
    inventory: (options) =>
      Promise.resolve(options?.stopped ? CONTAINERS : { ...CONTAINERS, stopped: [] }),
  });
}

async function named(method: string, argv: readonly string[]): Promise<string[]> {
  const netweir = containers();
  const { code, stderr } = await runWith(netweir, argv);
  assert.equal(code, 0, stderr);
  return netweir.calls
    .filter(([called]) => called === method)
    .map(([, ref]) => `${(ref as InterfaceRef).space}/${(ref as InterfaceRef).interface}`);
}

describe('what a command line selects', () => {
  for (const [argv, method, expected] of [
    [['set', '--label', 'app=w*', ...LOSS], 'setImpairment', ['docker:web/eth0']],
    [
      ['set', '--label', 'app', ...LOSS],
      'setImpairment',
      ['pod:podman/db/tap0', 'docker:web/eth0'],
    ],
    [['set', 'docker:3f2a', ...LOSS], 'setImpairment', ['docker:web/eth0']],
    [
      ['set', 'podman:db', 'docker:web', ...LOSS],
      'setImpairment',
      ['pod:podman/db/tap0', 'docker:web/eth0'],
    ],
    [['set', 'docker:agent/veth5', ...LOSS], 'setImpairment', ['host/veth5']],
    [['clear', '--image', 'nginx:*'], 'clearImpairment', ['docker:web/eth0']],
    [['clear', 'docker:*', '--project', 'shop'], 'clearImpairment', ['docker:web/eth0']],
    [['show', '--network', 'shop_*'], 'impairment', ['docker:web/eth0']],
    [['link', 'down', '--project', 'shop'], 'setLink', ['docker:web/eth0']],
  ] as const) {
    test(`${argv.join(' ')} is ${expected.join(' and ')}`, async () =>
      assert.deepEqual(await named(method, argv), expected));
  }

  test('narrows ls, also to what is stopped', async () => {
    const list = async (...argv: string[]) => {
      const { stdout } = await runWith(containers(), ['ls', '--json', ...argv]);
      const { spaces, stopped } = Inventory.parse(JSON.parse(stdout));
      return [...spaces, ...stopped].map(({ name }) => name);
    };
    assert.deepEqual(await list('--image', 'nginx*'), ['web']);
    assert.deepEqual(await list('--image', 'nginx*', '--stopped'), ['web', 'old']);
    assert.deepEqual(await list('--stopped'), ['podman/db', 'web', 'host', 'old']);
    assert.deepEqual(await list('docker:web'), ['web']);
  });

  for (const [argv, message] of [
    [['set', ...LOSS], /missing required argument 'targets'\n.*--label/],
    [['set', '--label', '=x', ...LOSS], /"=x" names no label/],
    [['set', '--label', '--image', ...LOSS], /"--image" names no label/],
    [['show', '--label', 'a=1', '--label', 'a=2'], /the label a is asked for twice/],
    [['show', '--image', ''], /what is asked of containers is not valid: image/],
    [['show', 'eth0', '--at', 'moon'], /Allowed choices are container, host, bridge/],
    [['clear', '--all', '--at', 'host'], /either targets or --all/],
    [['clear', '--all', '--label', 'a'], /either targets or --all/],
    [['ls', '--stopped', 'eth0'], /--stopped takes no targets/],
    [['ls', '--stopped', '--watch'], /--stopped and --watch exclude each other/],
    [['ls', '--watch', '--json', '--label', 'a'], /takes no targets and no selectors/],
  ] as const) {
    test(`${argv.join(' ')} is refused before anything is asked of netweir`, async () => {
      const netweir = containers();
      const { code, stdout, stderr } = await runWith(netweir, argv);
      assert.match(stdout + stderr, message);
      assert.equal(code, 2);
      assert.deepEqual(netweir.calls, []);
    });
  }

  for (const [target, message] of [
    ['docker:old', /docker:old does not run/],
    ['docker:agent', /docker:agent has no network of its own/],
    [
      'docker:nope',
      /there is no space docker:nope\n.*There are: docker:web, pod:podman\/db, host\./,
    ],
  ] as const) {
    test(`${target} changes nothing, and why is said`, async () => {
      const netweir = containers();
      const { stderr } = await runWith(netweir, ['set', 'docker:web', target, ...LOSS]);
      assert.match(stderr, message);
      assert.ok(netweir.calls.every(([called]) => called !== 'setImpairment'));
    });
  }
});

describe('--at', () => {
  test('host impairs the other end, and says what that affects, also with --json', async () => {
    for (const more of [[], ['--json']]) {
      const netweir = containers();
      const argv = ['set', 'docker:web', '--at', 'host', ...LOSS, ...more];
      const { code, stdout, stderr } = await runWith(netweir, argv);
      assert.equal(code, 0);
      assert.match(stdout, /host\/veth5: loss 1%|"interface":"veth5"/);
      assert.match(stderr, /^netweir: host\/veth5 .*its egress is what docker:web receives/);
    }
  });

  test('bridge impairs the bridge once, whoever leads to it', async () => {
    const argv = ['show', 'docker:web', 'docker:3f2a/eth0', '--at', 'bridge'];
    assert.deepEqual(await named('impairment', argv), ['host/br-shop']);
  });

  test('is refused before the first change where one has no such place', async () => {
    const netweir = containers();
    const argv = ['clear', '--label', 'app', '--at', 'host'];
    const { code, stderr } = await runWith(netweir, argv);
    assert.equal(code, 1);
    assert.match(stderr, /pod:podman\/db\/tap0 is no veth but tun/);
    assert.ok(netweir.calls.every(([called]) => called !== 'clearImpairment'));
  });
});
