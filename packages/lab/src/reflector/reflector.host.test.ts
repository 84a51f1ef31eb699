import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { laptopAndServer, output } from '../lab.test-support.ts';

const { lab, laptop, server } = await laptopAndServer();

describe('A reflector', () => {
  after(async () => await lab.close());

  test('tells every datagram how it is seen, at all addresses of its node', async () => {
    await using reflector = await server.reflector();
    const port = 3478;
    const expected = [server.ipv4, server.ipv6].map((address) => ({ address, port }));
    assert.deepEqual(reflector.addresses, expected);
    assert.deepEqual(reflector.address, expected[0]);
    for (const [family, seen] of [
      ['ipv4', laptop.ipv4],
      ['ipv6', `[${laptop.ipv6}]`],
    ] as const) {
      const socket = await laptop.udp({ address: laptop[family] });
      socket.send('PROBE', port, server[family]);
      const [answer, from] = await once(socket, 'message');
      assert.equal(String(answer), `OBSERVED ${seen}:${socket.address().port}`);
      assert.deepEqual([from.address, from.port], [server[family], port]);
      socket.close();
    }
  });

  test('tells who connects how it is seen, and then echoes', async () => {
    await using reflector = await server.reflector({ port: 0 });
    for (const { address, port } of reflector.addresses) {
      const socket = await laptop.connect({ address, port });
      const seen = address === server.ipv4 ? laptop.ipv4 : `[${laptop.ipv6}]`;
      const { localPort } = socket;
      socket.end('and back');
      const text = Buffer.concat(await socket.toArray()).toString();
      assert.equal(text, `OBSERVED ${seen}:${localPort}\nand back`);
    }
  });

  test('answers programs that speak plain text', async () => {
    await using reflector = await server.reflector({ port: 9000 });
    const { address, port } = reflector.address;
    const script = `exec 3<>/dev/udp/${address}/${port}; echo x >&3; head -c 10 <&3`;
    const program = laptop.spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const text = Buffer.concat((await program.stdout?.toArray()) ?? []).toString();
    assert.equal(text, 'OBSERVED 1');
  });

  test('is asked by probe, from a port of one’s choice', async () => {
    await using reflector = await server.reflector();
    const seen = await laptop.probe(reflector.address, { localPort: 40_000 });
    assert.deepEqual(seen, { address: laptop.ipv4, port: 40_000 });
    const [, ipv6] = reflector.addresses;
    assert.ok(ipv6);
    assert.equal((await laptop.probe(ipv6)).address, laptop.ipv6);
  });

  test('answers at the one address and port that it is given, and is gone when it is closed', async () => {
    const at = { address: server.ipv4, port: 5000 };
    const reflector = await server.reflector(at);
    assert.match(output(server, 'ss', '-Hlnu'), new RegExp(` ${server.ipv4}:5000 `));
    await assert.rejects(server.reflector(at), { errnoName: 'EADDRINUSE' });
    await laptop.probe(reflector.address);
    await reflector.close();
    await reflector.close();
    assert.doesNotMatch(output(server, 'ss', '-Hlntu'), /:5000 /);
    const again = await server.reflector(at);
    await again.close();
    await assert.rejects(server.reflector({ address: '192.0.2.1' }), {
      errnoName: 'EADDRNOTAVAIL',
    });
  });

  test('ends with its node, and so does a question', async () => {
    const short = lab.device('short', { uplink: lab.router('near') });
    const reflector = await short.reflector();
    const question = short.probe({ address: server.ipv4, port: 1 });
    const rejected = assert.rejects(question, { name: 'NodeRemoved' });
    await lab.remove(short);
    await rejected;
    await reflector.close();
    await assert.rejects(short.reflector(), { name: 'NodeRemoved' });
    await assert.rejects(short.probe(reflector.address), { name: 'NodeRemoved' });
  });

  test('that is not there is an error that says so', async () => {
    const nobody = { address: server.ipv4, port: 4000 };
    const started = performance.now();
    await assert.rejects(laptop.probe(nobody, { timeoutMs: 300 }), {
      code: 'ERR_LAB_NO_ANSWER',
      message: `no answer by STUN from ${server.ipv4}:4000 within 300 ms`,
    });
    assert.ok(performance.now() - started < 1000);
  });
});
