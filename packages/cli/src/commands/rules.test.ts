import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NamedRule } from '@netweir/api';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { fakeTerminal, runWith } from '../test-support/run.ts';

const DELAY = ['--delay', '100ms'];
const SLOW: NamedRule = NamedRule.parse({
  name: 'slow',
  source: 'config',
  rule: {
    match: { name: 'web-*', labels: { app: 'web' } },
    impairment: { egress: { delay: { mean: '100ms' } }, for: '5m' },
  },
});

describe('rules', () => {
  test('are listed in their order', async () => {
    const other = { ...SLOW, name: 'other', rule: { ...SLOW.rule, interface: 'eth0' } };
    const netweir = fakeNetweir({ rules: () => Promise.resolve([SLOW, other]) });
    const { code, stdout } = await runWith(netweir, ['rules']);
    assert.equal(code, 0);
    assert.equal(
      stdout.replace(/ {2,}/gu, '  '),
      `RULE  CONTAINERS  INTERFACES  NETWEIR  SOURCE
slow  name web-*, label app=web  all but lo  delay 100ms (for 5m)  config
other  name web-*, label app=web  eth0  delay 100ms (for 5m)  config
`,
    );
    const json = await runWith(netweir, ['rules', '--json']);
    assert.deepEqual(NamedRule.array().parse(JSON.parse(json.stdout)), [SLOW, other]);
  });

  test('fit into a narrow terminal', async () => {
    const netweir = fakeNetweir({ rules: () => Promise.resolve([SLOW]) });
    const terminal = fakeTerminal({ columns: 50, rows: 20 });
    const { stdout } = await runWith(netweir, ['rules'], 'daemon', terminal);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 50),
      stdout,
    );
  });

  test('of which there are none are told so', async () => {
    assert.equal((await runWith(fakeNetweir(), ['rules'])).stdout, 'no rules\n');
  });

  for (const argv of [
    ['rules'],
    ['rule', 'set', 'slow', '--match-name', '*', ...DELAY],
    ['rule', 'delete', 'slow'],
  ]) {
    test(`${argv.join(' ')} needs a daemon`, async () => {
      const netweir = fakeNetweir();
      const { code, stderr } = await runWith(netweir, argv, 'process');
      assert.equal(code, 1);
      assert.match(stderr, /rules live in the daemon, and none runs\n.*netweir up.*config\.json5/);
      assert.deepEqual(netweir.calls, [['close']]);
    });
  }
});

describe('rule set', () => {
  test('puts what the flags say', async () => {
    const netweir = fakeNetweir();
    const { code, stdout } = await runWith(netweir, [
      ...['rule', 'set', 'slow', '--match-name', 'web-*', '--match-image', 'nginx*'],
      ...['--match-network', 'shop_*', '--match-project', 'shop', '--match-service', 'web'],
      ...['--match-pod', 'shop/*', '--match-label', 'app=w*', '--match-label', 'tier'],
      ...['--interface', 'eth*', '--both', '--for', '5m', '--engine', 'userspace', ...DELAY],
    ]);
    const egress = { delay: { mean: '100ms' } };
    assert.equal(code, 0);
    assert.deepEqual(netweir.calls[0], [
      'putRule',
      'slow',
      {
        match: {
          name: 'web-*',
          image: 'nginx*',
          network: 'shop_*',
          project: 'shop',
          service: 'web',
          pod: 'shop/*',
          labels: { app: 'w*', tier: '*' },
        },
        interface: 'eth*',
        impairment: { egress, ingress: egress, engine: 'userspace', for: '5m' },
      },
    ]);
    assert.match(
      stdout,
      /^rule slow: egress delay 100ms · ingress delay 100ms \(userspace engine, for 5m\) for name web-\*, .*, label tier=\*, interface eth\*\n$/,
    );
  });

  test('with --json gives the rule', async () => {
    const argv = ['rule', 'set', 'slow', '--match-name', '*', ...DELAY, '--json'];
    const { stdout } = await runWith(fakeNetweir(), argv);
    assert.equal(NamedRule.parse(JSON.parse(stdout)).name, 'slow');
  });

  for (const [argv, message] of [
    [['rule', 'set', 'slow', ...DELAY], /told which containers/],
    [['rule', 'set', 'slow', '--match-name', '*'], /told what to do/],
    [['rule', 'set', '--match-name', '*', ...DELAY], /missing required argument 'name'/],
    [['rule', 'delete'], /missing required argument 'name'/],
    [['rule', 'set', 'slow', '--match-label', '=', ...DELAY], /names no label/],
  ] as const) {
    test(`${argv.join(' ')} is refused before anything is asked of netweir`, async () => {
      const netweir = fakeNetweir();
      const { code, stderr } = await runWith(netweir, argv);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.deepEqual(netweir.calls, []);
    });
  }
});

test('rule delete ends a rule', async () => {
  const netweir = fakeNetweir();
  const { code, stdout } = await runWith(netweir, ['rule', 'delete', 'slow']);
  assert.equal(code, 0);
  assert.equal(stdout, 'rule slow: deleted\n');
  assert.deepEqual(netweir.calls[0], ['deleteRule', 'slow']);
});
