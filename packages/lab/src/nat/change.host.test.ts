import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabEvent } from '@netweir/api';
import { flushConntrack, NetlinkSocket, type Request } from '@netweir/kernel';
import { ip, output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';
import { mirror, place, tcpFrom, udpEnd } from './nat.test-support.ts';

const routesOf = (node: LabNode): string[] =>
  [...ip<{ dst: string }>(node, 'route'), ...ip<{ dst: string }>(node, '-6', 'route')].map(
    ({ dst }) => dst,
  );

const tablesOf = (node: LabNode): string[] =>
  output(node, 'nft', 'list', 'tables').trim().split('\n');

const conntrackTimeouts = (node: LabNode): string[] =>
  ['udp_timeout', 'udp_timeout_stream', 'tcp_timeout_established'].map((name) =>
    output(node, 'cat', `/proc/sys/net/netfilter/nf_conntrack_${name}`).trim(),
  );

async function homeAndMirrors(nat: Parameters<Lab['router']>[1]) {
  const lab = await Lab.create();
  const home = lab.router('home', nat);
  const client = lab.device('client', { uplink: home });
  const server = lab.device('server', { uplink: lab.router('datacentre') });
  const mirrors = [await mirror(server, server.ipv4), await mirror(server, server.ipv4)];
  const [first, second] = mirrors;
  assert.ok(first && second);
  /** As whom both mirrors see a new socket. */
  const seen = async (port = 0) => {
    const end = await udpEnd(client, { port });
    return [await end.ask(first), await end.ask(second)];
  };
  return { lab, home, client, server, mirrors: [first, second] as const, seen };
}

describe('A NAT that changes', () => {
  test('treats new connections as the new one at once, and standing ones as before', async () => {
    const { lab, home, client, server, mirrors, seen } = await homeAndMirrors({ nat: 'home' });
    await using _ = lab;
    const events: LabEvent[] = [];
    lab.subscribe((event) => events.push(event));
    const listener = await server.listen({ port: 80 });
    listener.on('connection', (one) => one.pipe(one));
    const standing = await client.connect({ address: server.ipv4, port: 80 });
    const old = await udpEnd(client, { port: 40_000 });
    const before = await old.ask(mirrors[0]);
    const different = async () => new Set(await seen()).size;
    assert.equal(await different(), 1);
    home.setNat('corporate');
    assert.equal(await different(), 2);
    assert.equal(await old.ask(mirrors[0]), before);
    assert.notEqual(await old.ask(mirrors[1]), before);
    home.setNat({ mapping: 'endpoint-independent' });
    assert.equal(await different(), 1);
    assert.equal(await old.ask(mirrors[0]), before);
    standing.write('still here');
    const echoed = await standing.take(1).toArray();
    assert.equal(String(echoed), 'still here');
    assert.deepEqual(
      events.map(({ kind, node, value }) => [kind, node, value]),
      [
        ['nat-changed', 'home', 'corporate'],
        ['nat-changed', 'home', { mapping: 'endpoint-independent' }],
      ],
    );
    assert.deepEqual(home.nat, {
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      ports: 'preserving',
      hairpin: false,
      timeouts: { udp: '30s', udpStream: '300s', tcpEstablished: '7200s' },
    });
  });

  test('leaves the ports of standing conversations to those who have them', async () => {
    const { lab, home, client, mirrors } = await homeAndMirrors({ nat: 'home' });
    await using _ = lab;
    const end = await udpEnd(client, { port: 40_000 });
    const seen = await end.ask(mirrors[0]);
    home.setNat('full-cone');
    const other = await udpEnd(lab.device('other', { uplink: home }), { port: 40_000 });
    const seenOther = await other.ask(mirrors[0]);
    assert.ok(seenOther && seenOther !== seen);
    assert.equal(await end.ask(mirrors[1]), seen);
  });

  test('tells the routers above of networks that it hid, and lets them forget those that it hides', async () => {
    await using lab = await Lab.create();
    const provider = lab.router('provider');
    const home = lab.router('home', { upstream: provider, addresses: 'private' });
    const inner = lab.router('inner', { upstream: home, addresses: 'private' });
    const laptop = lab.device('laptop', { uplink: inner });
    const networks = [home, inner].map(({ downlink }) => downlink.ipv4);
    const networks6 = [home, inner].map(({ downlink }) => downlink.ipv6);
    const known = (node: LabNode, all: string[]) =>
      all.filter((network) => routesOf(node).includes(network));
    const to = await mirror(lab.ix, lab.ix.ipv4);
    const seen = async () => place(await (await udpEnd(laptop)).ask(to)).address;
    assert.deepEqual([known(lab.ix, networks), await seen()], [networks, laptop.ipv4]);
    home.setNat('home');
    for (const node of [lab.ix, provider]) assert.deepEqual(known(node, networks), []);
    for (const node of [lab.ix, provider]) assert.deepEqual(known(node, networks6), networks6);
    assert.deepEqual(known(home, networks), networks);
    assert.equal(await seen(), home.ipv4);
    const late = lab.router('late', { upstream: inner });
    assert.equal(routesOf(provider).includes(late.downlink.ipv4), false);
    home.setNat('none');
    for (const node of [lab.ix, provider]) assert.deepEqual(known(node, networks), networks);
    assert.equal(await seen(), laptop.ipv4);
    assert.ok(pings(lab.ix, lab.device('later', { uplink: late }).ipv4));
  });

  test('moves to the address that its router has at another provider', async () => {
    const { lab, home, client, mirrors } = await homeAndMirrors({ nat: 'home' });
    await using _ = lab;
    const end = await udpEnd(client, { port: 40_000 });
    assert.equal(await end.ask(mirrors[0]), `${home.ipv4}:40000`);
    const former = home.ipv4;
    home.setUplink(lab.router('provider', { nat: 'cgnat' }));
    assert.notEqual(home.ipv4, former);
    const provider = lab.nodes.get('provider');
    const seen = place(await end.ask(mirrors[0]));
    assert.equal(seen.port, 40_000);
    assert.ok(
      provider &&
        ip<{ addr_info: { local: string }[] }>(provider, 'addr').some(({ addr_info }) =>
          addr_info.some(({ local }) => local === seen.address),
        ),
    );
  });

  test('leaves other tables alone, in one table of its own', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', {
      nat: 'home',
      firewall: 'block-inbound',
      blockFragNeeded: true,
    });
    const others = tablesOf(home).filter((name) => name !== 'table ip netweir_nat');
    assert.ok(others.length > 0);
    const rules = () => others.map((name) => output(home, 'nft', 'list', ...name.split(' ')));
    const before = rules();
    for (const nat of ['corporate', 'full-cone', 'none', 'home'] as const) {
      home.setNat(nat);
      assert.deepEqual(tablesOf(home), ['table ip netweir_nat', ...others].toSorted(), nat);
    }
    home.flushNat();
    assert.deepEqual(rules(), before);
    assert.doesNotMatch(output(home, 'nft', 'list', 'ruleset'), /\b(iif|oif) /);
  });

  test('sets the timeouts of connections, and gives the kernel its own back', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', { nat: 'home' });
    assert.deepEqual(conntrackTimeouts(home), ['30', '300', '7200']);
    home.setNat('cloud-nat');
    assert.deepEqual(conntrackTimeouts(home), ['30', '350', '3600']);
    home.setNat('none');
    assert.deepEqual(conntrackTimeouts(home), ['30', '120', '432000']);
  });

  test('that cannot be leaves the former one as it is', async () => {
    const { lab, home, seen } = await homeAndMirrors({ nat: 'home' });
    await using _ = lab;
    const before = home.nat;
    const impossible = { timeouts: { udp: '1ms' } };
    assert.throws(() => home.setNat(impossible), { code: 'ERR_LAB_NAT_TIMEOUT' });
    assert.throws(() => lab.router('other', { nat: impossible }), { code: 'ERR_LAB_NAT_TIMEOUT' });
    assert.deepEqual(home.nat, before);
    assert.equal(new Set(await seen()).size, 1);
    await lab.remove(lab.device('short', { uplink: home }));
    const gone = lab.router('gone');
    await lab.remove(gone);
    for (const use of [
      () => gone.setNat('home'),
      () => gone.setNatV6('none'),
      () => gone.flushNat(),
      () => gone.nat,
    ]) {
      assert.throws(use, { name: 'NodeRemoved' });
    }
  });
});

