import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ip, output, pings, ports } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { defaults, reaches, routesOf, seenFrom, twoNetworks } from './interface.test-support.ts';

describe('A device', () => {
  test('gets interfaces while it runs, and loses them, but never the last', async () => {
    await using lab = await Lab.create();
    const { wifi, cell, server, phone, events } = await twoNetworks(lab);
    phone.addInterface('cell0', cell, { mtu: 1400 });
    assert.deepEqual(defaults(phone), [
      `${wifi.downlink.gateway.ipv4} wlan0`,
      `${wifi.downlink.gateway.ipv6} wlan0`,
    ]);
    assert.equal(phone.interfaces[1]?.mtu, 1400);
    assert.equal(ports(lab, cell)[0]?.mtu, 1400);
    assert.ok(pings(phone, cell.downlink.gateway.ipv6));
    phone.setDefaultRoute('cell0');
    assert.equal(await seenFrom(phone, server), phone.addresses('cell0').ipv4);
    phone.removeInterface('wlan0');
    assert.ok(reaches(phone, server));
    assert.deepEqual(ports(lab, wifi), []);
    assert.deepEqual(
      phone.interfaces.map(({ name }) => name),
      ['cell0'],
    );
    assert.throws(() => phone.removeInterface('cell0'), { code: 'ERR_LAB_LAST_INTERFACE' });
    assert.throws(() => phone.removeInterface('wlan0'), { code: 'ERR_LAB_NO_INTERFACE' });
    assert.deepEqual(
      events.map(({ kind, node, interface: name }) => `${kind} ${node} ${name}`),
      [
        'interface-added phone cell0',
        'default-route-changed phone cell0',
        'interface-removed phone wlan0',
      ],
    );
  });

  test('has its default routes through the first interface that remains, in the kernel too', async () => {
    await using lab = await Lab.create();
    const { wifi, cell, server, phone } = await twoNetworks(lab);
    phone.addInterface('cell0', cell);
    phone.addInterface('eth0', wifi);
    phone.removeInterface('wlan0');
    assert.equal(phone.defaultInterface, 'cell0');
    assert.deepEqual(defaults(phone), [
      `${cell.downlink.gateway.ipv4} cell0`,
      `${cell.downlink.gateway.ipv6} cell0`,
    ]);
    assert.ok(reaches(phone, server));
    phone.linkDown('eth0');
    const told: unknown[] = [];
    lab.subscribe(() => told.push(phone.defaultInterface));
    phone.removeInterface('cell0');
    assert.deepEqual(told, ['eth0', 'eth0'], 'is told of when it is so');
    assert.deepEqual(defaults(phone), [], 'eth0 is down');
    phone.linkUp('eth0');
    assert.equal(defaults(phone).length, 2);
    assert.ok(reaches(phone, server));
  });

  test('that was made without an interface has its default routes through the first it gets', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const late = lab.device('late');
    assert.throws(() => late.ipv4, { code: 'ERR_LAB_NO_INTERFACE' });
    late.addInterface('eth0', home);
    assert.ok(reaches(late, lab.ix));
  });

  test('is refused an interface that cannot be, and nothing of it is left', async () => {
    await using lab = await Lab.create();
    await using other = await Lab.create();
    const { phone } = await twoNetworks(lab);
    const tiny = lab.router('tiny', { downlink: '172.20.0.0/30' });
    output(phone, 'ip', 'link', 'add', 'mine', 'type', 'bridge');
    const before = routesOf(phone);
    const refused = (use: () => unknown, code: string) => assert.throws(use, { code });
    refused(() => phone.addInterface('wlan0', tiny), 'ERR_LAB_INTERFACE_TAKEN');
    refused(() => phone.addInterface('mine', tiny), 'ERR_LAB_INTERFACE_TAKEN');
    refused(() => phone.addInterface('a-name-of-sixteen', tiny), 'ERR_INVALID_INTERFACE_NAME');
    refused(() => phone.addInterface('eth1', tiny, { mtu: 100 }), 'ERR_LAB_MTU');
    refused(() => phone.addInterface('eth1', other.router('alien')), 'ERR_LAB_OTHER_LAB');
    assert.throws(() =>
      phone.addInterface('eth1', tiny, { conditions: { loss: 'much' } as never }),
    );
    lab.device('only', { uplink: tiny });
    refused(() => phone.addInterface('eth1', tiny), 'ERR_LAB_ADDRESSES_EXHAUSTED');
    refused(() => phone.replug('wlan0', tiny), 'ERR_LAB_ADDRESSES_EXHAUSTED');
    assert.equal(ports(lab, tiny).length, 1);
    assert.deepEqual(
      phone.interfaces.map(({ name }) => name),
      ['wlan0'],
    );
    assert.deepEqual(routesOf(phone), before);
    assert.ok(reaches(phone, lab.ix));
  });
});

