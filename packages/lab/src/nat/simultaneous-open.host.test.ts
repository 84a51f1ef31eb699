import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Lab } from '../lab.ts';
import { mirror, place, tcpFrom } from './nat.test-support.ts';

/** Two clients behind NATs of their own, which know how they are seen by TCP. */
async function twoHomes(lab: Lab, nat: 'home' | 'corporate') {
  const meeting = await mirror(lab.ix, lab.ix.ipv4);
  const ends = ['a', 'b'].map((name) => {
    const client = lab.device(name, { uplink: lab.router(`home-${name}`, { nat }) });
    return { client, own: { address: client.ipv4, port: 40_000 } };
  });
  return await Promise.all(
    ends.map(async ({ client, own }) => {
      const first = await tcpFrom(client, own, meeting);
      const seen = place(String(Buffer.concat(await first.toArray())));
      return { client, own, seen };
    }),
  );
}

describe('Two clients that connect to each other by TCP at once', () => {
  test('meet where both have one port for all destinations (RFC 5382 REQ-2)', async () => {
    await using lab = await Lab.create();
    const [a, b] = await twoHomes(lab, 'home');
    assert.ok(a && b);
    const [one, other]: Socket[] = await Promise.all([
      tcpFrom(a.client, a.own, b.seen, 5000),
      tcpFrom(b.client, b.own, a.seen, 5000),
    ]);
    assert.ok(one && other);
    one.write('hello');
    const [received] = await once(other, 'data');
    assert.equal(String(received), 'hello');
    for (const socket of [one, other]) socket.destroy();
  });

  test('do not where both have a port for each', async () => {
    await using lab = await Lab.create();
    const [a, b] = await twoHomes(lab, 'corporate');
    assert.ok(a && b);
    const attempts = await Promise.allSettled([
      tcpFrom(a.client, a.own, b.seen, 1500),
      tcpFrom(b.client, b.own, a.seen, 1500),
    ]);
    assert.deepEqual(
      attempts.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});
