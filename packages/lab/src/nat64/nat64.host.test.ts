import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { answerAt, answersTcp, answersUdp } from '../firewall/echo.test-support.ts';
import { ip, output, pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';
import type { Router } from '../node/router.ts';
import { nat64Address } from './address.ts';

/** What a shell command prints, wherever and however it ends. */
const says = (node: LabNode, command: string): string =>
  output(node, 'sh', '-c', `(${command}) 2>&1 || true`);

describe('NAT64', () => {
  let lab: Lab;
  let isp: Router;
  let phone: Device;
  let tablet: Device;
  let far: Router;
  let server: Device;
  let address: string;
  before(async () => {
    lab = await Lab.create();
    isp = lab.router('isp', { ip: 'v6-only', natV6: 'nat64', firewall: 'block-inbound' });
    phone = lab.device('phone', { uplink: isp });
    tablet = lab.device('tablet', { uplink: isp });
    far = lab.router('far', { ip: 'v4-only', mtu: 1400 });
    server = lab.device('server', { uplink: far });
    address = nat64Address(server.ipv4);
    await answerAt(server, 9000);
  });
  after(async () => await lab.close());

  test('answers a ping, one router further', () => {
    const words = says(phone, `ping -6 -n -c 2 -i 0.2 -W 1 ${address}`);
    assert.match(words, /2 received/);
    assert.match(words, /ttl=62/);
  });

  test('answers a ping of several fragments', () => {
    assert.match(says(phone, `ping -6 -n -c 1 -W 1 -s 4000 ${address}`), /1 received/);
  });

  test('carries TCP and UDP, from the address of the router', async () => {
    assert.ok(await answersTcp(phone, address, 9000));
    assert.ok(await answersUdp(phone, address, 9000));
    const listener = await server.listen();
    const { port } = listener.address() as { port: number };
    const connection = once(listener, 'connection');
    const socket = await phone.connect({ address, port });
    const [{ remoteAddress, remotePort }] = await connection;
    assert.equal(remoteAddress, `::ffff:${isp.ipv4}`);
    assert.equal(remotePort, socket.localPort);
    assert.equal(socket.remoteAddress, address);
    socket.destroy();
    listener.close();
  });

  test('carries much, both ways', async () => {
    const much = Buffer.alloc(20_000_000, 'netweir ');
    const listener = await server.listen();
    const { port } = listener.address() as { port: number };
    listener.on('connection', (socket) => socket.pipe(socket));
    const socket = await phone.connect({ address, port });
    socket.end(much);
    const back = Buffer.concat(await socket.toArray());
    assert.ok(back.equals(much));
    listener.close();
  });

  for (const length of [1, 1300, 1472, 5000, 40_000]) {
    test(`carries datagrams of ${length} bytes, both ways`, async () => {
      const udp = await phone.udp({ address: '::' });
      const answers = once(udp, 'message', { signal: AbortSignal.timeout(5000) });
      const text = Buffer.alloc(length, 'x');
      // What is too big for the way is lost the first time, and known from then on.
      const again = setInterval(() => udp.send(text, 9000, address), 100);
      udp.send(text, 9000, address);
      const [answer, from] = await answers;
      clearInterval(again);
      assert.ok(text.equals(answer));
      assert.deepEqual([from.address, from.port], [address, 9000]);
      udp.close();
    });
  }

  test('lets a datagram without a checksum have one', async () => {
    const udp = await phone.udp({ address: '::' });
    const received = once(udp, 'message', { signal: AbortSignal.timeout(5000) });
    const replies = server.run(async () => {
      const { createSocket } = await import('node:dgram');
      const { execFileSync } = await import('node:child_process');
      const socket = createSocket('udp4');
      socket.bind(9100);
      const peer = await new Promise<{ address: string; port: number }>((resolve) =>
        socket.once('message', (_, from) => resolve(from)),
      );
      socket.close();
      const program = `
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 11, 1)
s.bind(('', 9100))
s.sendto(b'no checksum', (sys.argv[1], int(sys.argv[2])))
`;
      execFileSync('python3', ['-c', program, peer.address, String(peer.port)]);
    });
    const again = setInterval(() => udp.send('hello', 9100, address), 50);
    const [text] = await received;
    clearInterval(again);
    assert.equal(String(text), 'no checksum');
    await replies;
    udp.close();
  });

  test('keeps apart two clients that use one port to one server, with every protocol', async () => {
    const sockets = await Promise.all(
      [phone, tablet].map((device) => device.udp({ address: '::', port: 4444 })),
    );
    const answers = sockets.map((socket) => once(socket, 'message'));
    for (const [index, socket] of sockets.entries()) socket.send(`${index}`, 9000, address);
    const texts = (await Promise.all(answers)).map(([text]) => String(text));
    assert.deepEqual(texts, ['0', '1']);
    for (const socket of sockets) socket.close();

    const connect = (device: Device) =>
      device.run(async (host) => {
        const { connect: open } = await import('node:net');
        const socket = open({ host, port: 9000, localPort: 5555 });
        socket.write('hello');
        for await (const text of socket) return `${socket.localPort} ${text}`;
        return 'nothing';
      }, address);
    assert.deepEqual(await Promise.all([phone, tablet].map(connect)), ['5555 hello', '5555 hello']);

    const ping = `ping -6 -n -e 77 -c 5 -i 0.1 -W 1 ${address}`;
    const pinging = [phone, tablet].map(async (device) => {
      const child = device.spawn('sh', ['-c', ping], { stdio: ['ignore', 'pipe', 'inherit'] });
      return Buffer.concat((await child.stdout?.toArray()) ?? []).toString();
    });
    for (const words of await Promise.all(pinging)) assert.match(words, /5 received/);
  });

  test('says which router on the way a packet died at', () => {
    const died = (hops: number): string =>
      says(phone, `ping -6 -n -c 1 -W 1 -t ${hops} ${address}`);
    assert.match(died(1), new RegExp(`From ${isp.downlink.gateway.ipv6}.*Hop limit`));
    assert.match(died(2), new RegExp(`From ${nat64Address(lab.ix.ipv4)}.*Hop limit`));
    assert.match(died(3), new RegExp(`From ${nat64Address(far.ipv4)}.*Hop limit`));
    assert.match(died(4), /1 received/);
  });

  test('says that nobody listens at a port', async () => {
    await assert.rejects(phone.connect({ address, port: 1 }), { code: 'ECONNREFUSED' });
    const words = await phone.run(async (host) => {
      const { createSocket } = await import('node:dgram');
      const socket = createSocket('udp6');
      const error = new Promise<string>((resolve) =>
        socket.once('error', (reason: NodeJS.ErrnoException) => resolve(String(reason.code))),
      );
      // A kernel sends no more than some such errors in a second.
      socket.connect(1, host, () => socket.send('hello'));
      const again = setInterval(() => socket.send('hello'), 200);
      const code = await error;
      clearInterval(again);
      return code;
    }, address);
    assert.equal(words, 'ECONNREFUSED');
  });

  const mtuTo = (node: LabNode, to: string): number | undefined =>
    ip<{ metrics?: { mtu?: number }[] }>(node, 'route', 'get', to)[0]?.metrics?.[0]?.mtu;

  test('says to a client what is too big for a link of IPv4', () => {
    output(phone, 'ip', '-6', 'route', 'flush', 'cache');
    const words = says(phone, `ping -6 -n -c 2 -i 0.2 -W 1 -M do -s 1440 ${address}`);
    assert.match(words, /mtu[=: ]+1420/);
    assert.equal(mtuTo(phone, address), 1420);
    assert.match(says(phone, `ping -6 -n -c 1 -W 1 -M do -s 1372 ${address}`), /1 received/);
  });

  test('says to a server what is too big for a link of IPv6', async () => {
    const wide = lab.device('wide', { uplink: lab.router('near') });
    const socket = await wide.udp({ address: '0.0.0.0', port: 9000 });
    // 1490 bytes of IPv4, which is 1510 of IPv6.
    const long = Buffer.alloc(1462, 'x');
    socket.on('message', (_, { port, address: from }) => socket.send(long, port, from));
    const udp = await phone.udp({ address: '::' });
    const answer = once(udp, 'message', { signal: AbortSignal.timeout(5000) });
    const again = setInterval(() => udp.send('hello', 9000, nat64Address(wide.ipv4)), 50);
    const [text] = await answer;
    clearInterval(again);
    assert.equal(text.length, long.length);
    assert.equal(mtuTo(wide, isp.ipv4), 1480);
    udp.close();
  });

  test('ends and begins at run time, and leaves nothing behind', () => {
    const links = (): string[] => ip<{ ifname: string }>(isp, 'link').map(({ ifname }) => ifname);
    assert.ok(links().includes('nat64'));
    isp.setNatV6('none');
    assert.equal(links().includes('nat64'), false);
    assert.doesNotMatch(output(isp, 'ip', '-6', 'route'), /64:ff9b/);
    assert.doesNotMatch(output(isp, 'nft', 'list', 'ruleset'), /nat64/);
    assert.equal(pings(phone, address), false);
    assert.ok(pings(phone, lab.ix.ipv6));
    isp.setNatV6('nat64');
    assert.equal(isp.natV6, 'nat64');
    assert.ok(pings(phone, address));
    isp.setNatV6('masquerade');
    isp.setNatV6('nat64');
    assert.ok(pings(phone, address));
  });
});

test('NAT64 leaves IPv6 as it is, and IPv4 too where a network has both', async () => {
  await using lab = await Lab.create();
  const home = lab.router('home', { natV6: 'nat64', nat: 'home' });
  const laptop = lab.device('laptop', { uplink: home });
  const server = lab.device('server', { uplink: lab.router('far') });
  const listener = await server.listen();
  const { port } = listener.address() as { port: number };
  const seen: (string | undefined)[] = [];
  listener.on('connection', (socket) => {
    seen.push(socket.remoteAddress);
    socket.end('hello');
  });
  for (const address of [server.ipv4, server.ipv6, nat64Address(server.ipv4)]) {
    const socket = await laptop.connect({ address, port });
    assert.equal(Buffer.concat(await socket.toArray()).toString(), 'hello');
  }
  assert.deepEqual(seen, [`::ffff:${home.ipv4}`, laptop.ipv6, `::ffff:${home.ipv4}`]);
});

test('NAT64 of a router behind the router of the clients serves them too', async () => {
  await using lab = await Lab.create();
  const isp = lab.router('isp', { ip: 'v6-only', natV6: 'nat64' });
  const home = lab.router('home', { upstream: isp, ip: 'v6-only' });
  const phone = lab.device('phone', { uplink: home });
  const server = lab.device('server', { uplink: lab.router('far', { ip: 'v4-only' }) });
  assert.ok(pings(phone, nat64Address(server.ipv4)));
  assert.ok(pings(home, nat64Address(server.ipv4)));
  assert.ok(pings(isp, nat64Address(server.ipv4)));
});

test('NAT64 that cannot be leaves the former translation, and one that a program broke can go', async () => {
  await using lab = await Lab.create();
  const isp = lab.router('isp', { natV6: 'masquerade' });
  const rules = output(isp, 'nft', 'list', 'ruleset');
  output(isp, 'ip', 'link', 'add', 'nat64', 'type', 'bridge');
  assert.throws(() => isp.setNatV6('nat64'), { errnoName: 'EINVAL' });
  assert.equal(isp.natV6, 'masquerade');
  assert.equal(output(isp, 'nft', 'list', 'ruleset'), rules);
  output(isp, 'ip', 'link', 'delete', 'nat64');
  isp.setNatV6('nat64');
  output(isp, 'ip', 'link', 'delete', 'nat64');
  isp.setNatV6('none');
});

test('NAT64 needs IPv4 above', async () => {
  await using lab = await Lab.create();
  const modern = lab.router('modern', { ip: 'v6-only' });
  assert.throws(() => lab.router('isp', { upstream: modern, natV6: 'nat64' }), {
    code: 'ERR_LAB_NO_ADDRESS',
  });
});

test('NAT64 ends with its router, its lab, and a router that could not be made', async () => {
  const tuns = (): number =>
    readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === '/dev/net/tun').length;
  const lab = await Lab.create();
  const [one] = ['one', 'two'].map((name) => lab.router(name, { natV6: 'nat64' }));
  assert.ok(one);
  assert.equal(tuns(), 2);
  await lab.remove(one);
  assert.equal(tuns(), 1);
  assert.throws(() => lab.router('odd', { natV6: 'nat64', firewall: 'iron' as 'none' }));
  await until(() => tuns() === 1, 'the descriptor of what could not be made is closed');
  await lab.close();
  assert.equal(tuns(), 0);
});

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // That of the directory itself, which is closed by now.
    return '';
  }
}
