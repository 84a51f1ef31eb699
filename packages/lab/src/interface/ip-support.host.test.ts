import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { ip, output, pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';

const routes = (node: LabNode, family: '-4' | '-6') => output(node, 'ip', family, 'route').trim();
const addresses = (node: LabNode, name: string) =>
  ip<{ addr_info: { local: string }[] }>(node, 'addr', 'show', 'dev', name).flatMap((link) =>
    link.addr_info.map(({ local }) => local),
  );

describe('A network that supports one Internet protocol', () => {
  test('of IPv4 alone has no IPv6 address, not even a link-local one, and no IPv6 route', async () => {
    await using lab = await Lab.create();
    const old = lab.router('old', { ip: 'v4-only' });
    const laptop = lab.device('laptop', { uplink: old });
    assert.deepEqual(addresses(laptop, 'eth0'), [laptop.ipv4]);
    assert.deepEqual(addresses(old, 'lan'), [old.downlink.gateway.ipv4]);
    assert.equal(routes(laptop, '-6'), '');
    assert.ok(pings(laptop, lab.ix.ipv4));
    assert.equal(pings(laptop, lab.ix.ipv6), false);
    assert.throws(() => laptop.ipv6, { code: 'ERR_LAB_NO_ADDRESS', message: /old is v4-only/ });
    assert.throws(() => old.downlink.gateway.ipv6, { code: 'ERR_LAB_NO_ADDRESS' });
    assert.deepEqual(laptop.addresses('eth0'), { ipv4: laptop.ipv4, ipv6: undefined });
    assert.deepEqual(Object.keys(old.downlink), ['ipv4', 'gateway']);
    // The uplink has what is above.
    assert.ok(pings(old, lab.ix.ipv6));
    assert.equal(routes(lab.ix, '-6').includes(' via '), false);
  });

  test('of IPv4 alone may have links that are too small for IPv6, which is not on larger ones then', async () => {
    await using lab = await Lab.create();
    const old = lab.router('old', { ip: 'v4-only' });
    const laptop = lab.device('laptop', { uplink: old, mtu: 576 });
    const inner = lab.router('inner', { upstream: old, ip: 'v4-only', mtu: 300 });
    const deep = lab.device('deep', { uplink: inner, mtu: 100 });
    laptop.addInterface('eth1', old, { mtu: 600 });
    assert.deepEqual(
      [...laptop.interfaces, ...inner.interfaces, ...deep.interfaces].map(({ mtu }) => mtu),
      [576, 600, 300, 300, 100],
    );
    for (const to of [laptop.ipv4, lab.ix.ipv4]) assert.ok(pings(deep, to), to);
    old.setMtu('lan', 68);
    for (const [node, name] of [
      [laptop, 'eth0'],
      [old, 'lan'],
    ] as const) {
      node.setMtu(name, 68);
      node.setMtu(name, 1500);
      assert.deepEqual(addresses(node, name).length, 1, node.name);
      assert.throws(() => node.setMtu(name, 67), { code: 'ERR_LAB_MTU' });
    }
    laptop.setMtu('eth0', 576);
    const uplink = lab.router('new');
    for (const refused of [
      () => laptop.replug('eth0', uplink),
      () => laptop.addInterface('eth2', uplink, { mtu: 576 }),
      () => lab.device('other', { interfaces: { eth0: old, eth1: uplink }, mtu: 576 }),
      () => lab.router('other', { ip: 'v4-only', mtu: 576 }),
      () => old.setMtu('ix', 576),
    ]) {
      assert.throws(refused, { code: 'ERR_LAB_MTU', remedy: /v4-only/ });
    }
    laptop.replug('eth0', inner);
    assert.ok(pings(laptop, lab.ix.ipv4));
    assert.equal(laptop.interfaces.find(({ name }) => name === 'eth0')?.mtu, 576);
  });

  test('of IPv6 alone has no IPv4 address and no IPv4 route', async () => {
    await using lab = await Lab.create();
    const modern = lab.router('modern', { ip: 'v6-only' });
    const laptop = lab.device('laptop', { uplink: modern });
    assert.equal(routes(laptop, '-4'), '');
    assert.ok(addresses(laptop, 'eth0').includes(laptop.ipv6));
    assert.ok(pings(laptop, lab.ix.ipv6));
    assert.throws(() => laptop.ipv4, { code: 'ERR_LAB_NO_ADDRESS' });
    assert.ok(pings(modern, lab.ix.ipv4), 'the router itself has IPv4 at the exchange');
    assert.equal(routes(lab.ix, '-4').includes(' via '), false);
  });

  for (const [support, family] of [
    ['v4-only', 'ipv4'],
    ['v6-only', 'ipv6'],
  ] as const) {
    test(`carries ${family} of routers below it, of every kind, and nothing else (${support})`, async () => {
      await using lab = await Lab.create();
      const above = lab.router('above', { ip: support });
      const other = family === 'ipv4' ? 'ipv6' : 'ipv4';
      const server = lab.device('server', { uplink: lab.router('far') });
      for (const below of ['dual-stack', support] as const) {
        const router = lab.router(`below-${below}`, { upstream: above, ip: below });
        const deepest = lab.router(`deepest-${below}`, { upstream: router });
        for (const [name, uplink] of [
          [`near-${below}`, router],
          [`deep-${below}`, deepest],
        ] as const) {
          const device = lab.device(name, { uplink });
          assert.ok(pings(device, server[family]), `${name} by ${family}`);
          assert.ok(pings(server, device[family]), `to ${name} by ${family}`);
          assert.equal(pings(device, server[other]), false);
        }
        assert.throws(() => router[other], { code: 'ERR_LAB_NO_ADDRESS' });
      }
    });

    test(`has its addresses and routes back after its links were down (${support})`, async () => {
      await using lab = await Lab.create();
      const router = lab.router('router', { ip: support });
      const laptop = lab.device('laptop', { uplink: router });
      const state = (node: LabNode) =>
        (['-4', '-6'] as const).map((version) => routes(node, version).split('\n').sort());
      const [before, above] = [state(laptop), state(router)];
      laptop.linkDown('eth0');
      laptop.linkUp('eth0');
      router.linkDown('lan');
      router.linkUp('lan');
      assert.deepEqual([state(laptop), state(router)], [before, above]);
      await until(() => pings(laptop, lab.ix[family]), 'an answer from the exchange');
    });
  }

  test('leaves a device no default route of the protocol that it lacks, when it becomes the default', async () => {
    await using lab = await Lab.create();
    const interfaces = {
      wlan0: lab.router('wifi'),
      cell0: lab.router('cell', { ip: 'v4-only' }),
      six0: lab.router('six', { ip: 'v6-only' }),
    };
    const phone = lab.device('phone', { interfaces });
    const defaults = () =>
      (['-4', '-6'] as const).map(
        (family) => ip<{ dev: string }>(phone, family, 'route', 'show', 'default')[0]?.dev,
      );
    assert.deepEqual(defaults(), ['wlan0', 'wlan0']);
    phone.setDefaultRoute('cell0');
    assert.deepEqual(defaults(), ['cell0', undefined]);
    phone.setDefaultRoute('six0');
    assert.deepEqual(defaults(), [undefined, 'six0']);
    assert.ok(pings(phone, lab.ix.ipv6));
    phone.setDefaultRoute('wlan0');
    assert.deepEqual(defaults(), ['wlan0', 'wlan0']);
  });

  test('carries TCP there and back by IPv6 alone', async () => {
    await using lab = await Lab.create();
    const client = lab.device('client', { uplink: lab.router('a', { ip: 'v6-only' }) });
    const server = lab.device('server', { uplink: lab.router('b', { ip: 'v6-only' }) });
    const listener = await server.listen({ port: 80 });
    listener.on('connection', (socket) => socket.pipe(socket));
    const socket = await client.connect({ address: server.ipv6, port: 80 });
    socket.write('there and back');
    const [data] = await once(socket, 'data');
    assert.equal(String(data), 'there and back');
    assert.equal(socket.localAddress, client.ipv6);
  });
});
