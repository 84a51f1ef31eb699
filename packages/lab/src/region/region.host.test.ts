import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ip, output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { assertBoth, assertRtt, delay, ping, world } from './region.test-support.ts';

describe('Regions', { concurrency: 3 }, () => {
  test('are as far apart as the link between them says, by both protocols', async () => {
    await using lab = await Lab.create();
    const { us, eu, asia } = world(lab);
    await assertBoth(
      [us.device, eu.device, 80],
      [us.device, asia.device, 190],
      [eu.device, asia.device, 240],
      [us.router, eu.router, 80],
    );
    const near = lab.device('near', { uplink: lab.router('us-other', { region: us.region }) });
    await assertBoth([near, us.device, 0]);
  });

  test('are near to what is in no region, and to regions that they have no link to', async () => {
    await using lab = await Lab.create();
    const { us, eu } = world(lab);
    const outside = lab.device('outside', { uplink: lab.router('plain') });
    const mars = lab.region('mars');
    const rover = lab.device('rover', { uplink: lab.router('base', { region: mars }) });
    for (const [a, b] of [
      [outside, us.device],
      [us.device, outside],
      [rover, eu.device],
      [eu.device, rover],
    ] as const) {
      await assertBoth([a, b, 0]);
    }
  });

  test('use the link between them even where a way over others is faster', async () => {
    await using lab = await Lab.create();
    const [a, b, c] = [lab.region('a'), lab.region('b'), lab.region('c')];
    lab.linkRegions(a, b, delay('30ms'));
    lab.linkRegions(b, c, delay('40ms'));
    lab.linkRegions(a, c, delay('100ms'));
    const from = lab.device('from', { uplink: lab.router('in-a', { region: a }) });
    const to = lab.device('to', { uplink: lab.router('in-c', { region: c }) });
    await assertBoth([from, to, 200]);
  });

  test('add their distance to the conditions of other links', async () => {
    await using lab = await Lab.create();
    const [a, b] = [lab.region('a'), lab.region('b')];
    lab.linkRegions(a, b, delay('40ms'));
    const router = lab.router('in-a', { region: a });
    const slow = lab.device('slow', { uplink: router, conditions: delay('30ms') });
    const local = lab.device('local', { uplink: router });
    const far = lab.device('far', { uplink: lab.router('in-b', { region: b }) });
    await assertBoth([slow, local, 60], [slow, far, 140]);
  });

  test('have the same distance for clients behind translation, and for private IPv6 networks', async () => {
    await using lab = await Lab.create();
    const [eu, us] = [lab.region('eu'), lab.region('us')];
    lab.linkRegions(eu, us, { egress: delay('20ms') as never, ingress: delay('30ms') as never });
    const server = lab.device('server', { uplink: lab.router('dc', { region: us }) });
    const home = lab.router('home', { region: eu, nat: 'home' });
    const laptop = lab.device('laptop', { uplink: home });
    await assertBoth([laptop, server, 50]);
    await assertRtt(server, laptop.ipv6, 50);
    const inner = lab.router('inner', { upstream: home, addresses: 'private' });
    await assertBoth([lab.device('deep', { uplink: inner }), server, 50]);
  });

  test('of IPv6 alone are as far apart', async () => {
    await using lab = await Lab.create();
    const [a, b] = [lab.region('a'), lab.region('b')];
    lab.linkRegions(a, b, delay('65ms'));
    const [one, two] = [
      lab.router('one', { region: a, ip: 'v6-only' }),
      lab.router('two', { region: b, ip: 'v6-only' }),
    ];
    const [from, to] = [lab.device('from', { uplink: one }), lab.device('to', { uplink: two })];
    await assertRtt(from, to.ipv6, 130);
    await assertRtt(one, two.ipv6, 130);
    await assertRtt(one, two.ipv4, 130);
  });

  test('take the way over others while their link is broken, by both protocols, and come back', async () => {
    await using lab = await Lab.create();
    const { us, eu, asia, events } = world(lab);
    await assertBoth([eu.device, asia.device, 240]);
    lab.breakRegionLink(eu.region, asia.region);
    await assertBoth(
      [eu.device, asia.device, 270],
      [asia.device, eu.device, 270],
      [us.device, eu.device, 80],
    );
    lab.restoreRegionLink(asia.region, eu.region);
    await assertBoth([eu.device, asia.device, 240]);
    assert.throws(() => lab.restoreRegionLink(eu.region, asia.region), {
      code: 'ERR_LAB_REGION_LINK',
    });
    assert.deepEqual(
      events.map(({ kind, node }) => `${kind} ${node}`),
      ['region-link-broken region-eu', 'region-link-restored region-eu'],
    );
    assert.deepEqual(events[0]?.value, {
      between: ['eu', 'asia'],
      ...{ egress: delay('120ms'), ingress: delay('120ms'), broken: 'reroute' },
    });
  });

  test('choose the way anew whenever a link changes', async () => {
    await using lab = await Lab.create();
    const { us, eu, asia } = world(lab);
    lab.breakRegionLink(eu.region, asia.region);
    lab.breakRegionLink(us.region, asia.region);
    const answer = (to: string) => ping(eu.device, '-c1', to);
    for (const to of [asia.device.ipv4, asia.device.ipv6]) {
      assert.match(await answer(to), /[Uu]nreachable|No route/, 'and says so');
    }
    const africa = lab.region('africa');
    lab.linkRegions(eu.region, africa, delay('10ms'));
    lab.linkRegions(africa, asia.region, delay('20ms'));
    await assertBoth([eu.device, asia.device, 60]);
    // us has no whole link to asia, and no link to africa.
    await assertBoth([us.device, asia.device, 140]);
    lab.setRegionLink(africa, asia.region, delay('30ms'));
    await assertBoth([eu.device, asia.device, 80]);
    lab.restoreRegionLink(us.region, asia.region);
    await assertBoth([us.device, asia.device, 190]);
    let left = 0;
    const stop = lab.subscribe(() => {
      left = africa.interfaces.length;
    });
    lab.unlinkRegions(africa, eu.region);
    stop();
    assert.equal(left, 3, 'is told of when it is so');
    await assertBoth([eu.device, asia.device, 270]);
    await lab.remove(africa);
    await assertBoth([eu.device, asia.device, 270]);
  });

  test('lose what is for each other in a black hole, without a word', async () => {
    await using lab = await Lab.create();
    const { us, eu } = world(lab);
    lab.breakRegionLink(us.region, eu.region, { mode: 'blackhole' });
    for (const [from, to] of [
      [us.device, eu.device.ipv4],
      [us.device, eu.device.ipv6],
      [eu.device, us.device.ipv4],
    ] as const) {
      const said = await ping(from, '-c1', to);
      assert.match(said, /1 packets transmitted, 0 received, 100% packet loss/);
      assert.doesNotMatch(said, /[Uu]nreachable|error/);
    }
    assert.ok(pings(us.device, lab.ix.ipv4));
    lab.breakRegionLink(us.region, eu.region);
    await assertBoth([us.device, eu.device, 430]);
    lab.restoreRegionLink(us.region, eu.region);
    await assertBoth([us.device, eu.device, 80]);
  });

  test('have a link that stays whole where a program keeps another way from being taken', async () => {
    await using lab = await Lab.create();
    const { us, eu, asia, events } = world(lab);
    const toAsia = lab
      .state()
      .regions.find(({ name }) => name === 'us')
      ?.interfaces.find(({ to }) => to === asia.region.name);
    assert.ok(toAsia);
    output(us.region, 'ip', 'address', 'flush', 'dev', toAsia.name);
    assert.throws(() => lab.breakRegionLink(us.region, eu.region), { errnoName: 'ENETUNREACH' });
    assert.deepEqual([...new Set(lab.regionLinks.map(({ broken }) => broken))], [null]);
    assert.deepEqual(events, []);
    await assertBoth([us.device, eu.device, 80], [eu.device, asia.device, 240]);
  });

  test('have links that only limit the rate', async () => {
    await using lab = await Lab.create();
    const [a, b] = [lab.region('a'), lab.region('b')];
    lab.linkRegions(a, b, { rate: { rate: '4mbit' } });
    assert.deepEqual(lab.regionLinks, [
      {
        ...{ between: ['a', 'b'], broken: null },
        ...{ egress: { rate: { rate: '4mbit' } }, ingress: { rate: { rate: '4mbit' } } },
      },
    ]);
    const from = lab.device('from', { uplink: lab.router('in-a', { region: a }) });
    const to = lab.device('to', { uplink: lab.router('in-b', { region: b }) });
    const server = await to.listen({ port: 80 });
    const received = new Promise<number>((resolve) => {
      server.on('connection', (socket) => {
        const start = performance.now();
        socket.on('end', () => resolve(performance.now() - start));
        socket.resume();
      });
    });
    const client = await from.connect({ address: to.ipv4, port: 80 });
    client.end(Buffer.alloc(500_000));
    const seconds = (await received) / 1000;
    assert.ok(seconds > 0.9 && seconds < 2, `4 Mbit at 4 Mbit/s in ${seconds} s`);
  });

  test('change what a link does while it runs, each way', async () => {
    await using lab = await Lab.create();
    const { us, eu, events } = world(lab);
    const [there, back] = [{ delay: { mean: '5ms' } }, { delay: { mean: '15ms' } }];
    lab.setRegionLink(eu.region, us.region, { egress: there, ingress: back });
    await assertBoth([us.device, eu.device, 20]);
    assert.deepEqual(lab.regionLinks[0], {
      ...{ between: ['us', 'eu'], broken: null },
      ...{ egress: back, ingress: there },
    });
    assert.equal(events.at(-1)?.kind, 'region-link-changed');
    lab.setRegionLink(us.region, eu.region, null);
    await assertBoth([us.device, eu.device, 0]);
    assert.throws(() => lab.setRegionLink(us.region, eu.region, 'slow' as never), {
      code: 'invalid-request',
    });
    await assertBoth([us.device, eu.device, 0]);
  });

  test('have links whose conditions may be set as those of any link, with all that follows', async () => {
    await using lab = await Lab.create();
    const { us, eu, asia, events } = world(lab);
    lab.breakRegionLink(eu.region, asia.region);
    const africa = lab.region('africa');
    lab.linkRegions(eu.region, africa, delay('10ms'));
    lab.linkRegions(africa, asia.region, delay('20ms'));
    await assertBoth([eu.device, asia.device, 60]);
    const [, , link] = africa.interfaces;
    africa.setConditions(link?.name ?? '', delay('200ms'));
    await assertBoth([eu.device, asia.device, 270]);
    assert.equal(events.at(-1)?.kind, 'region-link-changed');
    const there = { delay: { mean: '5ms' } };
    lab.setLinkConditions(eu.region, us.region, { egress: there });
    assert.deepEqual(lab.regionLinks[0], {
      ...{ between: ['us', 'eu'], broken: null },
      ...{ egress: null, ingress: there },
    });
    lab.setLinkConditions(us.region, lab.ix, delay('3ms'));
    assert.equal(events.at(-1)?.kind, 'condition-changed');
    assert.throws(() => lab.setLinkConditions(us.region, africa, null), {
      code: 'ERR_LAB_NOT_NEIGHBOURS',
    });
  });

  test('are nodes with interfaces, and tell of what happens to them', async () => {
    await using lab = await Lab.create();
    const kinds: string[] = [];
    lab.subscribe(({ kind, node }) => kinds.push(`${kind} ${node}`));
    const [a, b] = [lab.region('a'), lab.region('b')];
    lab.linkRegions(a, b);
    assert.deepEqual([...lab.nodes.keys()], ['ix', 'region-a', 'region-b']);
    assert.deepEqual(
      a.interfaces.map(({ up, carrier, addresses }) => ({ up, carrier, addresses })),
      [
        { up: true, carrier: true, addresses: [`${a.ipv4}/20`, `${a.ipv6}/64`] },
        { up: true, carrier: true, addresses: ['198.18.16.1/24', '2001:db8:101::1/64'] },
        { up: true, carrier: true, addresses: ['203.0.113.0/31', 'fd11::/127'] },
      ],
    );
    const name = a.interfaces[2]?.name ?? '';
    const from = lab.device('from', { uplink: lab.router('in-a', { region: a }) });
    const to = lab.device('to', { uplink: lab.router('in-b', { region: b }) });
    a.linkDown(name);
    a.linkUp(name);
    await assertBoth([from, to, 0]);
    assert.match(output(from, 'ping', '-n', '-c1', '-R', to.ipv4), /203\.0\.113\.0/);
    a.setMtu(name, 1400);
    assert.equal(b.interfaces[2]?.mtu, 1400);
    await assert.rejects(lab.remove(a), { code: 'ERR_LAB_NODE_IN_USE' });
    await lab.remove(from);
    await lab.remove(lab.nodes.get('in-a') ?? assert.fail());
    await lab.remove(a);
    assert.deepEqual(lab.regionLinks, []);
    assert.equal(b.interfaces.length, 2);
    assert.deepEqual(
      kinds.filter((kind) => kind.includes('region-')),
      [
        'region-added region-a',
        'node-added region-a',
        'region-added region-b',
        'node-added region-b',
        'region-link-added region-a',
        'link-down region-a',
        'link-up region-a',
        'mtu-changed region-a',
        'region-link-removed region-a',
        'node-removed region-a',
      ],
    );
  });

  test('are in the state of a lab, and in lab files', async () => {
    await using lab = await Lab.build({
      name: 'world',
      region: { eu: { latencies: { us: 20 } }, us: {} },
      router: [{ name: 'isp', region: 'eu' }, { name: 'plain' }],
      device: {},
    });
    const { regions, regionLinks, routers, exchange } = lab.state();
    assert.deepEqual(regionLinks, lab.regionLinks);
    assert.deepEqual(regionLinks[0]?.egress, delay('20ms'));
    assert.deepEqual(
      regions.map(({ name, ipv4, ipv6 }) => `${name} ${ipv4} ${ipv6}`),
      ['eu 198.18.16.0/20 2001:db8:101::/48', 'us 198.18.32.0/20 2001:db8:102::/48'],
    );
    assert.deepEqual(regions[0]?.interfaces.map(({ name, to }) => `${name} ${to}`).toSorted(), [
      'ix ix',
      'lan null',
      'link103 region-us',
    ]);
    assert.deepEqual(
      routers.map(({ name, region, upstream }) => `${name} ${region} ${upstream}`),
      ['isp eu region-eu', 'plain null ix'],
    );
    assert.equal(exchange.name, 'ix');
  });

  test('are at most 15, all linked, with names of any length, and the 16th is refused', async () => {
    await using lab = await Lab.create();
    const long = (index: number) => `${String(index).padStart(2, '0')}-${'x'.repeat(53)}`;
    const regions = Array.from({ length: 15 }, (_, index) => lab.region(long(index)));
    assert.throws(() => lab.region('one-more'), { code: 'ERR_LAB_ADDRESSES_EXHAUSTED' });
    assert.equal(lab.nodes.has('region-one-more'), false);
    for (const [index, a] of regions.entries()) {
      for (const b of regions.slice(index + 1)) lab.linkRegions(a, b);
    }
    const [first, last] = [regions[0] ?? assert.fail(), regions[14] ?? assert.fail()];
    const from = lab.device('from', { uplink: lab.router('in-first', { region: first }) });
    const to = lab.device('to', { uplink: lab.router('in-last', { region: last }) });
    await assertBoth([from, to, 0]);
    const names = ip<{ ifname: string }>(first, 'link').map(({ ifname }) => ifname);
    assert.equal(names.filter((name) => name.startsWith('link')).length, 14);
  });

  test('say of addresses that nobody has that they are unreachable, at once', async () => {
    await using lab = await Lab.create();
    const { us, eu } = world(lab);
    const outside = lab.device('outside', { uplink: lab.router('plain') });
    for (const node of [us.device, eu.device, outside]) {
      for (const to of ['198.18.30.7', '2001:db8:101:77::7']) {
        const said = await ping(node, '-c1', to);
        assert.match(said, /[Uu]nreachable|No route/, `${node.name} to ${to}`);
      }
    }
  });

  test('are refused where they cannot be, and nothing of them is left', async () => {
    await using lab = await Lab.create();
    const { us, eu } = world(lab);
    const refused = (use: () => unknown, code: string) => assert.throws(use, { code });
    refused(() => lab.router('region-mars'), 'ERR_LAB_NAME_RESERVED');
    refused(() => lab.device('Region-us'), 'ERR_LAB_NAME_RESERVED');
    refused(() => lab.region('us'), 'ERR_LAB_NAME_TAKEN');
    refused(() => lab.region(''), 'ERR_LAB_INVALID_NAME');
    refused(() => lab.region('x'.repeat(60)), 'ERR_LAB_INVALID_NAME');
    refused(() => lab.linkRegions(us.region, eu.region), 'ERR_LAB_REGION_LINK');
    refused(() => lab.linkRegions(us.region, us.region), 'ERR_LAB_REGION_LINK');
    const mars = lab.region('mars');
    refused(() => lab.breakRegionLink(us.region, mars), 'ERR_LAB_REGION_LINK');
    refused(() => lab.unlinkRegions(us.region, mars), 'ERR_LAB_REGION_LINK');
    refused(() => lab.linkRegions(us.region, mars, 'slow' as never), 'invalid-request');
    assert.equal(mars.interfaces.length, 2);
    const plain = lab.router('plain');
    const elsewhere = { region: eu.region, upstream: us.router };
    refused(() => lab.router('lost', elsewhere), 'ERR_LAB_UPSTREAM');
    refused(() => lab.router('lost', { region: eu.region, upstream: plain }), 'ERR_LAB_UPSTREAM');
    lab.router('found', { region: us.region, upstream: us.router });
  });

  test('are left and entered by routers while they run', async () => {
    await using lab = await Lab.create();
    const { us, eu } = world(lab);
    await assertBoth([us.device, eu.device, 80]);
    us.router.setUplink(eu.region);
    await assertBoth([us.device, eu.device, 0], [eu.device, us.device, 0]);
    us.router.setUplink(lab.ix);
    // What is for its addresses still goes to the region that they are of.
    await assertBoth([us.device, eu.device, 40]);
    const neighbour = lab.device('neighbour', { uplink: lab.router('n', { region: us.region }) });
    await assertBoth([neighbour, us.device, 0]);
    us.router.setUplink(us.region);
    await assertBoth([us.device, eu.device, 80], [eu.device, us.device, 80]);
  });
});
