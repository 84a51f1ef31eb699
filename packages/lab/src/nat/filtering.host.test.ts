import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import type { NatConfig, NatFiltering } from '@netweir/api';
import type { SocketAddress } from '../code/sockets.ts';
import { Lab } from '../lab.ts';
import { mirror, place, tcpFrom, udpEnd } from './nat.test-support.ts';

const FILTERINGS: readonly NatFiltering[] = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
];
const MAPPINGS = ['endpoint-independent', 'endpoint-dependent'] as const;

/** Two clients with the same port, one behind the other's back, and somebody outside. */
async function outsideAndInside(lab: Lab, nat: NatConfig) {
  const home = lab.router('home', { nat });
  const [first, second] = ['first', 'second'].map((name) => lab.device(name, { uplink: home }));
  const datacentre = lab.router('datacentre');
  const [server, stranger] = ['server', 'stranger'].map((name) =>
    lab.device(name, { uplink: datacentre }),
  );
  assert.ok(first && second && server && stranger);
  return { home, clients: [first, second], server, stranger };
}

for (const filtering of FILTERINGS) {
  for (const mapping of MAPPINGS) {
    describe(`${filtering} filtering with ${mapping} mapping`, () => {
      const admits = {
        stranger: filtering === 'endpoint-independent',
        otherPort: filtering !== 'address-and-port-dependent',
      };

      test('lets in by UDP whom it should, as whom they are, to every client', async () => {
        await using lab = await Lab.create();
        const { home, clients, server, stranger } = await outsideAndInside(lab, {
          mapping,
          filtering,
        });
        const to = await mirror(server, server.ipv4);
        for (const client of clients) {
          const end = await udpEnd(client, { port: 40_000 });
          const seen = place(await end.ask(to));
          assert.equal(seen.address, home.ipv4);
          const otherPort = await udpEnd(server);
          otherPort.send('other port', seen);
          const other = `other port from ${server.ipv4}:${otherPort.port}`;
          if (admits.otherPort) assert.equal(await end.next(), other);
          else assert.ok(await end.silence());
          const unknown = await udpEnd(stranger);
          unknown.send('stranger', seen);
          const from = `stranger from ${stranger.ipv4}:${unknown.port}`;
          if (admits.stranger) assert.equal(await end.next(), from);
          else assert.ok(await end.silence());
          if (admits.stranger) {
            end.send('answer', { address: stranger.ipv4, port: unknown.port });
            assert.equal(await unknown.next(), `answer from ${seen.address}:${seen.port}`);
          }
        }
      });

      test('does the same by TCP', async () => {
        await using lab = await Lab.create();
        const { clients, server, stranger } = await outsideAndInside(lab, { mapping, filtering });
        const [client] = clients;
        assert.ok(client);
        const keeper = await server.listen({ address: server.ipv4 });
        const to = keeper.address();
        assert.ok(to && typeof to === 'object');
        const accepted = once(keeper, 'connection');
        await tcpFrom(client, { address: client.ipv4, port: 40_000 }, to);
        const [{ remoteAddress, remotePort }] = await accepted;
        const seen: SocketAddress = { address: remoteAddress, port: remotePort };
        const outcome = async (node: typeof server) => {
          const from = { address: node.ipv4, port: 0 };
          return await tcpFrom(node, from, seen, 300).then(
            () => 'connected',
            ({ code }) => code,
          );
        };
        // Nobody listens at the client's port: that the client says so shows that it was asked.
        assert.equal(await outcome(server), admits.otherPort ? 'ECONNREFUSED' : 'ABORT_ERR');
        assert.equal(await outcome(stranger), admits.stranger ? 'ECONNREFUSED' : 'ABORT_ERR');
      });
    });
  }
}

test('What a NAT drops does not keep its client from reaching the sender', async () => {
  await using lab = await Lab.create();
  const { home, clients, server } = await outsideAndInside(lab, {});
  const [client] = clients;
  assert.ok(client);
  const eager = await udpEnd(server, { port: 50_000 });
  const unmapped = { address: home.ipv4, port: 40_000 };
  for (let times = 0; times < 3; times++) eager.send('too early', unmapped);
  const end = await udpEnd(client, { port: 40_000 });
  assert.ok(await end.silence());
  end.send('now', { address: server.ipv4, port: 50_000 });
  assert.equal(await eager.next(), `now from ${home.ipv4}:40000`);
  eager.send('at last', unmapped);
  assert.equal(await end.next(), `at last from ${server.ipv4}:50000`);
});

test('A program on a translating router is reached from outside', async () => {
  await using lab = await Lab.create();
  const { home, server } = await outsideAndInside(lab, {});
  const to = await mirror(home, home.ipv4);
  assert.match((await (await udpEnd(server)).ask(to)) ?? '', /^198\.19\./);
  const socket = await server.connect(to);
  assert.match(String(Buffer.concat(await socket.toArray())), /^198\.19\./);
});

describe('Hairpin', () => {
  for (const mapping of MAPPINGS) {
    for (const filtering of FILTERINGS) {
      test(`works with ${mapping} mapping and ${filtering} filtering, both sides seen from outside`, async () => {
        await using lab = await Lab.create();
        const { home, clients, server } = await outsideAndInside(lab, {
          mapping,
          filtering,
          hairpin: true,
        });
        const [a, b] = [
          await udpEnd(clients[0] ?? lab.ix, { port: 40_000 }),
          await udpEnd(clients[1] ?? lab.ix, { port: 40_000 }),
        ];
        const to = await mirror(server, server.ipv4);
        const [seenA, seenB] = [await a.ask(to), await b.ask(to)];
        a.send('hello', place(seenB));
        const [, from = ''] = ((await b.next()) ?? '').split(' from ');
        assert.equal(place(from).address, home.ipv4);
        assert.equal(from === seenA, mapping === 'endpoint-independent');
        b.send('hello back', place(from));
        assert.equal(await a.next(), `hello back from ${seenB}`);
      });
    }
  }

  test('connects by TCP', async () => {
    await using lab = await Lab.create();
    const { home, clients, server } = await outsideAndInside(lab, {
      filtering: 'endpoint-independent',
      hairpin: true,
    });
    const [a, b] = clients;
    assert.ok(a && b);
    const first = await tcpFrom(
      b,
      { address: b.ipv4, port: 40_000 },
      await mirror(server, server.ipv4),
    );
    const seen = place(String(Buffer.concat(await first.toArray())));
    const listener = await b.listen({ address: b.ipv4, port: 40_000 });
    listener.on('connection', (one) => one.end(one.remoteAddress ?? ''));
    const socket = await a.connect(seen);
    assert.equal(String(Buffer.concat(await socket.toArray())), home.ipv4);
  });

  test('is not there where it was not asked for', async () => {
    await using lab = await Lab.create();
    const { clients, server } = await outsideAndInside(lab, { filtering: 'endpoint-independent' });
    const [a, b] = [
      await udpEnd(clients[0] ?? lab.ix, { port: 40_000 }),
      await udpEnd(clients[1] ?? lab.ix, { port: 40_000 }),
    ];
    const seen = await b.ask(await mirror(server, server.ipv4));
    a.send('hello', place(seen));
    assert.ok(await b.silence());
  });
});
