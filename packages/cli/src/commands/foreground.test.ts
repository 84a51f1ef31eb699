import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetweirError } from '@netweir/api';
import { fakeNetweir, impairedReport } from '../test-support/fake-netweir.ts';
import { INVENTORY, lacksNetem } from '../test-support/fixtures.ts';
import { eventually, fakeTerminal, runWith } from '../test-support/run.ts';

const ARGV = ['set', 'eth0', '--delay', '1ms', '--for'];
const HOST = { space: 'host', interface: 'eth0' };

describe('set --for without a daemon', () => {
  test('restores when the time is over, and exits with 0', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const { code, stderr } = await runWith(netweir, [...ARGV, '40ms'], 'process', terminal);
    assert.equal(code, 0);
    assert.match(stderr, /no daemon runs, so this command stays until \d{4}-\d\d-\d\d \d\d:/);
    assert.deepEqual(netweir.calls.slice(-2), [['clearImpairment', HOST], ['close']]);
    assert.equal(terminal.listeners(), 0);
  });

  for (const [interrupt, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`restores on ${interrupt}, even where the time is beyond a timer's reach`, async () => {
      const netweir = fakeNetweir();
      const terminal = fakeTerminal();
      const running = runWith(netweir, [...ARGV, '1000h'], 'process', terminal);
      await eventually(() => terminal.stderr().includes('stays until'), 'it waits');
      assert.deepEqual(
        netweir.calls.filter(([name]) => name === 'clearImpairment'),
        [],
      );
      terminal.interrupt(interrupt);
      const { code } = await running;
      assert.equal(code, expected);
      assert.deepEqual(netweir.calls.slice(-2), [['clearImpairment', HOST], ['close']]);
    });
  }

  test('ends at once where nothing could be set', async () => {
    const netweir = fakeNetweir({ setImpairment: (ref) => Promise.reject(lacksNetem(ref)) });
    const { code, stderr } = await runWith(netweir, [...ARGV, '1h'], 'process');
    assert.equal(code, 4);
    assert.doesNotMatch(stderr, /stays until/);
  });

  test('says so and fails where the original cannot be put back', async () => {
    const netweir = fakeNetweir({ clearImpairment: (ref) => Promise.reject(lacksNetem(ref)) });
    const { code, stderr } = await runWith(netweir, [...ARGV, '1ms'], 'process');
    assert.equal(code, 1);
    assert.match(stderr, /cannot add netem to host\/eth0/);
  });

  test('leaves alone what another command has set meanwhile', async () => {
    const other = {
      ...impairedReport(HOST, { egress: { delay: { mean: '1ms' } } }),
      expiresAt: '2099-01-01T00:00:00.000Z',
    };
    const netweir = fakeNetweir({ impairment: () => Promise.resolve(other) });
    const { code } = await runWith(netweir, [...ARGV, '1ms'], 'process');
    assert.equal(code, 0);
    assert.deepEqual(netweir.calls.slice(-2), [['impairment', HOST], ['close']]);
  });

  test('an interrupt while it sets leaves the remaining interfaces alone', async () => {
    const terminal = fakeTerminal();
    const plain = fakeNetweir();
    const netweir = fakeNetweir({
      setImpairment: (ref, impairment) => {
        terminal.interrupt('SIGINT');
        return plain.setImpairment(ref, impairment);
      },
    });
    const argv = ['set', 'eth0', 'netns:client', '--delay', '1ms', '--for', '1h'];
    const { code } = await runWith(netweir, argv, 'process', terminal);
    assert.equal(code, 130);
    assert.deepEqual(
      netweir.calls
        .filter(([name]) => name !== 'inventory' && name !== 'close')
        .map(([name]) => name),
      ['setImpairment', 'impairment', 'clearImpairment'],
    );
  });
});

