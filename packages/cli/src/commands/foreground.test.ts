import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { lacksNetem, untouchedReport } from '../test-support/fixtures.ts';
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
    const other = { ...untouchedReport(HOST), expiresAt: '2099-01-01T00:00:00.000Z' };
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
