import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { Counters } from './redirect-loop.test-support.ts';
import {
  ADDRESSES,
  type Loop,
  makeRoute,
  ping,
  type Route,
  startLoop,
} from './redirect-route.test-support.ts';
import { AF_INET, AF_INET6 } from './route/address-family.ts';
import type { IpLink, Space } from './route/witness.test-support.ts';

const SOCK_STREAM_NONBLOCK = 0x801;
const TRANSFER_BYTES = 200 * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
const MAX_FRAME = 1514;

interface Packets {
  readonly rx: number;
  readonly tx: number;
}

/** Milliseconds until an echo comes back. */
function untilReachable({ run }: Space, address: string): number {
  const start = performance.now();
  for (;;) {
    try {
      run('ping', '-q', '-c', '1', '-W', '0.05', address);
      return performance.now() - start;
    } catch {
      const elapsed = performance.now() - start;
      assert(elapsed < 10_000, 'connectivity is not back');
    }
  }
}

/** What the loop and the interface have counted at a moment when nothing was under way. */
async function countBoth(loop: Loop, { near }: Route): Promise<Counters & Packets> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const before = packets(near);
    const counters = await loop.counters();
    const after = packets(near);
    if (before.rx === after.rx && before.tx === after.tx) return { ...counters, ...after };
    assert(performance.now() < deadline, 'the interface does not come to rest');
  }
}

function trafficControl({ run }: Space): string[] {
  const filters = ['ingress', 'egress'].map((hook) =>
    run('tc', 'filter', 'show', 'dev', 'v0', hook),
  );
  return [run('tc', 'qdisc', 'show'), ...filters];
}

function packets({ ip }: Space): Packets {
  const stats = ip<IpLink>('-s', 'link', 'show', 'dev', 'v0')[0]?.stats64;
  return { rx: stats?.rx.packets ?? Number.NaN, tx: stats?.tx.packets ?? Number.NaN };
}

function tcpSocket({ netns }: Space, address: string): number {
  return netns.socket(address.includes(':') ? AF_INET6 : AF_INET, SOCK_STREAM_NONBLOCK);
}

async function listen(space: Space, address: string): Promise<Server> {
  const server = createServer();
  // An unbound socket that listens is bound to all addresses and a free port.
  server.listen({ fd: tcpSocket(space, address) });
  await once(server, 'listening');
  return server;
}

/** Sends data that no two chunks of repeat, and compares what arrives with it. */
async function transfer(from: Space, to: Space, address: string): Promise<void> {
  const server = await listen(to, address);
  const bound = server.address();
  assert(bound && typeof bound === 'object');
  const received = createHash('sha1');
  const sent = createHash('sha1');
  const finished = once(server, 'connection').then(async ([socket]: Socket[]) => {
    assert(socket);
    for await (const chunk of socket) received.update(chunk);
  });
  const client = new Socket({ fd: tcpSocket(from, address) });
  client.connect({ host: address, port: bound.port });
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let index = 0; index * CHUNK_BYTES < TRANSFER_BYTES; index++) {
    const data = Buffer.from(chunk.fill(createHash('sha1').update(`${index}`).digest()));
    sent.update(data);
    if (!client.write(data)) await once(client, 'drain');
  }
  client.end();
  await finished;
  server.close();
  assert.equal(received.digest('hex'), sent.digest('hex'));
}

describe('Packets of an interface taken through user space', () => {
  test('pass both ways, each once', async (t) => {
    const route = makeRoute(t, 'once');
    const loop = await startLoop(t, route);
    const start = await countBoth(loop, route);
    for (const family of ['ipv4', 'ipv6'] as const) {
      ping(route.near, ADDRESSES[family][1], 50);
      ping(route.far, ADDRESSES[family][0], 50);
    }
    const end = await countBoth(loop, route);
    assert.equal(end.egress.frames - start.egress.frames, end.tx - start.tx);
    assert.equal(end.ingress.frames - start.ingress.frames, end.rx - start.rx);
    // Besides the echoes: neighbour discovery, and multicast listener reports of the far end.
    for (const flow of [end.egress, end.ingress]) {
      assert(flow.frames >= 200 && flow.frames < 240, `${flow.frames} frames`);
      assert.equal(flow.refused, 0);
    }
  });

  for (const family of ['ipv4', 'ipv6'] as const) {
    test(`carry TCP over ${family} whole and unharmed both ways`, async (t) => {
      const route = makeRoute(t, family);
      const loop = await startLoop(t, route);
      const [near, far] = ADDRESSES[family];
      await transfer(route.near, route.far, far);
      const egress = (await loop.counters()).egress;
      assert(egress.gso > 0 && egress.longest > MAX_FRAME, JSON.stringify(egress));
      assert(egress.frames < TRANSFER_BYTES / MAX_FRAME, JSON.stringify(egress));
      await transfer(route.far, route.near, near);
      const { ingress } = await loop.counters();
      assert(ingress.gso > 0 && ingress.longest > MAX_FRAME, JSON.stringify(ingress));
      assert.deepEqual([egress.refused, ingress.refused], [0, 0]);
    });
  }

  for (const [signal, how] of [
    ['SIGKILL', 'is killed'],
    ['SIGSTOP', 'hangs'],
  ] as const) {
    test(`flow by themselves within a second when the process ${how}`, async (t) => {
      const route = makeRoute(t, signal.toLowerCase());
      const loop = await startLoop(t, route);
      ping(route.near, ADDRESSES.ipv4[1], 2);
      const handled = await loop.counters();
      assert(handled.egress.frames > 0);
      loop.child.kill(signal);
      const elapsed = untilReachable(route.near, ADDRESSES.ipv4[1]);
      assert(elapsed < 1000, `${elapsed} ms`);
      ping(route.far, ADDRESSES.ipv6[0], 5);
      if (signal === 'SIGKILL') {
        const links = route.near.ip<IpLink>('link', 'show').map(({ ifname }) => ifname);
        assert.deepEqual(links, ['lo', 'v0']);
      }
    });
  }

  test('leave traffic control as it was when they are let go', async (t) => {
    const route = makeRoute(t, 'asbefore');
    const before = trafficControl(route.near);
    const loop = await startLoop(t, route);
    assert.notDeepEqual(trafficControl(route.near), before);
    await loop.stop();
    assert.deepEqual(trafficControl(route.near), before);
    ping(route.near, ADDRESSES.ipv4[1], 2);
  });
});