describe('set with the userspace engine and without a daemon', () => {
  const BY_ENGINE = ['set', 'eth0', '--delay', '1ms', '--engine', 'userspace'];
  const DELAY = { egress: { delay: { mean: '1ms' } }, engine: 'userspace' as const };

  for (const [interrupt, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    test(`stays without a lease and restores on ${interrupt}`, async () => {
      const netweir = fakeNetweir();
      const terminal = fakeTerminal();
      const running = runWith(netweir, BY_ENGINE, 'process', terminal);
      await eventually(() => terminal.stderr() !== '', 'it waits');
      assert.equal(
        terminal.stderr(),
        'netweir: the userspace engine runs in this command, so it stays; Ctrl+C restores\n',
      );
      assert.equal(terminal.stdout(), 'host/eth0: delay 1ms (userspace)\n');
      assert.ok(!netweir.calls.some(([name]) => name === 'clearImpairment' || name === 'close'));
      terminal.interrupt(interrupt);
      assert.equal((await running).code, expected);
      assert.deepEqual(netweir.calls.slice(-2), [['clearImpairment', HOST], ['close']]);
      assert.equal(terminal.listeners(), 0);
    });
  }

  test('stays where only the ingress needs it', async () => {
    const terminal = fakeTerminal();
    const argv = ['set', 'eth0', '--delay', '1ms', '--both', '--json'];
    const running = runWith(fakeNetweir(), argv, 'process', terminal);
    await eventually(() => terminal.stderr().includes('so it stays'), 'it waits');
    assert.equal(JSON.parse(terminal.stdout())[0].ingressMechanism, 'userspace');
    terminal.interrupt('SIGINT');
    assert.equal((await running).code, 130);
  });

  test('ends when the interface is gone, though not when it was only renamed', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const running = runWith(netweir, BY_ENGINE, 'process', terminal);
    const watches = (): boolean => netweir.calls.some(([name]) => name === 'watch');
    await eventually(watches, 'it watches');
    const one = INVENTORY.spaces[0]?.interfaces.find(({ ifindex }) => ifindex === 2);
    assert.ok(one);
    const renamed = { ...one, name: 'renamed0' };
    const space = 'host';
    netweir.send({
      ...{ type: 'changes', sequence: 1 },
      changes: [{ type: 'interface', space, interface: renamed }],
    });
    assert.doesNotMatch(terminal.stderr(), /gone/);
    netweir.send({
      ...{ type: 'changes', sequence: 2 },
      changes: [{ type: 'interface-removed', space, ifindex: 2 }],
    });
    const { code, stderr } = await running;
    assert.equal(code, 0);
    assert.match(stderr, /what was impaired is gone/);
    assert.ok(netweir.calls.some(([name]) => name === 'unwatch'));
  });

  test("restores at the lease's end, and exits with 0", async () => {
    const netweir = fakeNetweir();
    const { code, stderr } = await runWith(netweir, [...BY_ENGINE, '--for', '40ms'], 'process');
    assert.equal(code, 0);
    assert.match(
      stderr,
      /runs in this command, so it stays until \d{4}-.* and restores then; Ctrl\+C restores at once/,
    );
    assert.deepEqual(netweir.calls.slice(-2), [['clearImpairment', HOST], ['close']]);
  });

  test('where the kernel does it returns at once and leaves it', async () => {
    const netweir = fakeNetweir();
    const { code, stderr } = await runWith(
      netweir,
      ['set', 'eth0', '--delay', '1ms', '--engine', 'kernel'],
      'process',
    );
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.ok(!netweir.calls.some(([name]) => name === 'clearImpairment'));
  });

  test('says when the engine dies, removes its hooks and fails', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const failure = new AbortController();
    const running = runWith(netweir, BY_ENGINE, 'process', terminal, failure.signal);
    await eventually(() => terminal.stderr().includes('so it stays'), 'it waits');
    failure.abort(new NetweirError('engine-failed', 'the userspace engine died: oops'));
    const { code, stderr } = await running;
    assert.equal(code, 1);
    assert.match(stderr, /^netweir: the userspace engine died: oops$/mu);
    assert.deepEqual(netweir.calls.slice(-2), [['clearImpairment', HOST], ['close']]);
  });

  test('restores a direction that the kernel does, though the engine of the other died', async () => {
    const left = impairedReport(HOST, { egress: { delay: { mean: '1ms' } } });
    const netweir = fakeNetweir({ impairment: () => Promise.resolve(left) });
    const argv = ['set', 'eth0', '--delay', '1ms', '--both', '--for', '1ms'];
    assert.equal((await runWith(netweir, argv, 'process')).code, 0);
    assert.deepEqual(netweir.calls.slice(-2), [['clearImpairment', HOST], ['close']]);
  });

  for (const [what, now, cleared] of [
    ['is still so', impairedReport(HOST, DELAY), true],
    ['was set to something else', impairedReport(HOST, { egress: { ecn: true } }), false],
    ['was set on ingress, too', impairedReport(HOST, { ...DELAY, ingress: {} }), false],
  ] as const) {
    test(`at the end ${cleared ? 'restores' : 'leaves alone'} what ${what}`, async () => {
      const netweir = fakeNetweir({ impairment: () => Promise.resolve(now) });
      const argv = [...BY_ENGINE, '--for', '1ms'];
      assert.equal((await runWith(netweir, argv, 'process')).code, 0);
      assert.equal(
        netweir.calls.some(([name]) => name === 'clearImpairment'),
        cleared,
      );
    });
  }
});