describe('An interface that is plugged in elsewhere', () => {
  test('has addresses of there, and keeps its name, index, MTU, conditions and the default routes', async () => {
    await using lab = await Lab.create();
    const { wifi, server, phone, events } = await twoNetworks(lab);
    const own = lab.router('own', { downlink: '172.20.0.0/24' });
    phone.setMtu('wlan0', 1380);
    const conditions = { delay: { mean: '20ms' } };
    phone.setConditions('wlan0', { egress: conditions });
    const index = () => ip<{ ifindex: number }>(phone, 'link', 'show', 'dev', 'wlan0')[0]?.ifindex;
    const [before, old] = [index(), phone.ipv4];
    phone.replug('wlan0', own);
    assert.equal(index(), before);
    assert.match(phone.ipv4, /^172\.20\.0\.2$/);
    assert.deepEqual(phone.interfaces, [
      {
        ...{ name: 'wlan0', up: true, carrier: true, mtu: 1380 },
        addresses: [`${phone.ipv4}/24`, `${phone.ipv6}/64`],
      },
    ]);
    assert.deepEqual(ports(lab, wifi), []);
    assert.deepEqual(
      ports(lab, own).map(({ mtu }) => mtu),
      [1380],
    );
    assert.equal(await seenFrom(phone, server), phone.ipv4);
    assert.ok(reaches(phone, server));
    assert.deepEqual(phone.conditions('wlan0').egress, conditions);
    assert.match(output(phone, 'ping', '-n', '-c2', '-i0.1', server.ipv4), /time=2\d/);
    assert.equal(pings(lab.ix, old), false);
    const [event] = events.filter(({ kind }) => kind === 'interface-replugged');
    assert.deepEqual(event?.value, { router: 'own', ipv4: phone.ipv4, ipv6: phone.ipv6 });
  });

  test('gives its old addresses back, and goes to and fro any number of times', async () => {
    await using lab = await Lab.create();
    const { cell, server, phone } = await twoNetworks(lab);
    const tiny = lab.router('tiny', { downlink: '172.20.0.0/30' });
    for (let round = 0; round < 4; round++) {
      phone.replug('wlan0', tiny);
      assert.equal(phone.ipv4, '172.20.0.2');
      assert.equal(await seenFrom(phone, server), phone.ipv4);
      phone.replug('wlan0', cell);
      assert.equal(await seenFrom(phone, server), phone.ipv4);
    }
    phone.replug('wlan0', cell);
    assert.ok(reaches(phone, server));
  });

  test('stays down where it is down, and has everything once it is up', async () => {
    await using lab = await Lab.create();
    const { cell, server, phone } = await twoNetworks(lab);
    phone.linkDown('wlan0');
    phone.replug('wlan0', cell);
    assert.equal(phone.interfaces[0]?.up, false);
    assert.deepEqual(defaults(phone), []);
    phone.linkUp('wlan0');
    assert.ok(reaches(phone, server));
  });

  test('is where it was if the lab cannot plug it in', async () => {
    await using lab = await Lab.create();
    const { phone, server, cell } = await twoNetworks(lab);
    await lab.remove(cell);
    const before = [routesOf(phone), phone.interfaces];
    assert.throws(() => phone.replug('wlan0', cell), { code: 'ERR_LAB_NODE_REMOVED' });
    assert.deepEqual([routesOf(phone), phone.interfaces], before);
    assert.ok(reaches(phone, server));
  });

  test('moves between networks of different protocols', async () => {
    await using lab = await Lab.create();
    const { wifi, phone } = await twoNetworks(lab);
    phone.replug('wlan0', lab.router('four', { ip: 'v4-only' }));
    assert.deepEqual(defaults(phone).length, 1);
    assert.equal(pings(phone, lab.ix.ipv6), false);
    phone.replug('wlan0', lab.router('six', { ip: 'v6-only' }));
    assert.ok(pings(phone, lab.ix.ipv6));
    phone.replug('wlan0', wifi);
    assert.ok(reaches(phone, lab.ix));
  });
});

