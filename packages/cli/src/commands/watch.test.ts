import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Counters, EventMessage, type Netweir, NetweirError } from '@netweir/api';
import { fakeNetweir } from '../test-support/fake-netweir.ts';
import { CONTAINERS, INVENTORY } from '../test-support/fixtures.ts';
import { eventually, fakeTerminal, runWith } from '../test-support/run.ts';

function later(seconds: number, rxBytes: number): Counters {
  const counters = INVENTORY.spaces[1]?.interfaces[1]?.counters;
  assert.ok(counters);
  return { ...counters, atMs: counters.atMs + seconds * 1000, rxBytes: counters.rxBytes + rxBytes };
}

describe('ls --watch', () => {
  test('draws the snapshot, then rates from the counters, until Ctrl+C', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const argv = ['ls', '--watch', 'netns:client'];
    const running = runWith(netweir, argv, 'daemon', terminal);
    await eventually(() => terminal.stdout().includes('eth0'), 'the snapshot is drawn');
    assert.doesNotMatch(terminal.stdout(), /RX RATE/);
    netweir.send({
      type: 'changes',
      sequence: 1,
      changes: [
        { type: 'counters', space: 'netns:client', ifindex: 2, counters: later(2, 2_500_000) },
      ],
    });
    await eventually(() => terminal.stdout().includes('10.0 Mbit/s'), 'the rate is drawn');
    terminal.interrupt('SIGINT');
    const { code } = await running;
    assert.equal(code, 0);
    assert.deepEqual(netweir.calls.slice(-2), [['unwatch'], ['close']]);
  });

  test('with --json gives one event message a line', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const running = runWith(netweir, ['ls', '--watch', '--json'], 'daemon', terminal);
    await eventually(() => terminal.stdout().includes('snapshot'), 'the snapshot is there');
    netweir.send({
      type: 'changes',
      sequence: 1,
      changes: [{ type: 'space-removed', space: 'netns:client' }],
    });
    terminal.interrupt('SIGTERM');
    assert.equal((await running).code, 0);
    const messages = terminal.stdout().trimEnd().split('\n');
    assert.deepEqual(
      messages.map((line) => EventMessage.parse(JSON.parse(line)).type),
      ['snapshot', 'changes'],
    );
  });

  test('of a target that means nothing fails', async () => {
    const { code, stderr } = await runWith(fakeNetweir(), ['ls', '--watch', 'eth9']);
    assert.equal(code, 1);
    assert.match(stderr, /there is no interface eth9 in host/);
  });

  test('goes on when what it shows goes away', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal();
    const running = runWith(netweir, ['ls', '--watch', 'netns:client'], 'daemon', terminal);
    await eventually(() => netweir.calls.length > 0, 'it watches');
    netweir.send({
      type: 'changes',
      sequence: 1,
      changes: [{ type: 'space-removed', space: 'netns:client' }],
    });
    await eventually(() => terminal.stdout().includes('nothing matches'), 'it is drawn');
    terminal.interrupt('SIGINT');
    assert.equal((await running).code, 0);
  });

  for (const [error, message] of [
    [undefined, /the daemon has ended/],
    [new NetweirError('daemon-unreachable', 'it broke'), /it broke/],
  ] as const) {
    test(`fails when the events end: ${message.source}`, async () => {
      const netweir = fakeNetweir();
      const terminal = fakeTerminal();
      const running = runWith(netweir, ['ls', '--watch'], 'daemon', terminal);
      await eventually(() => netweir.calls.length > 0, 'it watches');
      netweir.endEvents(error);
      const { code, stderr } = await running;
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }

  test('tells of runtimes and of stopped containers as they change', async () => {
    const netweir = fakeNetweir();
    const terminal = fakeTerminal({ columns: 50, rows: 40 });
    const running = runWith(netweir, ['ls', '--watch'], 'daemon', terminal);
    await eventually(() => terminal.stdout().includes('eth0'), 'the snapshot is drawn');
    assert.doesNotMatch(terminal.stdout(), /podman|STOPPED/);
    netweir.send({
      type: 'changes',
      sequence: 1,
      changes: [
        { type: 'runtimes', runtimes: CONTAINERS.runtimes },
        { type: 'stopped', stopped: CONTAINERS.stopped },
      ],
    });
    await eventually(() => terminal.stdout().includes('STOPPED'), 'the changes are drawn');
    assert.match(
      terminal.stdout(),
      /^.*podman at \/run\/podman\/podman\.sock: may not be read\n/mu,
    );
    assert.match(terminal.stdout(), /\nold /);
    terminal.interrupt('SIGINT');
    assert.equal((await running).code, 0);
  });

  test('of containers shows those that match, also none for a while', async () => {
    const terminal = fakeTerminal();
    let send: Parameters<Netweir['watch']>[0] = () => undefined;
    const netweir = fakeNetweir({
      watch: (onMessage) => {
        send = onMessage;
        onMessage({ type: 'snapshot', sequence: 0, inventory: CONTAINERS });
        return Promise.resolve(() => undefined);
      },
    });
    const argv = ['ls', '--watch', '--network', 'shop_*'];
    const running = runWith(netweir, argv, 'daemon', terminal);
    await eventually(() => terminal.stdout().includes('shop_back'), 'the snapshot is drawn');
    assert.doesNotMatch(terminal.stdout(), /tap0/);
    send({
      type: 'changes',
      sequence: 1,
      changes: [{ type: 'space-removed', space: 'docker:web' }],
    });
    await eventually(() => terminal.stdout().includes('nothing matches'), 'it is drawn');
    terminal.interrupt('SIGINT');
    assert.equal((await running).code, 0);
  });

  test('cuts what is higher than the terminal', async () => {
    const terminal = fakeTerminal({ columns: 200, rows: 5 });
    const running = runWith(fakeNetweir(), ['ls', '--watch'], 'daemon', terminal);
    await eventually(() => terminal.stdout().includes('… and more'), 'it is drawn');
    terminal.interrupt('SIGINT');
    await running;
    assert.ok(terminal.stdout().startsWith('\u001b[H\u001b[2J'));
    assert.equal(terminal.stdout().trimEnd().split('\n').length, 4);
  });
});