describe('A NAT that changes where a program has changed what is around it', () => {
  async function withInner() {
    const lab = await Lab.create();
    const home = lab.router('home', { addresses: 'private' });
    const inner = lab.router('inner', { upstream: home, addresses: 'private' });
    const networks = [home, inner].map(({ downlink }) => downlink.ipv4);
    const events: string[] = [];
    lab.subscribe(({ kind }) => events.push(kind));
    const known = () => networks.filter((network) => routesOf(lab.ix).includes(network));
    return { lab, home, inner, networks, events, known };
  }

  test('changes although its network is gone', async () => {
    const { lab, home, events, known } = await withInner();
    await using _ = lab;
    output(home, 'ip', 'link', 'delete', 'lan');
    home.setNat('home');
    assert.deepEqual(known(), []);
    assert.ok(tablesOf(home).includes('table ip netweir_nat'));
    home.setNatV6('masquerade');
    assert.equal(home.nat.name, 'home');
    assert.deepEqual(events, ['nat-changed', 'nat-v6-changed']);
  });

  test('stays as it was where the routers cannot be told', async () => {
    const { lab, home, events, networks, known } = await withInner();
    await using _ = lab;
    const routes6 = () => routesOf(lab.ix).filter((prefix) => prefix.includes(':'));
    home.setNatV6('nptv6');
    const before6 = routes6();
    // Without its address there, no gateway of the network can be reached.
    output(home, 'ip', 'address', 'flush', 'dev', 'lan');
    const rules = () => output(home, 'nft', 'list', 'ruleset').match(/[sd]nat .*/g);
    const before = rules();
    assert.equal(before?.length, 2);
    assert.throws(() => home.setNat('home'), { errnoName: 'ENETUNREACH' });
    assert.deepEqual([home.nat, known()], [{ name: 'none' }, networks]);
    assert.throws(() => home.setNatV6('masquerade'), { name: 'KernelError' });
    assert.throws(() => home.setNatV6('none'), { name: 'KernelError' });
    assert.deepEqual([home.natV6, routes6()], ['nptv6', before6]);
    assert.deepEqual(events, ['nat-v6-changed']);
    assert.deepEqual(rules(), before);
  });
});

