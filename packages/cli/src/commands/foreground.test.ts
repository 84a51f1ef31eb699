import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { lacksNetem } from '../test-support/fixtures.ts';
import { eventually, fakeTerminal, runWith } from '../test-support/run.ts';

const ARGV = ['set', 'eth0', '--delay', '1ms', '--for'];
const HOST = { space: 'host', interface: 'eth0' };

describe('set --for without a daemon', () => {
  test('restores when the time is over, and exits with 0', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const { code, stderr, closed } = await runWith(netweir, [...ARGV, '40ms'], 'process', terminal);
    assert.equal(code, 0);
    assert.match(stderr, /no daemon runs, so this command stays until \d{4}-\d\d-\d\d \d\d:/);
    assert.deepEqual(netweir.calls.at(-1), ['clearImpairment', HOST]);
    assert.equal(closed, 1);
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
      const running = runWith(netweir, [...ARGV, '10000h'], 'process', terminal);
      await eventually(() => terminal.stderr().includes('stays until'), 'it waits');
      assert.deepEqual(
        netweir.calls.filter(([name]) => name === 'clearImpairment'),
        [],
      );
      terminal.interrupt(interrupt);
      const { code, closed } = await running;
      assert.equal(code, expected);
      assert.deepEqual(netweir.calls.at(-1), ['clearImpairment', HOST]);
      assert.equal(closed, 1);
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
      netweir.calls.filter(([name]) => name !== 'inventory').map(([name]) => name),
      ['setImpairment', 'clearImpairment'],
    );
  });
});
