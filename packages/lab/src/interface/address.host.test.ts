import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ip, pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { reaches, routesOf, seenFrom, twoNetworks } from './interface.test-support.ts';

describe('The addresses of an interface', () => {
  test('are renewed without a moment off the network: routes, gateway and all others stay', async () => {
    await using lab = await Lab.create();
    const { wifi, server, phone, events } = await twoNetworks(lab);
    const neighbour = lab.device('neighbour', { uplink: wifi });
    const before = routesOf(phone);
    const old = phone.addresses('wlan0');
    const renewed = phone.renewAddress('wlan0');
    assert.notEqual(renewed.ipv4, old.ipv4);
    assert.notEqual(renewed.ipv6, old.ipv6);
    assert.deepEqual([phone.ipv4, phone.ipv6], [renewed.ipv4, renewed.ipv6]);
    assert.deepEqual(phone.interfaces[0]?.addresses, [`${renewed.ipv4}/24`, `${renewed.ipv6}/64`]);
    const now = routesOf(phone)
      .join('\n')
      .replaceAll(phone.ipv4, old.ipv4 ?? '');
    assert.equal(now, before.join('\n'));
    assert.ok(reaches(phone, server));
    assert.ok(reaches(neighbour, phone), 'on the same network');
    assert.equal(pings(neighbour, old.ipv4 ?? ''), false);
    assert.deepEqual(events.at(-1)?.kind, 'address-changed');
    assert.deepEqual(events.at(-1)?.value, phone.interfaces[0]?.addresses);
  });

  test('are renewed and given back any number of times, and no Ethernet address is had twice', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', { downlink: '172.20.0.0/29' });
    const phone = lab.device('phone', { uplink: home });
    for (let round = 0; round < 12; round++) phone.renewAddress('eth0');
    const others = ['a', 'b', 'c'].map((name) => lab.device(name, { uplink: home }));
    assert.throws(() => lab.device('d', { uplink: home }), { code: 'ERR_LAB_ADDRESSES_EXHAUSTED' });
    const stations = [phone, ...others].map(
      (node) => ip<{ address: string }>(node, 'link', 'show', 'dev', 'eth0')[0]?.address,
    );
    assert.equal(new Set(stations).size, 4);
    for (const other of others) assert.ok(reaches(other, phone));
  });

  test('are renewed while it is down', async () => {
    await using lab = await Lab.create();
    const { phone, server } = await twoNetworks(lab);
    phone.linkDown('wlan0');
    const { ipv4 } = phone.renewAddress('wlan0');
    phone.linkUp('wlan0');
    assert.equal(await seenFrom(phone, server), ipv4);
    assert.ok(reaches(phone, server));
  });

  test('get others beside them, which answer, come back after it was down, and can go', async () => {
    await using lab = await Lab.create();
    const { wifi, phone, events } = await twoNetworks(lab);
    const neighbour = lab.device('neighbour', { uplink: wifi });
    const added = ['198.19.1.200/24', '2001:db8:1:1::abcd/64', '192.0.2.7/32'];
    for (const address of added) phone.addAddress('wlan0', address);
    assert.deepEqual(
      [...(phone.interfaces[0]?.addresses ?? [])].sort(),
      [`${phone.ipv4}/24`, `${phone.ipv6}/64`, ...added].sort(),
    );
    const answers = () =>
      ['198.19.1.200', '2001:db8:1:1::abcd', phone.ipv4].map((to) => pings(neighbour, to));
    assert.deepEqual(answers(), [true, true, true]);
    phone.linkDown('wlan0');
    phone.linkUp('wlan0');
    await until(() => answers().every(Boolean), 'answers from all addresses');
    assert.equal(phone.interfaces[0]?.addresses.length, 5);
    for (const address of added) phone.removeAddress('wlan0', address);
    assert.equal(phone.interfaces[0]?.addresses.length, 2);
    assert.deepEqual(answers(), [false, false, true]);
    assert.equal(events.filter(({ kind }) => kind === 'address-changed').length, 6);
  });

  test('survive the renewal of the one that was there first', async () => {
    await using lab = await Lab.create();
    const { wifi, phone, server } = await twoNetworks(lab);
    phone.addAddress('wlan0', '198.19.1.200/24');
    phone.renewAddress('wlan0');
    assert.ok(pings(wifi, '198.19.1.200'));
    assert.equal(await seenFrom(phone, server), phone.ipv4);
  });

  test('are nobody else’s: neither what the lab gives nor what a user adds', async () => {
    await using lab = await Lab.create();
    const { wifi, phone } = await twoNetworks(lab);
    phone.addAddress('wlan0', '198.19.1.3/24');
    const neighbour = lab.device('neighbour', { uplink: wifi });
    assert.equal(neighbour.ipv4, '198.19.1.4');
    const refused = (address: string, code: string) =>
      assert.throws(() => phone.addAddress('wlan0', address), { code }, address);
    refused(`${neighbour.ipv4}/24`, 'ERR_LAB_ADDRESS_TAKEN');
    refused(`${neighbour.ipv6}/64`, 'ERR_LAB_ADDRESS_TAKEN');
    refused(`${wifi.downlink.gateway.ipv4}/24`, 'ERR_LAB_ADDRESS_TAKEN');
    refused('not an address', 'ERR_INVALID_IP_ADDRESS');
    assert.throws(() => phone.addAddress('wlan0', '198.19.1.3/24'), { errnoName: 'EEXIST' });
    assert.throws(() => phone.removeAddress('wlan0', `${phone.ipv4}/24`), {
      code: 'ERR_LAB_NO_ADDRESS',
    });
    phone.replug('wlan0', lab.router('four', { ip: 'v4-only' }));
    refused('2001:db8::77/64', 'ERR_LAB_NO_ADDRESS');
    assert.deepEqual(phone.interfaces[0]?.addresses, [`${phone.ipv4}/24`]);
  });

  test('are not those of the network itself, nor of all that are in it', async () => {
    await using lab = await Lab.create();
    const { phone, events } = await twoNetworks(lab);
    for (const address of [
      '198.19.1.0/24',
      '198.19.1.255/24',
      '198.19.1.255/32',
      '198.19.1.255/25',
      '192.0.2.7/29',
      '192.0.2.8/30',
    ]) {
      assert.throws(
        () => phone.addAddress('wlan0', address),
        { code: 'ERR_LAB_INVALID_ADDRESS', remedy: /choose another one/ },
        address,
      );
    }
    assert.deepEqual(events, []);
    for (const address of ['192.0.2.7/28', '192.0.2.8/31', '2001:db8:1:1::ff/64']) {
      phone.addAddress('wlan0', address);
    }
    assert.equal(phone.interfaces[0]?.addresses.length, 5);
  });
});