describe('Idle mappings', { concurrency: true }, () => {
  for (const [mapping, filtering] of [
    ['endpoint-independent', 'endpoint-independent'],
    ['endpoint-independent', 'address-dependent'],
    ['endpoint-dependent', 'endpoint-independent'],
  ] as const) {
    test(`end with the timeout for UDP, and not before (${mapping}, ${filtering})`, async () => {
      const timeouts = { udp: '2s', udpStream: '2s' };
      const { lab, client, server, mirrors } = await homeAndMirrors({
        nat: { mapping, filtering, timeouts },
      });
      await using _ = lab;
      const end = await udpEnd(client, { port: 40_000 });
      const seen = place(await end.ask(mirrors[0]));
      const knocker = await udpEnd(server);
      // What comes in keeps a mapping alive as what goes out does.
      for (let times = 0; times < 2; times++) {
        await delay(1200);
        knocker.send('knock', seen);
        assert.match((await end.next()) ?? 'nothing', /^knock/);
      }
      await delay(2600);
      knocker.send('too late', seen);
      assert.ok(await end.silence());
      const next = place(await end.ask(mirrors[0]));
      assert.equal(next.port === seen.port, mapping === 'endpoint-independent');
    });
  }

  test('of a stream live longer than those of a question', async () => {
    const nat = {
      filtering: 'endpoint-independent',
      timeouts: { udp: '1s', udpStream: '60s' },
    } as const;
    const { lab, client, server, mirrors } = await homeAndMirrors({ nat });
    await using _ = lab;
    const [end, short] = [await udpEnd(client), await udpEnd(client)];
    const [seen, seenShort] = [await end.ask(mirrors[0]), await short.ask(mirrors[0])];
    // The kernel takes what is answered for longer than two seconds for a stream.
    for (let times = 0; times < 5; times++) {
      await delay(500);
      assert.equal(await end.ask(mirrors[0]), seen);
    }
    // A question to somebody else does not cut it short.
    end.send('anybody?', { address: server.ipv4, port: 9 });
    await delay(1500);
    const knocker = await udpEnd(server);
    knocker.send('knock', place(seen));
    assert.match((await end.next()) ?? 'nothing', /^knock/);
    knocker.send('knock', place(seenShort));
    assert.ok(await short.silence());
  });

  test('of TCP live as long as the connection is remembered', async () => {
    const { lab, home, client, mirrors } = await homeAndMirrors({ nat: 'home' });
    await using _ = lab;
    const listener = await lab.ix.listen({ port: 80 });
    listener.on('connection', (one) => one.pipe(one));
    const standing = await tcpFrom(
      client,
      { address: client.ipv4, port: 40_000 },
      { address: lab.ix.ipv4, port: 80 },
    );
    standing.write('x');
    await once(standing, 'data');
    const closed = await tcpFrom(client, { address: client.ipv4, port: 40_001 }, mirrors[0]);
    await closed.toArray();
    const rules = output(home, 'nft', 'list', 'map', 'ip', 'netweir_nat', 'clients');
    const lifeOf = (port: number) =>
      new RegExp(`tcp \\. ${port} (?:timeout \\S+ )?expires (\\S+) `).exec(rules)?.[1] ?? rules;
    assert.match(lifeOf(40_000), /^1h59m/);
    assert.match(lifeOf(40_001), /^(1m|2m)/);
  });
});

