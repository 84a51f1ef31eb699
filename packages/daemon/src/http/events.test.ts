import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Change, createClient, type EventMessage, NetweirError } from '@netweir/api';
import { unixSocketTransport } from '@netweir/api/node';
import WebSocket from 'ws';
import { CAPABILITIES, INVENTORY } from './fake-netweir.test-helper.ts';
import { start, TOKEN, until } from './running.test-helper.ts';

const REMOVED: Change = { type: 'space-removed', space: 'netns:x' };

/** Watches through the client of the API and keeps what came. */
async function watching(socketPath: string): Promise<{
  messages: EventMessage[];
  ends: (Error | undefined)[];
  stop: () => void;
}> {
  const messages: EventMessage[] = [];
  const ends: (Error | undefined)[] = [];
  const client = createClient(unixSocketTransport(socketPath));
  const stop = await client.watch(
    (message) => messages.push(message),
    (error) => ends.push(error),
  );
  return { messages, ends, stop };
}

describe('the client over the Unix socket', () => {
  test('does everything without a token', async (t) => {
    const { socketPath, netweir } = await start(t);
    const client = createClient(unixSocketTransport(socketPath));
    const ref = { space: 'netns:a client', interface: 'eth0' };
    const impairment = { egress: { delay: { mean: '10ms' } } };
    assert.deepEqual(await client.inventory(), INVENTORY);
    assert.deepEqual(await client.capabilities(), CAPABILITIES);
    assert.equal((await client.impairment(ref)).space, ref.space);
    assert.deepEqual((await client.setImpairment(ref, impairment)).egress, impairment.egress);
    await client.clearImpairment(ref);
    await client.setLink(ref, 'up');
    await client.restore();
    await client.putProbe('p', { space: 'host', address: '192.0.2.1' });
    await client.deleteProbe('p');
    assert.deepEqual(netweir.changes, [
      { method: 'setImpairment', args: [ref, impairment] },
      { method: 'clearImpairment', args: [ref] },
      { method: 'setLink', args: [ref, 'up'] },
      { method: 'restore', args: [] },
      { method: 'putProbe', args: ['p', { space: 'host', address: '192.0.2.1' }] },
      { method: 'deleteProbe', args: ['p'] },
    ]);
  });

  test('throws the error that netweir threw', async (t) => {
    const { socketPath, netweir } = await start(t);
    const client = createClient(unixSocketTransport(socketPath));
    netweir.failure = new NetweirError('no-such-probe', 'there is no probe p', { remedy: 'ls' });
    await assert.rejects(client.deleteProbe('p'), { code: 'no-such-probe', remedy: 'ls' });
  });

  test('says that nobody answers where there is no daemon', async () => {
    const client = createClient(unixSocketTransport('/nonexistent/netweir.sock'));
    await assert.rejects(client.inventory(), { code: 'daemon-unreachable' });
    const ends: unknown[] = [];
    const watch = client.watch(
      () => {},
      (error) => ends.push(error),
    );
    await assert.rejects(watch, { code: 'daemon-unreachable' });
    assert.deepEqual(ends, []);
  });
});

describe('the stream of events', () => {
  test('is a snapshot, then changes in order', async (t) => {
    const { socketPath, netweir } = await start(t);
    const { messages, ends, stop } = await watching(socketPath);
    await until(() => messages.length === 1, 'the snapshot');
    netweir.emit([REMOVED]);
    netweir.emit([REMOVED, REMOVED]);
    await until(() => messages.length === 3, 'the changes');
    assert.deepEqual(messages, [
      { type: 'snapshot', sequence: 0, inventory: INVENTORY },
      { type: 'changes', sequence: 1, changes: [REMOVED] },
      { type: 'changes', sequence: 2, changes: [REMOVED, REMOVED] },
    ]);
    stop();
    await until(() => netweir.watchers.size === 0, 'the server stops watching');
    assert.deepEqual(ends, []);
  });

  test('ends at the client when a message was lost', async (t) => {
    const { socketPath, netweir } = await start(t);
    const { messages, ends } = await watching(socketPath);
    await until(() => messages.length === 1, 'the snapshot');
    netweir.emit([REMOVED], 1);
    await until(() => ends.length === 1, 'the end');
    assert.match(ends[0]?.message ?? '', /event 1 was lost/u);
    assert.equal(messages.length, 1);
    await until(() => netweir.watchers.size === 0, 'the server stops watching');
  });

  test('ends at the client when a message is not as agreed', async (t) => {
    const { socketPath, netweir } = await start(t);
    const { ends } = await watching(socketPath);
    netweir.emit([{ type: 'unheard-of' } as unknown as Change]);
    await until(() => ends.length === 1, 'the end');
    assert.match(ends[0]?.message ?? '', /not as agreed/u);
  });

  test('ends when the server closes, within a second', async (t) => {
    const { socketPath, server } = await start(t);
    const { ends } = await watching(socketPath);
    const before = performance.now();
    await server.close();
    await until(() => ends.length === 1, 'the end');
    assert.ok(performance.now() - before < 1_000);
  });

  test('closing does not wait for a client that does not answer', async (t) => {
    const { port, server } = await start(t);
    const socket = await openSocket(port);
    socket.pause();
    const before = performance.now();
    await server.close();
    assert.ok(performance.now() - before < 1_000);
    socket.terminate();
  });

  test('ends when netweir cannot go on, and the reason stays in the log', async (t) => {
    const { socketPath, netweir, log } = await start(t);
    const { ends } = await watching(socketPath);
    for (const { onEnd } of netweir.watchers) onEnd(new Error('the monitor broke'));
    await until(() => ends.length === 1, 'the end');
    assert.match(log.join(''), /the monitor broke/u);
  });

  test('ends when watching cannot begin', async (t) => {
    const { port, netweir, log } = await start(t);
    netweir.failure = new NetweirError('journal-failed', 'no watch today');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events?token=${TOKEN}`);
    const code = await new Promise((resolve) => socket.on('close', resolve));
    assert.equal(code, 1011);
    assert.match(log.join(''), /no watch today/u);
  });

  test('lets go of a client that does not read, and of it alone', async (t) => {
    const { port, netweir, log } = await start(t);
    const slow = await openSocket(port);
    const quick = await openSocket(port);
    let received = 0;
    quick.on('message', () => {
      received += 1;
    });
    await until(() => netweir.watchers.size === 2, 'both watch');
    slow.pause();
    const changes = Array.from({ length: 20_000 }, () => REMOVED);
    let sent = 0;
    await until(() => {
      if (received >= sent) {
        netweir.emit(changes);
        sent += 1;
      }
      return netweir.watchers.size === 1;
    }, 'the slow client is let go');
    assert.match(log.join(''), /does not read/u);
    assert.equal(quick.readyState, WebSocket.OPEN);
    slow.terminate();
    quick.close();
  });

  test('a client that talks too much is let go', async (t) => {
    const { port, netweir } = await start(t);
    const socket = await openSocket(port);
    socket.send('x'.repeat(100_000));
    const code = await new Promise((resolve) => socket.on('close', resolve));
    assert.equal(code, 1009);
    await until(() => netweir.watchers.size === 0, 'the server stops watching');
  });
});

function openSocket(port: number): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events?token=${TOKEN}`);
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
}
