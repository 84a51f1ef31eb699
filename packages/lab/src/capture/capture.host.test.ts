import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { after, describe, test } from 'node:test';
import { isInitialUserNamespace } from '@netweir/kernel';
import { ip, laptopAndServer, output, pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { nat64Address } from '../nat64/address.ts';
import { captureFile as file, tcpdump } from './capture.test-support.ts';

const { lab, laptop, server } = await laptopAndServer();

describe('A capture', () => {
  after(async () => await lab.close());

  test('has what an interface sent and received, for tcpdump to read', async (t) => {
    const path = file(t);
    const before = Date.now() / 1000;
    const capture = laptop.capture('eth0', { path });
    assert.ok(pings(laptop, server.ipv4));
    await capture.close();
    const after = Date.now() / 1000;
    const lines = tcpdump(path, 'icmp');
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', new RegExp(`${laptop.ipv4} > ${server.ipv4}: ICMP echo request`));
    assert.match(lines[1] ?? '', new RegExp(`${server.ipv4} > ${laptop.ipv4}: ICMP echo reply`));
    const times = lines.map((line) => Number.parseFloat(line));
    assert.ok(times.every((time) => time > before - 0.01 && time < after + 0.01));
    const bytes = readFileSync(path);
    const { packets, dropped, limitReached, bytes: length } = capture.counters;
    assert.deepEqual([dropped, limitReached, length], [0, false, bytes.length]);
    assert.equal(tcpdump(path).length, packets);
    // The interface's name, and both directions among the flags of the packets.
    assert.ok(bytes.includes('eth0'));
    for (const flags of [0b01_01, 0b10]) {
      assert.ok(bytes.includes(Buffer.from([2, 0, 4, 0, flags, 0, 0, 0])), `${flags}`);
    }
  });

  test('goes on where its interface was down, and goes to a stream', async (t) => {
    const stream = new PassThrough();
    const content = stream.toArray();
    await using capture = laptop.capture('eth0', { stream });
    assert.ok(pings(laptop, server.ipv4));
    laptop.linkDown('eth0');
    laptop.linkUp('eth0');
    await until(() => pings(laptop, server.ipv4), 'an answer');
    await capture.close();
    const bytes = Buffer.concat(await content);
    assert.equal(bytes.length, capture.counters.bytes);
    const path = file(t);
    writeFileSync(path, bytes);
    assert.ok(tcpdump(path, 'icmp[0] == 0').length >= 2);
  });

  test('goes on where its interface was plugged in elsewhere, or removed and added', async (t) => {
    const path = file(t);
    const [here, there] = [lab.router('here'), lab.router('there')];
    const interfaces = { wlan0: here, cell0: lab.router('cell') };
    const phone = lab.device('phone', { interfaces });
    await using capture = phone.capture('wlan0', { path });
    phone.replug('wlan0', there);
    assert.ok(pings(phone, there.downlink.gateway.ipv4 ?? ''));
    phone.removeInterface('wlan0');
    phone.addInterface('wlan0', here);
    assert.ok(pings(phone, here.downlink.gateway.ipv4 ?? ''));
    await capture.close();
    assert.equal(tcpdump(path, 'icmp[0] == 0').length, 2);
  });

  test('loses nothing while this thread is busy', async (t) => {
    const path = file(t);
    const listening = server.spawn('iperf3', ['-s', '-1', '--forceflush']);
    let words = '';
    listening.stdout?.on('data', (text) => {
      words += text;
    });
    await until(() => words.includes('Server listening'), 'iperf3 listens');
    const counted = () => server.counters().eth0?.rxPackets ?? 0;
    const capture = server.capture('eth0', { path });
    const before = counted();
    const options = ['-u', '-l', '200', '-b', '32M', '-t', '1'];
    const sending = laptop.spawn('iperf3', ['-c', server.ipv4, ...options], { stdio: 'ignore' });
    await until(() => counted() - before > 1000, 'traffic');
    const busyUntil = performance.now() + 500;
    while (performance.now() < busyUntil);
    await once(sending, 'exit');
    const passed = counted() - before;
    await capture.close();
    const { packets, dropped } = capture.counters;
    assert.ok(passed > 10_000, `${passed} packets`);
    assert.ok(packets + dropped >= passed, `${packets} and ${dropped} of ${passed}`);
    // The queue of an ordinary user is short.
    if (isInitialUserNamespace()) assert.equal(dropped, 0);
  });

  test('cuts packets at the snap length and ends at its limit', async (t) => {
    const path = file(t);
    const capture = laptop.capture('eth0', { path, snapLength: 60, limitBytes: 1000 });
    for (let count = 0; count < 20; count++) output(laptop, 'ping', '-nc1', '-s500', server.ipv4);
    await until(() => capture.counters.limitReached, 'the limit');
    await capture.close();
    const bytes = readFileSync(path);
    assert.ok(bytes.length <= 1000 && bytes.length > 850, `${bytes.length}`);
    assert.match(tcpdump(path, 'icmp')[0] ?? '', /length 508/);
    assert.equal(tcpdump(path).length, capture.counters.packets);
  });

  test('captures the network of a router, and a loopback interface each packet once', async (t) => {
    const [loopback, network] = [file(t), file(t)];
    const captures = [
      laptop.capture('lo', { path: loopback }),
      lab.ix.capture('ix', { path: network }),
    ];
    assert.ok(pings(laptop, '127.0.0.1') && pings(laptop, lab.ix.ipv6));
    await Promise.all(captures.map((capture) => capture.close()));
    assert.equal(tcpdump(loopback, 'icmp').length, 2);
    assert.equal(tcpdump(network, 'icmp6[0] == 128 or icmp6[0] == 129').length, 2);
  });

  test('captures what a device sends to a group that its router has not joined', async (t) => {
    const network = file(t);
    const capture = lab.nodes.get('home')?.capture('lan', { path: network });
    const socket = await laptop.udp({ address: '0.0.0.0' });
    socket.send('search', 1900, '239.255.255.250');
    await until(() => readFileSync(network).includes('search'), 'a packet');
    await capture?.close();
    assert.equal(tcpdump(network, 'dst host 239.255.255.250').length, 1);
  });

  test('captures an interface that has no Ethernet', async (t) => {
    const path = file(t);
    const router = lab.router('modern', { ip: 'v6-only', natV6: 'nat64' });
    const phone = lab.device('telephone', { uplink: router });
    const reflector = await server.reflector();
    const capture = router.capture('nat64', { path });
    await phone.probe({ address: nat64Address(server.ipv4), port: reflector.address.port });
    await capture.close();
    await reflector.close();
    assert.ok(tcpdump(path, 'ip6').some((line) => line.includes(` ${phone.ipv6}.`)));
    assert.ok(tcpdump(path, 'ip').some((line) => line.includes(` ${server.ipv4}.3478`)));
  });

  test('ends with its node, and the file is whole', async (t) => {
    const path = file(t);
    const short = lab.device('short', { uplink: lab.router('near') });
    const capture = short.capture('eth0', { path });
    assert.ok(pings(short, server.ipv4));
    await lab.remove(short);
    assert.equal(tcpdump(path, 'icmp').length, 2);
    await capture.close();
    assert.throws(() => short.capture('eth0', { path }), { name: 'NodeRemoved' });
  });

  test('says what is wrong', async () => {
    const stream = new PassThrough();
    assert.throws(() => laptop.capture('eth7', { stream }), { code: 'ERR_LAB_NO_INTERFACE' });
    assert.throws(() => laptop.capture('eth0', { path: '/nowhere/x' }), { code: 'ENOENT' });
    const full = laptop.capture('eth0', { path: '/dev/full' });
    assert.ok(pings(laptop, server.ipv4));
    await assert.rejects(full.close(), { code: 'ENOSPC' });
  });
});

interface Witness {
  readonly ifname: string;
  readonly stats64: Record<'rx' | 'tx', Record<'bytes' | 'packets' | 'errors' | 'dropped', number>>;
}

test('The counters of a node are those of the kernel', async () => {
  await using lab = await Lab.create();
  const home = lab.router('home');
  const laptop = lab.device('laptop', { uplink: home });
  const before = laptop.counters().eth0;
  output(laptop, 'ping', '-nqc3', '-i0.01', lab.ix.ipv4);
  const after = laptop.counters().eth0;
  assert.ok(before && after);
  assert.ok(after.txPackets - before.txPackets >= 3 && after.rxBytes - before.rxBytes >= 3 * 84);
  const witness = () => ip<Witness>(home, '-s', 'link');
  await until(() => {
    const [first, ours, last] = [witness(), home.counters(), witness()];
    if (JSON.stringify(first) !== JSON.stringify(last)) return false;
    assert.deepEqual(
      Object.keys(ours),
      first.map(({ ifname }) => ifname),
    );
    for (const { ifname, stats64 } of first) {
      const { rx, tx } = stats64;
      assert.deepEqual(ours[ifname], {
        rxPackets: rx.packets,
        txPackets: tx.packets,
        rxBytes: rx.bytes,
        txBytes: tx.bytes,
        rxErrors: rx.errors,
        txErrors: tx.errors,
        rxDropped: rx.dropped,
        txDropped: tx.dropped,
      });
    }
    return true;
  }, 'a moment without traffic');
});
