import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { laptopAndServer, output } from '../lab.test-support.ts';
import type { Device } from '../node/device.ts';

const { lab, laptop, server } = await laptopAndServer();

describe('Sockets of a node', () => {
  after(async () => await lab.close());

  for (const family of ['ipv4', 'ipv6'] as const) {
    test(`connect across the lab by ${family}, all on this event loop`, async () => {
      const listener = await server.listen({ address: server[family], port: 8080 });
      assert.match(output(server, 'ss', '-Hltn'), /:8080 /);
      listener.once('connection', (socket) => socket.end(`hello ${socket.remoteAddress}`));
      const socket = await laptop.connect({ address: server[family], port: 8080 });
      assert.equal(socket.remoteAddress, server[family]);
      const chunks = await socket.toArray();
      assert.equal(Buffer.concat(chunks).toString(), `hello ${laptop[family]}`);
      listener.close();
      await once(listener, 'close');
    });

    test(`exchange datagrams by ${family}`, async () => {
      const [here, there] = await Promise.all([
        laptop.udp({ address: laptop[family] }),
        server.udp({ address: server[family], port: 9000 }),
      ]);
      there.on('message', (text, { port, address }) => there.send(`echo ${text}`, port, address));
      here.send('x', 9000, server[family]);
      const [answer, from] = await once(here, 'message');
      assert.equal(String(answer), 'echo x');
      assert.deepEqual([from.address, from.port], [server[family], 9000]);
      here.close();
      there.close();
    });
  }

  test('send datagrams of both families by default, to names too, and say what name is none', async () => {
    const there = await server.udp({ port: 5353 });
    const here = await laptop.udp();
    const from4 = await laptop.udp({ address: '0.0.0.0' });
    for (const [socket, to, seen] of [
      [here, server.ipv4, `::ffff:${laptop.ipv4}`],
      [here, server.ipv6, laptop.ipv6],
      [here, 'server', `::ffff:${laptop.ipv4}`],
      [from4, 'server.lab', `::ffff:${laptop.ipv4}`],
    ] as const) {
      const received = once(there, 'message', { signal: AbortSignal.timeout(3000) });
      socket.send('hello', 5353, to);
      const [, from] = await received;
      assert.equal(from.address, seen, to);
    }
    const answer = once(here, 'message', { signal: AbortSignal.timeout(3000) });
    there.send('hello', here.address().port, laptop.ipv4);
    assert.equal((await answer)[1].address, `::ffff:${server.ipv4}`);
    for (const socket of [here, from4]) {
      const failed = once(socket, 'error');
      socket.send('hello', 5353, 'nobody');
      assert.equal((await failed)[0].code, 'ERR_LAB_UNKNOWN_NAME');
    }
    const six = lab.device('six', { uplink: lab.router('modern', { ip: 'v6-only' }) });
    const received = once(there, 'message', { signal: AbortSignal.timeout(3000) });
    (await six.udp()).send('hello', 5353, 'server');
    assert.equal((await received)[1].address, six.ipv6);
    for (const socket of [here, from4, there]) socket.close();
  });

  test('listen for both families at a free port by default', async () => {
    const listener = await server.listen();
    const { port } = listener.address() as AddressInfo;
    for (const address of [server.ipv4, server.ipv6]) {
      const socket = await laptop.connect({ address, port });
      socket.destroy();
    }
    listener.close();
  });

  test('say what is wrong', async () => {
    const taken = await server.listen({ port: 7000 });
    await assert.rejects(server.listen({ port: 7000 }), {
      name: 'KernelError',
      errnoName: 'EADDRINUSE',
    });
    await assert.rejects(server.udp({ address: '192.0.2.1' }), { errnoName: 'EADDRNOTAVAIL' });
    await assert.rejects(laptop.connect({ address: server.ipv4, port: 1 }), {
      code: 'ECONNREFUSED',
    });
    await assert.rejects(laptop.connect({ address: 'server', port: 1 }), {
      code: 'ERR_INVALID_IP_ADDRESS',
    });
    taken.close();
  });

  test('close with their node', async () => {
    const short = lab.device('short', { uplink: lab.router('near') });
    const listener = await short.listen({ port: 80 });
    const connection = once(listener, 'connection');
    const socket = await laptop.connect({ address: short.ipv4, port: 80 });
    const [accepted] = await connection;
    const udp = await short.udp();
    const closed = [listener, accepted, udp].map((thing) => once(thing, 'close'));
    await lab.remove(short);
    await Promise.all(closed);
    socket.destroy();
  });

  test('are not there where their node goes meanwhile, and say so', async () => {
    const near = lab.router('nearby');
    for (const open of [
      (node: Device) => node.listen(),
      (node: Device) => node.udp(),
      (node: Device) => node.reflector(),
      (node: Device) => node.connect({ address: server.ipv4, port: 1 }),
    ]) {
      const short = lab.device('brief', { uplink: near });
      const opening = assert.rejects(open(short), { name: 'NodeRemoved' });
      await Promise.all([opening, lab.remove(short)]);
    }
  });

  test('close also where they were closed a moment before, or still connect', async () => {
    const short = lab.device('short', { uplink: lab.router('further') });
    (await short.udp()).close();
    (await short.listen()).close();
    // Nothing answers there: the exchange's network has no such address.
    const connecting = short.connect({ address: '198.18.15.200', port: 80 });
    const rejected = assert.rejects(connecting, { name: 'NodeRemoved' });
    await lab.remove(short);
    await rejected;
  });
});
