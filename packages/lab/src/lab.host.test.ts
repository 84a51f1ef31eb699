import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ip, output, pings, ports, until } from './lab.test-support.ts';
import { Lab } from './lab.ts';

interface IpRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev: string;
}

const routesTo = (routes: IpRoute[], dst: string): string[] =>
  routes.filter((route) => route.dst === dst).map(({ gateway, dev }) => `${gateway} ${dev}`);

describe('A lab', () => {
  test('connects devices through routers behind routers, by both families, from the first packet', async () => {
    await using lab = await Lab.create();
    const isp = lab.router('isp');
    const home = lab.router('home', { upstream: isp, addresses: 'private' });
    const inner = lab.router('inner', { upstream: home, addresses: 'private' });
    const laptop = lab.device('laptop', { uplink: inner });
    const far = lab.router('far');
    const server = lab.device('server', { uplink: far });
    for (const address of [server.ipv4, server.ipv6]) assert.ok(pings(laptop, address), address);
    for (const address of [laptop.ipv4, laptop.ipv6]) assert.ok(pings(lab.ix, address), address);
    for (const [node, neighbour] of [
      [laptop, inner.downlink.gateway],
      [inner, home.downlink.gateway],
      [home, isp.downlink.gateway],
      [isp, lab.ix],
      [isp, far],
    ] as const) {
      assert.ok(pings(node, neighbour.ipv4) && pings(node, neighbour.ipv6), node.name);
    }
    const trace = output(laptop, 'ping', '-n', '-c1', '-W1', '-R', server.ipv4);
    for (const hop of [inner, home, isp, far]) assert.match(trace, new RegExp(`\t?${hop.ipv4}\n`));
  });

  test('has the addresses and routes that it says', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', { addresses: 'private', mtu: 1400 });
    const laptop = lab.device('laptop', { uplink: home, mtu: 1300 });
    assert.deepEqual([home.ipv4, home.ipv6], ['198.18.0.10', '2001:db8::a']);
    assert.deepEqual([laptop.ipv4, laptop.ipv6], ['10.0.1.2', 'fd10:0:0:1::2']);
    assert.deepEqual(home.downlink, {
      ipv4: '10.0.1.0/24',
      ipv6: 'fd10:0:0:1::/64',
      gateway: { ipv4: '10.0.1.1', ipv6: 'fd10:0:0:1::1' },
    });
    interface Address {
      readonly ifname: string;
      readonly mtu: number;
      readonly addr_info: {
        local: string;
        prefixlen: number;
        scope: string;
        tentative?: boolean;
      }[];
    }
    const addresses = (node: Parameters<typeof ip>[0]) =>
      ip<Address>(node, 'addr').flatMap(({ ifname, mtu, addr_info }) =>
        addr_info
          .filter(({ scope }) => scope === 'global')
          .map(({ local, prefixlen }) => `${ifname} ${mtu} ${local}/${prefixlen}`),
      );
    assert.deepEqual(addresses(laptop), ['eth0 1300 10.0.1.2/24', 'eth0 1300 fd10:0:0:1::2/64']);
    assert.deepEqual(addresses(home).sort(), [
      'ix 1400 198.18.0.10/20',
      'ix 1400 2001:db8::a/64',
      'lan 1400 10.0.1.1/24',
      'lan 1400 fd10:0:0:1::1/64',
    ]);
    assert.deepEqual(routesTo(ip(laptop, 'route'), 'default'), ['10.0.1.1 eth0']);
    assert.deepEqual(routesTo(ip(laptop, '-6', 'route'), 'default'), ['fd10:0:0:1::1 eth0']);
    assert.deepEqual(routesTo(ip(lab.ix, 'route'), '10.0.1.0/24'), ['198.18.0.10 ix']);
    const mine = ['10.0.1.2/24', 'fd10:0:0:1::2/64'];
    const eth0 = { name: 'eth0', up: true, carrier: true, mtu: 1300, addresses: mine };
    assert.deepEqual(laptop.interfaces, [eth0]);
  });

  test('needs no duplicate address detection: no address is tentative', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    assert.equal(output(laptop, 'ip', '-6', 'addr', 'show', 'tentative'), '');
  });

  test('tells a device the smaller MTU of a router on the way', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('tunnel', { mtu: 1280 }) });
    const server = lab.device('server', { uplink: lab.router('far') });
    const large = ['ping', '-n', '-c1', '-W1', '-s1400', '-Mdo', server.ipv4] as const;
    assert.throws(() => output(laptop, ...large));
    assert.match(output(laptop, 'ip', 'route', 'get', server.ipv4), / mtu 1280/);
  });

  test('gives a device several interfaces, and moves its default routes', async () => {
    await using lab = await Lab.create();
    const [wifi, cell] = [lab.router('wifi'), lab.router('cell')];
    const server = lab.device('server', { uplink: lab.router('far') });
    const phone = lab.device('phone', { interfaces: { wlan0: wifi, cell0: cell } });
    const hop = () => {
      const [route] = ip<{ dev: string; prefsrc: string }>(phone, 'route', 'get', server.ipv4);
      return `${route?.dev} ${route?.prefsrc}`;
    };
    assert.equal(hop(), `wlan0 ${phone.ipv4}`);
    phone.setDefaultRoute('cell0');
    assert.equal(hop(), `cell0 ${phone.ipv4}`);
    assert.deepEqual(phone.addresses('cell0'), { ipv4: phone.ipv4, ipv6: phone.ipv6 });
    for (const address of [server.ipv4, server.ipv6]) assert.ok(pings(phone, address), address);
    assert.throws(() => phone.setDefaultRoute('eth7'), { code: 'ERR_LAB_NO_INTERFACE' });
  });

  for (const name of ['eth0', 'lan', 'ix']) {
    test(`has all addresses and routes of ${name} back after it was down`, async () => {
      await using lab = await Lab.create();
      const home = lab.router('home');
      const inner = lab.router('inner', { upstream: home });
      const laptop = lab.device('laptop', { uplink: inner });
      const node = name === 'eth0' ? laptop : home;
      const state = () =>
        ['-4', '-6'].map((family) => output(node, 'ip', family, 'route', 'show', 'table', 'all'));
      const before = state();
      node.linkDown(name);
      assert.equal(node.interfaces.find((entry) => entry.name === name)?.up, false);
      for (const address of [lab.ix.ipv4, lab.ix.ipv6]) assert.equal(pings(laptop, address), false);
      node.linkUp(name);
      // A neighbour that asked in vain while the link was down asks again after a second (RFC 4861).
      for (const address of [lab.ix.ipv4, lab.ix.ipv6]) {
        await until(() => pings(laptop, address), `an answer from ${address}`);
      }
      const lines = (text = '') => text.split('\n').sort();
      assert.deepEqual(state().map(lines), before.map(lines));
    });
  }

  test('reaches a device under another Ethernet address once: its router sends on nothing that is not for it', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const [laptop, tablet] = ['laptop', 'tablet'].map((name) => lab.device(name, { uplink: home }));
    assert.ok(laptop && tablet);
    output(tablet, 'ip', 'link', 'set', 'eth0', 'address', '02:00:00:00:00:99');
    for (const address of [tablet.ipv4, tablet.ipv6]) {
      const echoes = output(laptop, 'ping', '-n', '-c3', '-i0.1', '-W1', address);
      assert.match(echoes, / 3 received, 0% packet loss/u);
    }
    output(home, 'ip', 'link', 'set', 'lan', 'address', '02:00:00:00:00:98');
    assert.ok(pings(tablet, lab.ix.ipv4) && pings(tablet, lab.ix.ipv6));
  });

  test('loses a removed node, its links and routes at once, and can have it again', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home });
    await assert.rejects(lab.remove(home), { code: 'ERR_LAB_NODE_IN_USE', message: /laptop/ });
    assert.equal(ports(lab, home).length, 1);
    const removal = lab.remove(laptop);
    assert.equal(ports(lab, home).length, 0);
    await removal;
    await lab.remove(home);
    assert.deepEqual(routesTo(ip(lab.ix, 'route'), home.downlink.ipv4), []);
    assert.deepEqual([...lab.nodes.keys()], ['ix']);
    const again = lab.device('laptop', { uplink: lab.router('home') });
    assert.ok(pings(again, lab.ix.ipv6));
  });

  test('keeps a removed node as a value whose methods say that it is removed', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    const address = laptop.ipv4;
    await lab.remove(laptop);
    assert.deepEqual([laptop.removed, laptop.name, laptop.ipv4], [true, 'laptop', address]);
    const wanted = { name: 'NodeRemoved', code: 'ERR_LAB_NODE_REMOVED', node: 'laptop' };
    await assert.rejects(lab.remove(laptop), wanted);
    await assert.rejects(
      laptop.run(() => 1),
      wanted,
    );
    await assert.rejects(laptop.connect({ address: '127.0.0.1', port: 1 }), wanted);
    await assert.rejects(laptop.listen(), wanted);
    await assert.rejects(laptop.udp(), wanted);
    for (const use of [
      () => laptop.runSync(() => 1),
      () => laptop.spawn('true'),
      () => laptop.linkDown('eth0'),
      () => laptop.linkUp('eth0'),
      () => laptop.setDefaultRoute('eth0'),
      () => laptop.interfaces,
    ]) {
      assert.throws(use, wanted);
    }
  });

  test('has told of a removal when it is so, and ends with what still runs in the removed', async () => {
    const lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    const there: boolean[] = [];
    lab.subscribe(({ kind }) => {
      if (kind === 'node-removed') there.push(lab.nodes.has('laptop'), !laptop.removed);
    });
    const program = laptop.exec('sleep', ['100']);
    let ended = false;
    const removal = lab.remove(laptop).then(() => {
      ended = true;
    });
    assert.deepEqual(there, [false, false]);
    await lab.close();
    assert.ok(ended);
    await removal;
    assert.equal((await program).signal, 'SIGKILL');
  });

  test('shows no interface that a program has taken away, and does without it', async () => {
    await using lab = await Lab.create();
    const [home, cell] = [lab.router('home'), lab.router('cell')];
    const phone = lab.device('phone', { interfaces: { wlan0: home, cell0: cell } });
    phone.setConditions('wlan0', { rate: { rate: '1mbit' } });
    output(phone, 'ip', 'link', 'delete', 'wlan0');
    const left = phone.interfaces.map(({ name }) => name);
    assert.deepEqual(left, ['cell0']);
    assert.deepEqual(
      lab.state().devices[0]?.interfaces.map(({ name }) => name),
      ['cell0'],
    );
    phone.removeInterface('wlan0');
    assert.equal(phone.defaultInterface, 'cell0');
    output(phone, 'ip', 'link', 'delete', 'cell0');
    await lab.remove(phone);
    await lab.remove(home);
  });

  test("takes nodes in and out of a router's network whose own interface a program has taken away", async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home });
    const phone = lab.device('phone', { uplink: home, mtu: 1400 });
    output(home, 'ip', 'link', 'delete', 'lan');
    phone.setMtu('eth0', 1300);
    assert.ok(pings(laptop, phone.ipv4));
    await lab.remove(phone);
    assert.ok(pings(laptop, lab.device('phone', { uplink: home, mtu: 1350 }).ipv4));
    assert.throws(() => home.setMtu('lan', 1350), { errnoName: 'ENODEV' });
  });

  test('refuses what it cannot make, and leaves nothing of it', async () => {
    await using lab = await Lab.create();
    await using other = await Lab.create();
    const home = lab.router('home', { downlink: '172.20.0.0/30' });
    lab.device('only', { uplink: home });
    const refused = (make: () => unknown, code: string) => assert.throws(make, { code });
    refused(() => lab.device('home'), 'ERR_LAB_NAME_TAKEN');
    refused(() => lab.device('ix'), 'ERR_LAB_NAME_TAKEN');
    refused(() => lab.device('HOME'), 'ERR_LAB_NAME_TAKEN');
    await assert.rejects(lab.remove(lab.ix), { code: 'ERR_LAB_NODE_IN_USE' });
    refused(() => lab.device('a/b'), 'ERR_LAB_INVALID_NAME');
    refused(() => lab.device('more', { uplink: home }), 'ERR_LAB_ADDRESSES_EXHAUSTED');
    refused(() => lab.device('small', { mtu: 67 }), 'ERR_LAB_MTU');
    refused(() => lab.router('twice', { downlink: '172.20.0.0/16' }), 'ERR_LAB_INVALID_PREFIX');
    refused(() => other.device('foreign', { uplink: home }), 'ERR_LAB_OTHER_LAB');
    refused(() => lab.router('odd', { ip: 'v5-only' as 'v6-only' }), 'invalid-request');
    assert.throws(() => lab.router('odd', { addresses: 'shared' as 'public' }), {
      code: 'invalid-request',
      message: /"public"\|"private"/,
    });
    const spare = lab.router('spare');
    const interfaces = { eth0: spare, 'not a name': spare };
    refused(() => lab.device('more', { interfaces }), 'ERR_INVALID_INTERFACE_NAME');
    assert.equal(
      ip<{ ifname: string }>(spare, 'link').filter((l) => l.ifname.startsWith('port')).length,
      0,
    );
    const twice = { uplink: spare, interfaces: { eth0: spare } };
    refused(() => lab.device('more', twice), 'ERR_LAB_INTERFACE_TAKEN');
    const nowhere = { conditions: 'wifi', interfaces: { wlan0: spare } } as const;
    refused(() => lab.device('more', nowhere), 'ERR_LAB_NO_INTERFACE');
    const both = lab.device('more', { uplink: spare, interfaces: { wlan0: spare } });
    assert.deepEqual([both.defaultInterface, both.interfaces.length], ['eth0', 2]);
    await lab.close();
    refused(() => lab.device('late'), 'ERR_LAB_CLOSED');
  });

  test('leaves the host as it is', async () => {
    const before = [
      readlinkSync('/proc/thread-self/ns/net'),
      readlinkSync('/proc/thread-self/ns/pid'),
    ];
    await using lab = await Lab.create({ name: 'visible' });
    lab.device('laptop', { uplink: lab.router('home') });
    assert.deepEqual(
      [
        readlinkSync('/proc/thread-self/ns/net'),
        readlinkSync('/proc/thread-self/ns/pid_for_children'),
      ],
      before,
    );
    assert.equal(lab.name, 'visible');
  });
});
