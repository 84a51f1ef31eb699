import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';

const ALL_MOUNTS = ['/proc/self/mountinfo', '/proc/1/mountinfo'];
/** Other mounts come and go with other tests. */
const OURS = /netweir|\/etc\/(?:hosts|resolv\.conf|nsswitch\.conf)/;
const mounts = () =>
  ALL_MOUNTS.flatMap((path) => readFileSync(path, 'utf8').split('\n')).filter((line) =>
    OURS.test(line),
  );
const hostFiles = () =>
  ['/etc/hosts', '/etc/resolv.conf', '/etc/nsswitch.conf'].map((path) =>
    readFileSync(path, 'utf8'),
  );

/** The addresses that `getent` finds in a node. */
async function getent(node: LabNode, database: string, name: string): Promise<string[]> {
  const { stdout } = await node.exec('getent', [database, name]);
  return stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(/\s+/)[0] ?? '');
}

async function dig(node: LabNode, ...args: string[]): Promise<string[]> {
  const { stdout } = await node.exec('dig', ['+short', '+tries=1', '+time=2', ...args]);
  return stdout.trim().split('\n').filter(Boolean);
}

describe('Names in a lab', () => {
  let lab: Lab;
  let laptop: Device;
  let server: Device;
  const before_ = { mounts: mounts(), files: hostFiles() };
  before(async () => {
    lab = await Lab.create();
    laptop = lab.device('laptop', { uplink: lab.router('home', { nat: 'home' }) });
    server = lab.device('server', { uplink: lab.router('far') });
  });
  after(async () => await lab.close());

  test('of nodes are known to programs, with and without their domain', async () => {
    assert.deepEqual(await getent(laptop, 'ahostsv4', 'server'), Array(3).fill(server.ipv4));
    assert.deepEqual(await getent(laptop, 'ahostsv6', 'server.lab'), Array(3).fill(server.ipv6));
    assert.deepEqual(await getent(laptop, 'ahostsv4', 'nobody'), []);
    assert.equal((await getent(laptop, 'ahostsv4', 'localhost'))[0], '127.0.0.1');
  });

  test('of nodes are answered by the name server at the exchange, by UDP, TCP and IPv6', async () => {
    assert.deepEqual(await dig(laptop, 'server.lab'), [server.ipv4]);
    assert.deepEqual(await dig(laptop, '+tcp', 'server.lab', 'AAAA'), [server.ipv6]);
    assert.deepEqual(await dig(laptop, '@2001:db8::1', 'server'), [server.ipv4]);
    assert.deepEqual(await dig(server, '-x', server.ipv6), ['server.lab.']);
    const { stdout } = await laptop.exec('dig', ['nobody.lab']);
    assert.match(stdout, /status: NXDOMAIN/);
    assert.match(
      (await laptop.exec('dig', ['server.lab', 'MX'])).stdout,
      /status: NOERROR.*\n.*ANSWER: 0/,
    );
  });

  test('that are set are known to all, at once, to programs that run already too', async () => {
    const waiting = laptop.spawn(
      'sh',
      ['-c', 'echo ready; until getent hosts relay.example; do sleep 0.05; done'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    assert.ok(waiting.stdout);
    const chunks: string[] = [];
    for await (const chunk of waiting.stdout.setEncoding('utf8')) {
      if (chunks.push(chunk) === 1) lab.setName('relay.example', ['198.51.100.7', '2001:db8:9::7']);
    }
    assert.match(chunks.join(''), /(2001:db8:9::7|198\.51\.100\.7)\s+relay\.example/);
    assert.deepEqual(await dig(server, 'relay.example'), ['198.51.100.7']);
    assert.deepEqual(lab.resolve('relay.example'), ['198.51.100.7', '2001:db8:9::7']);
    assert.deepEqual(await dig(server, 'example', 'A'), []);
    assert.equal(lab.deleteName('Relay.Example.'), true);
    assert.equal(lab.deleteName('relay.example'), false);
    assert.deepEqual(await getent(laptop, 'hosts', 'relay.example'), []);
  });

  test('may have a text', async () => {
    lab.setName('notes', { text: 'dnsaddr=/ip4/1.2.3.4' });
    assert.deepEqual(await dig(laptop, 'notes', 'TXT'), ['"dnsaddr=/ip4/1.2.3.4"']);
    assert.deepEqual(await dig(laptop, 'notes', 'A'), []);
  });

  test('of one device are known to it alone, and come before those of all', async () => {
    lab.setName('api.example', '198.51.100.1');
    server.setName('api.example', '198.51.100.2');
    server.setName('secret.example', '198.51.100.3');
    assert.deepEqual(server.resolve('api.example'), ['198.51.100.2']);
    assert.deepEqual(laptop.resolve('api.example'), ['198.51.100.1']);
    assert.deepEqual(await getent(server, 'hosts', 'api.example'), ['198.51.100.2']);
    assert.deepEqual(await dig(server, 'api.example'), ['198.51.100.2']);
    assert.deepEqual(await getent(laptop, 'hosts', 'api.example'), ['198.51.100.1']);
    assert.deepEqual(await getent(laptop, 'hosts', 'secret.example'), []);
    assert.deepEqual(lab.resolve('secret.example'), []);
    assert.equal(server.deleteName('secret.example'), true);
  });

  test('are separated by tabs in the hosts file', async () => {
    lab.setName('tab.example', '198.51.100.4');
    const { stdout } = await laptop.exec('cat', ['/etc/hosts']);
    const lines = stdout.split('\n');
    for (const line of ['127.0.0.1\tlocalhost', '::1\tlocalhost', '198.51.100.4\ttab.example']) {
      assert.ok(lines.includes(line), line);
    }
  });

  test('follow what happens to the nodes', async () => {
    const roamer = lab.device('roamer', { uplink: lab.router('near') });
    assert.deepEqual(await getent(laptop, 'ahostsv4', 'roamer'), Array(3).fill(roamer.ipv4));
    const before = roamer.ipv4;
    roamer.renewAddress('eth0');
    assert.notEqual(roamer.ipv4, before);
    assert.deepEqual(await getent(laptop, 'ahostsv4', 'roamer'), Array(3).fill(roamer.ipv4));
    assert.deepEqual(await dig(laptop, 'roamer'), [roamer.ipv4]);
    await lab.remove(roamer);
    assert.deepEqual(await getent(laptop, 'ahostsv4', 'roamer'), []);
    assert.deepEqual(await dig(laptop, 'roamer'), []);
  });

  test('are known to code in a node, by every function that looks names up', async () => {
    const listener = await server.listen({ port: 80 });
    listener.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi');
      });
    });
    const found = await laptop.run(async () => {
      const dns = await import('node:dns');
      const { lookup, resolve4, reverse } = await import('node:dns/promises');
      const { connect } = await import('node:net');
      await new Promise((resolve, reject) => {
        const socket = connect({ host: 'server', port: 80 }, () => socket.destroy());
        socket.once('close', resolve);
        socket.once('error', reject);
      });
      const [address] = await resolve4('server.lab');
      return {
        all: await lookup('server', { all: true }),
        v6: await lookup('server', 6),
        local: await lookup('localhost'),
        literal: await lookup('192.0.2.1'),
        callback: await new Promise((resolve) =>
          dns.lookup('server.lab', (_, found) => resolve(found)),
        ),
        missing: await lookup('nobody').catch((error) => error.code),
        resolve4: address,
        reverse: await reverse(address ?? ''),
        fetch: await (await fetch('http://server/')).text(),
        program: (await import('node:child_process'))
          .execFileSync('getent', ['ahostsv4', 'server'], { encoding: 'utf8' })
          .split(' ')[0],
      };
    });
    assert.deepEqual(found, {
      all: [
        { address: server.ipv4, family: 4 },
        { address: server.ipv6, family: 6 },
      ],
      v6: { address: server.ipv6, family: 6 },
      local: { address: '127.0.0.1', family: 4 },
      literal: { address: '192.0.2.1', family: 4 },
      callback: server.ipv4,
      missing: 'ENOTFOUND',
      resolve4: server.ipv4,
      reverse: ['server.lab'],
      fetch: 'hi',
      program: server.ipv4,
    });
    listener.close();
  });

  test('are what sockets connect to', async () => {
    const listener = await server.listen({ port: 81 });
    const socket = await laptop.connect({ host: 'server', port: 81 });
    assert.equal(socket.remoteAddress, server.ipv4);
    socket.destroy();
    await assert.rejects(laptop.connect({ host: 'nobody', port: 81 }), {
      code: 'ERR_LAB_UNKNOWN_NAME',
    });
    listener.close();
  });

  test('may be asked of a name server of the user’s own', async () => {
    lab.setNameserver('198.51.100.53');
    assert.equal(
      (await laptop.exec('cat', ['/etc/resolv.conf'])).stdout,
      'nameserver 198.51.100.53\n',
    );
    const servers = () => import('node:dns').then((dns) => dns.getServers());
    assert.deepEqual(await laptop.run(servers), ['198.51.100.53']);
    assert.throws(() => lab.setNameserver('x'), { code: 'ERR_INVALID_IP_ADDRESS' });
    lab.setNameserver(undefined);
    assert.deepEqual(await laptop.run(servers), ['198.18.0.1', '2001:db8::1']);
  });

  test('of IPv4 alone have an address that NAT64 translates, for who is behind it', async () => {
    const mobile = lab.device('mobile', {
      uplink: lab.router('carrier', { ip: 'v6-only', natV6: 'nat64' }),
    });
    lab.setName('old.example', '198.51.100.9');
    assert.deepEqual(await dig(mobile, 'old.example', 'AAAA'), ['64:ff9b::c633:6409']);
    assert.deepEqual(await dig(mobile, 'server', 'AAAA'), [server.ipv6]);
    assert.deepEqual(await dig(laptop, 'old.example', 'AAAA'), []);
    await lab.remove(mobile);
  });

  test('behind NAT64 follow the default routes', async () => {
    const plain = lab.router('plain', { ip: 'v6-only' });
    const translating = lab.router('translating', { ip: 'v6-only', natV6: 'nat64' });
    lab.setName('four.example', '192.0.2.33');
    const phone = lab.device('handset', { interfaces: { wlan0: translating, cell0: plain } });
    assert.deepEqual(phone.resolve('four.example'), ['192.0.2.33', '64:ff9b::c000:221']);
    phone.setDefaultRoute('cell0');
    assert.deepEqual(phone.resolve('four.example'), ['192.0.2.33']);
    phone.removeInterface('cell0');
    assert.deepEqual(phone.resolve('four.example'), ['192.0.2.33', '64:ff9b::c000:221']);
  });

  test('are checked', () => {
    for (const name of ['', 'a b', '-a', `${'a'.repeat(64)}.example`, 'a..b']) {
      assert.throws(() => lab.setName(name, '192.0.2.1'), { code: 'ERR_LAB_INVALID_NAME' }, name);
    }
    assert.throws(() => lab.setName('a', 'b'), { code: 'ERR_INVALID_IP_ADDRESS' });
  });

  test('leave the files and mounts of the machine alone', () => {
    assert.deepEqual(hostFiles(), before_.files);
    assert.deepEqual(mounts(), before_.mounts);
  });
});
