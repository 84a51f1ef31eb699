import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SocketAddress } from '../code/sockets.ts';
import { output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { Router } from '../node/router.ts';
import { askTcp, mirror, place, udpEnd } from './nat.test-support.ts';

const NATS = [
  'none',
  'home',
  'full-cone',
  'address-restricted',
  'corporate',
  'cgnat',
  'cloud-nat',
  'strict',
] as const;
const WIRINGS = ['at the exchange', 'behind a public provider', 'behind a provider with CGNAT'];
const isStable = (nat: (typeof NATS)[number]) =>
  !['corporate', 'cloud-nat', 'strict'].includes(nat);

describe('A client is seen as its NAT says', () => {
  let lab: Lab;
  let server: Device;
  let mirrors: SocketAddress[];
  let cgnat: Router;
  const homes = new Map<string, { home: Router; device: Device }>();
  before(async () => {
    lab = await Lab.create();
    server = lab.device('server', { uplink: lab.router('datacentre') });
    mirrors = [
      await mirror(server, server.ipv4),
      await mirror(server, server.ipv4),
      await mirror(lab.ix, lab.ix.ipv4),
    ];
    cgnat = lab.router('cgnat', { nat: 'cgnat' });
    const providers = [undefined, lab.router('provider'), cgnat];
    for (const [index, wiring] of WIRINGS.entries()) {
      for (const nat of NATS) {
        const upstream = providers[index];
        const home = lab.router(`${nat}-${index}`, { nat, ...(upstream && { upstream }) });
        homes.set(`${nat} ${wiring}`, {
          home,
          device: lab.device(`device-${nat}-${index}`, { uplink: home }),
        });
      }
    }
  });
  after(async () => await lab.close());

  for (const [index, wiring] of WIRINGS.entries()) {
    for (const nat of NATS) {
      test(`${nat} ${wiring}, by UDP, TCP and ICMP`, async () => {
        const found = homes.get(`${nat} ${wiring}`);
        assert.ok(found);
        const { home, device } = found;
        const own = nat === 'none' ? device.ipv4 : home.ipv4;
        const expected = index === 2 ? cgnat.ipv4 : own;
        const bound = [
          await asSeen(device, { address: '0.0.0.0', port: 20_000 }, mirrors),
          await asSeen(device, { address: device.ipv4, port: 20_001 }, mirrors),
        ];
        const numbers = isStable(nat) ? 1 : 3;
        assert.ok(bound.flat(2).every((seen) => place(seen).address === expected));
        assert.ok(bound.flat().every((seen) => new Set(seen).size === numbers));
        assert.ok(pings(device, server.ipv4));
      });
    }
  }

  test('the WAN addresses of homes are from the network above', () => {
    const wans = WIRINGS.map((wiring) => homes.get(`home ${wiring}`)?.home.ipv4 ?? '');
    assert.match(wans.join(), /^198\.18\.0\.\d+,198\.19\.\d+\.\d+,10\.0\.\d+\.\d+$/);
  });

  test('private networks are unreachable from elsewhere, and public ones are not', () => {
    const one = homes.get('home at the exchange');
    const other = homes.get('corporate at the exchange');
    const routed = homes.get('none behind a public provider');
    assert.ok(one && other && routed);
    const peer = lab.device('peer', { uplink: one.home });
    assert.ok(pings(one.device, peer.ipv4));
    assert.equal(pings(one.device, other.device.ipv4), false);
    assert.equal(pings(other.device, one.device.ipv4), false);
    assert.equal(pings(lab.ix, one.device.ipv4), false);
    for (const address of [other.home.ipv4, server.ipv4, routed.device.ipv4]) {
      assert.ok(pings(one.device, address), address);
    }
  });
});

describe('Clients of one NAT', () => {
  for (const nat of NATS.filter((name) => name !== 'none')) {
    const stable = isStable(nat);
    const wanted = stable ? 'one for all destinations' : 'one for each destination';
    test(`never share an external port, and have ${wanted} (${nat})`, async () => {
      await using lab = await Lab.create();
      const home = lab.router('home', { nat });
      const server = lab.device('server', { uplink: lab.router('datacentre') });
      const nodes = [server, server, lab.ix];
      const mirrors = await Promise.all(nodes.map((node) => mirror(node, node.ipv4)));
      const [udp, tcp]: [string[], string[]] = [[], []];
      for (const name of ['a', 'b', 'c']) {
        const client = lab.device(name, { uplink: home });
        const own = { address: client.ipv4, port: 40_000 };
        const [byUdp = [], byTcp = []] = await asSeen(client, own, mirrors);
        assert.deepEqual([new Set(byUdp).size, new Set(byTcp).size], stable ? [1, 1] : [3, 3]);
        udp.push(...new Set(byUdp));
        tcp.push(...new Set(byTcp));
      }
      const known = output(home, 'conntrack', '-L', '--src-nat');
      for (const seen of [udp, tcp]) {
        assert.equal(new Set(seen).size, seen.length, seen.join(' '));
        assert.equal(seen[0] === `${home.ipv4}:40000`, stable);
      }
      for (const one of udp.map(place)) {
        assert.ok(known.includes(`dst=${one.address} sport=`) && known.includes(`=${one.port} `));
      }
    });
  }

  test('get ports by chance where the NAT does not preserve them', async () => {
    await using lab = await Lab.create();
    const home = lab.router('home', { nat: { ports: 'random' } });
    const to = await mirror(lab.ix, lab.ix.ipv4);
    const client = lab.device('client', { uplink: home });
    const ports = new Set<number>();
    for (let port = 30_000; port < 30_008; port++) {
      const end = await udpEnd(client, { port });
      const seen = await end.ask(to);
      assert.equal(await end.ask(await mirror(lab.ix, lab.ix.ipv4)), seen);
      ports.add(place(seen).port - port);
    }
    assert.equal(ports.size, 8);
  });

  test('keep their port for the first destination where only that is preserved', async () => {
    await using lab = await Lab.create();
    const nat = { mapping: 'endpoint-dependent', ports: 'preserving' } as const;
    const client = lab.device('client', { uplink: lab.router('home', { nat }) });
    const end = await udpEnd(client, { port: 30_000 });
    const seen = [];
    for (let times = 0; times < 3; times++) {
      seen.push(place(await end.ask(await mirror(lab.ix, lab.ix.ipv4))).port);
    }
    assert.equal(seen[0], 30_000);
    assert.equal(new Set(seen).size, 3);
  });

  test('hear of what cannot be delivered', async () => {
    await using lab = await Lab.create();
    const server = lab.device('server', { uplink: lab.router('tunnel', { mtu: 1300 }) });
    const client = lab.device('client', { uplink: lab.router('home', { nat: 'home' }) });
    const refused = client.connect({ address: server.ipv4, port: 9 });
    await assert.rejects(refused, { code: 'ECONNREFUSED' });
    const large = ['ping', '-n', '-c1', '-W1', '-s1400', '-Mdo', server.ipv4] as const;
    assert.throws(() => output(client, ...large));
    assert.match(output(client, 'ip', 'route', 'get', server.ipv4), / mtu 1300/);
  });
});

/** As whom places see a client by one of its ports: by UDP, and by TCP. */
async function asSeen(
  client: Device,
  from: SocketAddress,
  places: readonly SocketAddress[],
): Promise<string[][]> {
  const end = await udpEnd(client, from);
  const [udp, tcp]: [string[], string[]] = [[], []];
  for (const one of places) {
    udp.push((await end.ask(one)) ?? 'nobody');
    tcp.push(await askTcp(client, from, one));
  }
  end.socket.close();
  return [udp, tcp];
}