describe('Flushing a NAT', () => {
  test('gives clients other ports, and tells so', async () => {
    const { lab, home, client, mirrors } = await homeAndMirrors({ nat: 'corporate' });
    await using _ = lab;
    const kinds: string[] = [];
    lab.subscribe(({ kind }) => kinds.push(kind));
    const end = await udpEnd(client);
    const seen = await end.ask(mirrors[0]);
    assert.equal(await end.ask(mirrors[0]), seen);
    home.flushNat();
    assert.equal(output(home, 'conntrack', '-L', '-p', 'udp'), '');
    assert.notEqual(await end.ask(mirrors[0]), seen);
    assert.deepEqual(kinds, ['nat-flushed']);
  });

  test('lets packets pass again where the kernel does not forget', async (t) => {
    const { lab, home, client, mirrors } = await homeAndMirrors({ nat: 'home' });
    await using _ = lab;
    const end = await udpEnd(client, { port: 40_000 });
    const seen = await end.ask(mirrors[0]);
    const { request } = NetlinkSocket.prototype;
    t.mock.method(NetlinkSocket.prototype, 'request', function (this: NetlinkSocket, one: Request) {
      if (one.operation === flushConntrack().operation) throw new Error('refused');
      request.call(this, one);
    });
    assert.throws(() => home.flushNat(), { message: 'refused' });
    assert.equal(await end.ask(mirrors[0]), seen);
    assert.equal(await end.ask(mirrors[1]), seen);
    const other = await udpEnd(lab.device('other', { uplink: home }), { port: 40_000 });
    assert.notEqual(await other.ask(mirrors[0]), seen);
  });

  test('closes what was open, also while packets pass', async () => {
    const { lab, home, client, server, mirrors } = await homeAndMirrors({
      nat: { ports: 'random' },
    });
    await using _ = lab;
    const end = await udpEnd(client);
    const seen = await end.ask(mirrors[0]);
    const flood = server.spawn('ping', ['-q', '-f', '-c', '200', home.ipv4], { stdio: 'ignore' });
    for (let times = 0; times < 20; times++) end.send('more', mirrors[0]);
    home.flushNat();
    assert.equal(output(home, 'nft', 'list', 'ruleset').includes(`. ${place(seen).port}`), false);
    assert.notEqual(await end.ask(mirrors[1]), seen);
    flood.kill();
  });
});
