import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ip, output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';
import { askTcp, mirror, place, udpEnd } from './nat.test-support.ts';

const knows = (node: LabNode, network: string): boolean =>
  ip<{ dst: string }>(node, '-6', 'route').some(({ dst }) => dst === network);

const identifierOf = (address = ''): string | undefined => address.split('::')[1];

describe('IPv6', () => {
  test('without translation is seen as it is', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', { nat: 'home' });
    const client = lab.device('client', { uplink: home });
    const end = await udpEnd(client, { address: '::' });
    const seen = await end.ask(await mirror(lab.ix, lab.ix.ipv6));
    assert.equal(seen, `${client.ipv6}:${end.port}`);
    assert.match(client.ipv6, /^fd10:/);
    assert.equal(home.natV6, 'none');
  });

  test('masqueraded is seen as the router, with one port for all', async () => {
    await using lab = await Lab.create();
    const provider = lab.router('provider', { natV6: 'masquerade' });
    const home = lab.router('home', { natV6: 'masquerade', upstream: provider });
    const client = lab.device('client', { uplink: home });
    const neighbour = lab.device('neighbour', { uplink: provider });
    const near = await mirror(neighbour, neighbour.ipv6);
    const far = [await mirror(lab.ix, lab.ix.ipv6), await mirror(lab.ix, lab.ix.ipv6)];
    const end = await udpEnd(client, { address: '::', port: 40_000 });
    assert.equal(await end.ask(near), `${home.ipv6}:40000`);
    for (const one of far) {
      assert.equal(await end.ask(one), `${provider.ipv6}:40000`);
      const from = { address: client.ipv6, port: 40_000 };
      assert.equal(await askTcp(client, from, one), `${provider.ipv6}:40000`);
    }
    assert.ok(pings(client, lab.ix.ipv6));
    for (const { downlink } of [home, provider]) assert.equal(knows(lab.ix, downlink.ipv6), false);
    assert.equal(pings(lab.ix, client.ipv6), false);
  });

  test('with another prefix outside is reached by it, also behind another router', async () => {
    await using lab = await Lab.create();
    const provider = lab.router('provider');
    const home = lab.router('home', { natV6: 'nptv6', nat: 'home', upstream: provider });
    const client = lab.device('client', { uplink: home });
    const server = lab.device('server', { uplink: lab.router('datacentre') });
    const end = await udpEnd(client, { address: '::', port: 40_000 });
    const seen = place(await end.ask(await mirror(server, server.ipv6)));
    assert.match(seen.address, /^2001:db8:1:/);
    assert.equal(seen.port, 40_000);
    assert.equal(identifierOf(seen.address), identifierOf(client.ipv6));
    for (const node of [server, provider, lab.ix]) assert.ok(pings(node, seen.address), node.name);
    const stranger = await udpEnd(server, { address: '::' });
    stranger.send('unasked', seen);
    assert.equal(await end.next(), `unasked from ${server.ipv6}:${stranger.port}`);
    assert.equal(knows(lab.ix, home.downlink.ipv6), false);
    const expiring = `ping -6 -n -c1 -W1 -t2 ${server.ipv6} || true`;
    assert.match(output(client, 'sh', '-c', expiring), /Time exceeded/);
  });

  test('with another prefix lets the networks of routers behind pass as they are', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', { natV6: 'nptv6', nat: 'home' });
    const inner = lab.router('inner', { upstream: home, nat: 'home' });
    const laptop = lab.device('laptop', { uplink: inner });
    const end = await udpEnd(laptop, { address: '::' });
    const seen = await end.ask(await mirror(lab.ix, lab.ix.ipv6));
    assert.equal(seen, `${laptop.ipv6}:${end.port}`);
  });

  test('changes its translation while it runs, with the routes', async () => {
    await using lab = await Lab.create();
    const kinds: unknown[] = [];
    lab.subscribe(({ kind, value }) => {
      if (kind !== 'node-added') kinds.push([kind, value]);
    });
    const home = lab.router('home', { addresses: 'private' });
    const client = lab.device('client', { uplink: home });
    const seen = async () => {
      const end = await udpEnd(client, { address: '::' });
      return place(await end.ask(await mirror(lab.ix, lab.ix.ipv6))).address;
    };
    const network = home.downlink.ipv6;
    assert.deepEqual([await seen(), knows(lab.ix, network)], [client.ipv6, true]);
    home.setNatV6('nptv6');
    const outer = await seen();
    assert.match(outer, /^2001:db8:1:/);
    const outerNetwork = outer.replace(/::.*/, '::/64');
    assert.deepEqual([knows(lab.ix, network), knows(lab.ix, outerNetwork)], [false, true]);
    home.setNatV6('masquerade');
    assert.equal(await seen(), home.ipv6);
    assert.deepEqual([knows(lab.ix, network), knows(lab.ix, outerNetwork)], [false, false]);
    home.setNatV6('none');
    assert.deepEqual([await seen(), knows(lab.ix, network)], [client.ipv6, true]);
    assert.deepEqual(kinds, [
      ['nat-v6-changed', 'nptv6'],
      ['nat-v6-changed', 'masquerade'],
      ['nat-v6-changed', 'none'],
    ]);
    home.setNatV6('nptv6');
    await lab.remove(client);
    await lab.remove(home);
    const left = ip<{ dst: string }>(lab.ix, '-6', 'route').filter(
      ({ dst }) => dst !== '2001:db8::/64',
    );
    assert.deepEqual(
      left.filter(({ dst }) => dst.startsWith('2001:')),
      [],
    );
  });
});
