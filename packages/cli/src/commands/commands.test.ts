import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Capabilities,
  ImpairmentReport,
  type InterfaceRef,
  Inventory,
  type Netweir,
  NetweirError,
} from '@netweir/api';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { CAPABILITIES, lacksNetem } from '../test-support/fixtures.ts';
import { runWith } from '../test-support/run.ts';

const DELAY = ['--delay', '100ms'];
const CLIENT = { space: 'netns:client', interface: 'eth0' };
const HOST = { space: 'host', interface: 'eth0' };
const asked = (netweir: { calls: readonly (readonly unknown[])[] }, name: string): unknown[] =>
  netweir.calls.filter(([called]) => called === name).map(([, ...args]) => args);

/** Refuses one interface and does the others. */
function refusing(refused: string, error = lacksNetem): Partial<Netweir> {
  const plain = fakeNetweir();
  return {
    setImpairment: (ref, impairment) =>
      `${ref.space}/${ref.interface}` === refused
        ? Promise.reject(error(ref))
        : plain.setImpairment(ref, impairment),
  };
}

describe('set', () => {
  test('asks for every selected interface once, in the order of the targets', async () => {
    const netweir = fakeNetweir();
    const argv = ['set', 'netns:cl*/eth0', 'eth0', 'netns:client', ...DELAY];
    const { code, stdout } = await runWith(netweir, argv);
    const impairment = { egress: { delay: { mean: '100ms' } } };
    assert.equal(code, 0);
    assert.deepEqual(netweir.calls.at(-1), ['close']);
    assert.deepEqual(asked(netweir, 'setImpairment'), [
      [CLIENT, impairment],
      [HOST, impairment],
    ]);
    assert.equal(stdout, 'netns:client/eth0: delay 100ms\nhost/eth0: delay 100ms\n');
  });

  test('in the words of tc says on stderr what of them it leaves out', async () => {
    const netweir = fakeNetweir();
    const tc = 'tbf rate 1mbit burst 32kbit latency 400ms';
    const { code, stderr } = await runWith(netweir, ['set', 'eth0', '--tc', tc]);
    assert.equal(code, 0);
    assert.deepEqual(asked(netweir, 'setImpairment'), [
      [HOST, { egress: { rate: { rate: '1mbit' }, limitPackets: 36 } }],
    ]);
    assert.match(stderr, /^netweir: tbf's bucket of 4096 bytes is not taken over/);
  });

  test('with --json gives the reports as a list', async () => {
    const { stdout } = await runWith(fakeNetweir(), ['set', 'eth0', ...DELAY, '--json']);
    const reports = ImpairmentReport.array().parse(JSON.parse(stdout));
    assert.deepEqual(reports[0]?.egress, { delay: { mean: '100ms' } });
  });

  test('--both with --json gives both directions and what does each', async () => {
    const argv = ['set', 'eth0', ...DELAY, '--both', '--json'];
    const { stdout } = await runWith(fakeNetweir(), argv);
    const [report] = ImpairmentReport.array().parse(JSON.parse(stdout));
    assert.deepEqual(report?.egress, { delay: { mean: '100ms' } });
    assert.deepEqual(report?.ingress, report?.egress);
    assert.equal(report?.egressMechanism, 'netem');
    assert.equal(report?.ingressMechanism, 'userspace');
  });

  test('with the userspace engine and a daemon returns at once', async () => {
    const netweir = fakeNetweir();
    const { code, stdout, stderr } = await runWith(netweir, [
      ...['set', 'eth0', '--engine', 'userspace', '--ingress'],
      ...DELAY,
    ]);
    assert.equal(code, 0);
    assert.equal(stdout, 'host/eth0: ingress delay 100ms (userspace)\n');
    assert.equal(stderr, '');
    assert.deepEqual(asked(netweir, 'clearImpairment'), []);
  });

  test('changes nothing if one of the targets means nothing, and lists the candidates', async () => {
    const netweir = fakeNetweir();
    const { code, stderr } = await runWith(netweir, ['set', 'eth0', 'host/eth9', ...DELAY]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /there is no interface eth9 in host\n {2}→ There are: host\/lo, host\/eth0/,
    );
    assert.deepEqual(asked(netweir, 'setImpairment'), []);
  });

  test('of an unknown space lists the spaces', async () => {
    const { code, stderr } = await runWith(fakeNetweir(), ['set', 'netns:nope/eth0', ...DELAY]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /there is no space netns:nope\n {2}→ There are: netns:client, netns:empty, host/,
    );
  });

  test('of a space with nothing but lo is an error', async () => {
    const { code, stderr } = await runWith(fakeNetweir(), ['set', 'netns:empty', ...DELAY]);
    assert.equal(code, 1);
    assert.match(stderr, /netns:empty has no interface but lo/);
  });

  test('that fails in part does the rest, shows all and exits with 1', async () => {
    const netweir = fakeNetweir(refusing('host/eth0'));
    const { code, stdout, stderr } = await runWith(netweir, [
      'set',
      'eth0',
      'netns:client',
      ...DELAY,
    ]);
    assert.equal(code, 1);
    assert.equal(stdout, 'netns:client/eth0: delay 100ms\n');
    assert.equal(stderr, 'netweir: cannot add netem to host/eth0: ENOENT\n  → Load sch_netem.\n');
  });

  test('that fails in part gives with --json a problem in the place of the report', async () => {
    const netweir = fakeNetweir(refusing('host/eth0'));
    const { code, stdout, stderr } = await runWith(netweir, [
      ...['--json', 'set', 'eth0', 'netns:client'],
      ...DELAY,
    ]);
    const [problem, report] = JSON.parse(stdout);
    assert.equal(code, 1);
    assert.equal(stderr, '');
    assert.equal(problem.code, 'kernel-lacks-netem');
    assert.equal(ImpairmentReport.parse(report).space, 'netns:client');
  });

  test('that fails everywhere exits with the code of the first error', async () => {
    const codes = ['not-permitted', 'kernel-lacks-netem'] as const;
    let call = 0;
    const netweir = fakeNetweir({
      setImpairment: () => Promise.reject(new NetweirError(codes[call++] ?? 'internal', 'no')),
    });
    const { code } = await runWith(netweir, ['set', 'eth0', 'netns:client', ...DELAY]);
    assert.equal(code, 3);
  });

  test('that fails on its only interface gives with --json one problem document', async () => {
    const netweir = fakeNetweir(refusing('host/eth0'));
    const { code, stdout } = await runWith(netweir, ['set', 'eth0', ...DELAY, '--json']);
    assert.equal(code, 4);
    assert.equal(JSON.parse(stdout).code, 'kernel-lacks-netem');
  });

  test('says of each failure which interface it is about', async () => {
    const fail = { setImpairment: () => Promise.reject(new NetweirError('not-permitted', 'no')) };
    const argv = ['set', 'eth0', 'netns:client/eth0', ...DELAY];
    const { stderr } = await runWith(fakeNetweir(fail), argv);
    assert.equal(stderr, 'netweir: host/eth0: no\nnetweir: netns:client/eth0: no\n');
    const { stdout } = await runWith(fakeNetweir(fail), [...argv, '--json']);
    const problems = JSON.parse(stdout) as { instance: string }[];
    assert.deepEqual(
      problems.map(({ instance }) => instance),
      ['host/eth0', 'netns:client/eth0'],
    );
  });

  test('--for with a daemon returns at once and leaves the end to the daemon', async () => {
    const netweir = fakeNetweir();
    const { code, stderr } = await runWith(netweir, ['set', 'eth0', ...DELAY, '--for', '5m']);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.deepEqual(asked(netweir, 'clearImpairment'), []);
  });
});

describe('link', () => {
  test('takes every selected interface down', async () => {
    const netweir = fakeNetweir();
    const { code, stdout } = await runWith(netweir, ['link', 'down', 'eth0', 'netns:client']);
    assert.equal(code, 0);
    assert.equal(stdout, 'host/eth0: down\nnetns:client/eth0: down\n');
    assert.deepEqual(asked(netweir, 'setLink'), [
      [HOST, 'down'],
      [CLIENT, 'down'],
    ]);
  });
});

describe('of several targets', () => {
  const fails = (): Partial<Netweir> => ({
    impairment: failing('impairment'),
    clearImpairment: failing('clearImpairment'),
    setLink: failing('setLink'),
  });
  const plain = fakeNetweir();
  function failing<M extends 'impairment' | 'clearImpairment' | 'setLink'>(method: M): Netweir[M] {
    const answer = plain[method] as (...args: unknown[]) => Promise<never>;
    return ((ref: InterfaceRef, ...args: unknown[]) =>
      ref.space === 'host'
        ? Promise.reject(new NetweirError('space-vanished', 'it has gone'))
        : answer(ref, ...args)) as Netweir[M];
  }

  for (const command of [['show'], ['clear'], ['link', 'down']]) {
    test(`${command.join(' ')} does all, shows all and exits with 1 where one fails`, async () => {
      const argv = [...command, 'eth0', 'netns:client'];
      const { code, stdout, stderr } = await runWith(fakeNetweir(fails()), argv);
      assert.equal(code, 1);
      assert.match(stdout, /^netns:client\/eth0/);
      assert.match(stderr, /^netweir: host\/eth0: it has gone/);
      const json = await runWith(fakeNetweir(fails()), [...argv, '--json']);
      const [problem, done, ...more] = JSON.parse(json.stdout);
      assert.equal(json.code, 1);
      assert.equal(problem.code, 'space-vanished');
      assert.equal(done.space, 'netns:client');
      assert.deepEqual(more, []);
    });
  }
});

describe('restore', () => {
  const entry = { space: 'host', interface: 'eth0' };

  test('says what became of each interface, and fails where one did', async () => {
    const report = {
      restored: [{ ...entry, original: 'fq_codel' }],
      skipped: [{ ...entry, interface: 'eth1', reason: 'it is gone' }],
      failed: [{ ...entry, interface: 'eth2', error: 'EBUSY' }],
    };
    const netweir = fakeNetweir({ restore: () => Promise.resolve(report) });
    const { code, stdout } = await runWith(netweir, ['restore']);
    assert.equal(code, 1);
    assert.equal(
      stdout,
      'host/eth0: restored to fq_codel\nhost/eth1: skipped, it is gone\nhost/eth2: failed, EBUSY\n',
    );
    assert.deepEqual(JSON.parse((await runWith(netweir, ['restore', '--json'])).stdout), report);
  });

  test('with nothing to do is done', async () => {
    const { code, stdout } = await runWith(fakeNetweir(), ['restore']);
    assert.equal(code, 0);
    assert.equal(stdout, 'nothing to restore\n');
  });
});

describe('show', () => {
  test('with --json gives the reports as a list', async () => {
    const { code, stdout } = await runWith(fakeNetweir(), [
      'show',
      'eth0',
      'netns:client',
      '--json',
    ]);
    assert.equal(code, 0);
    assert.equal(ImpairmentReport.array().parse(JSON.parse(stdout)).length, 2);
  });
});

describe('ls', () => {
  test('with --json gives the inventory', async () => {
    const { stdout } = await runWith(fakeNetweir(), ['ls', '--json']);
    assert.equal(Inventory.parse(JSON.parse(stdout)).spaces.length, 3);
  });

  test('of a target shows only what it means', async () => {
    const { stdout } = await runWith(fakeNetweir(), ['ls', 'netns:client/eth0', '--json']);
    const { spaces } = Inventory.parse(JSON.parse(stdout));
    assert.deepEqual(
      spaces.map(({ id, interfaces }) => [id, interfaces.map(({ name }) => name)]),
      [['netns:client', ['eth0']]],
    );
  });
});

describe('doctor', () => {
  test('marks what is there, what is missed and what could be better', async () => {
    const { code, stdout } = await runWith(fakeNetweir(), ['doctor']);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `netweir 0.1.0 on Linux 6.18.0, asked of the daemon
✓ CAP_NET_ADMIN: there
– sch_netem: this kernel has none
  → Take a kernel with CONFIG_NET_SCH_NETEM.
`,
    );
  });

  test('is content with the userspace engine where the kernel has no netem', async () => {
    const netem = CAPABILITIES.checks.filter(({ id }) => id === 'netem');
    const checks = [
      ...netem,
      { id: 'userspace', title: 'userspace engine', ok: true, needed: false, detail: 'works' },
    ];
    const netweir = fakeNetweir({
      capabilities: () => Promise.resolve({ ...CAPABILITIES, userspace: true, checks }),
    });
    const { code, stdout } = await runWith(netweir, ['doctor']);
    assert.equal(code, 0);
    assert.match(stdout, /^– sch_netem: .*\n.*\n✓ userspace engine: works$/mu);
  });

  for (const [id, expected] of [
    ['cap_sys_admin', 3],
    ['state-directory', 1],
  ] as const) {
    test(`exits with ${expected} where the needed check ${id} fails`, async () => {
      const check = { id, title: id, ok: false, needed: true, detail: 'missing' };
      const netweir = fakeNetweir({
        capabilities: () => Promise.resolve({ ...CAPABILITIES, checks: [check] }),
      });
      const { code, stdout } = await runWith(netweir, ['doctor', '--json']);
      assert.equal(code, expected);
      assert.deepEqual(Capabilities.parse(JSON.parse(stdout)).checks, [check]);
      assert.match((await runWith(netweir, ['doctor'])).stdout, /^✗ /mu);
    });
  }
});