describe("A lab's state", () => {
  test('has both addresses of an interface, and the default, after every change', async () => {
    await using lab = await Lab.create();
    const { wifi, cell, phone } = await twoNetworks(lab);
    const state = () => lab.state().devices.find(({ name }) => name === 'phone');
    const check = (places: Record<string, string>, first: string) => {
      assert.deepEqual(
        [state()?.defaultInterface, state()?.ipv4, state()?.ipv6],
        [first, phone.addresses(first).ipv4, phone.addresses(first).ipv6],
      );
      const entries = state()?.interfaces.map(({ name, to }) => [name, to]);
      assert.deepEqual(Object.fromEntries(entries ?? []), places);
    };
    phone.renewAddress('wlan0');
    check({ wlan0: 'wifi' }, 'wlan0');
    phone.addInterface('eth0', wifi);
    phone.setDefaultRoute('eth0');
    check({ wlan0: 'wifi', eth0: 'wifi' }, 'eth0');
    phone.replug('eth0', cell);
    check({ wlan0: 'wifi', eth0: 'cell' }, 'eth0');
    phone.removeInterface('eth0');
    check({ wlan0: 'wifi' }, 'wlan0');
  });
});

describe('The default routes', () => {
  test('switch to and fro, and what a server sees with them', async () => {
    await using lab = await Lab.create();
    const { cell, server, phone } = await twoNetworks(lab);
    phone.addInterface('cell0', cell);
    for (const name of ['cell0', 'wlan0', 'cell0', 'wlan0']) {
      phone.setDefaultRoute(name);
      assert.equal(await seenFrom(phone, server), phone.addresses(name).ipv4);
      assert.ok(reaches(phone, server));
    }
  });

  test('stay where they are if the interface that is to have them is down', async () => {
    await using lab = await Lab.create();
    const { cell, server, phone } = await twoNetworks(lab);
    phone.addInterface('cell0', cell);
    phone.linkDown('cell0');
    assert.throws(() => phone.setDefaultRoute('cell0'), { errnoName: 'ENETUNREACH' });
    assert.equal(phone.defaultInterface, 'wlan0');
    assert.ok(reaches(phone, server));
  });
});

describe('The MTU of an interface', () => {
  test('of a router in its network is the least of all there, unless it is given one', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home');
    const laptop = lab.device('laptop', { uplink: home });
    const mtu = () => home.interfaces.find(({ name }) => name === 'lan')?.mtu;
    const phone = lab.device('phone', { uplink: home, mtu: 1400 });
    assert.equal(mtu(), 1400);
    phone.setMtu('eth0', 1300);
    assert.equal(mtu(), 1300);
    // What is longer comes in, and goes on to where it may.
    output(laptop, 'ping', '-n', '-c1', '-W1', '-Mdo', '-s1472', lab.ix.ipv4);
    const large = ['ping', '-n', '-c1', '-W1', '-s1400', '-Mdo', phone.ipv4] as const;
    assert.throws(() => output(lab.ix, ...large));
    assert.match(output(lab.ix, 'ip', 'route', 'get', phone.ipv4), / mtu 1300/);
    await lab.remove(phone);
    assert.equal(mtu(), 1500);
    home.setMtu('lan', 1450);
    const tablet = lab.device('tablet', { uplink: home, mtu: 1300 });
    assert.equal(mtu(), 1450);
    assert.ok(pings(tablet, lab.ix.ipv6));
  });

  test('changes at both ends, and is read back', async () => {
    await using lab = await Lab.create();
    const { wifi, server, phone, events } = await twoNetworks(lab);
    phone.setMtu('wlan0', 1300);
    assert.equal(phone.interfaces[0]?.mtu, 1300);
    assert.deepEqual(
      ports(lab, wifi).map(({ mtu }) => mtu),
      [1300],
    );
    wifi.setMtu('ix', 1400);
    wifi.setMtu('lan', 1350);
    assert.deepEqual(wifi.interfaces.map(({ name, mtu }) => `${name} ${mtu}`).sort(), [
      'ix 1400',
      'lan 1350',
    ]);
    assert.ok(reaches(phone, server));
    assert.deepEqual(
      events.map(({ node, interface: name, value }) => `${node} ${name} ${value}`),
      ['phone wlan0 1300', 'wifi ix 1400', 'wifi lan 1350'],
    );
    assert.throws(() => phone.setMtu('wlan0', 1000), { code: 'ERR_LAB_MTU' });
    assert.throws(() => phone.setMtu('eth7', 1400), { code: 'ERR_LAB_NO_INTERFACE' });
    phone.linkDown('wlan0');
    phone.setMtu('wlan0', 1500);
    phone.linkUp('wlan0');
    assert.equal(phone.interfaces[0]?.mtu, 1500);
  });
});
