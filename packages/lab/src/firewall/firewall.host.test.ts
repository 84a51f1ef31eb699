import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { Firewall } from '@netweir/api';
import { output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { Router } from '../node/router.ts';
import { answerAt, answersTcp, answersUdp } from './echo.test-support.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const PORTS = [53, 80, 443, 9200] as const;

describe('A firewall', () => {
  let lab: Lab;
  let office: Router;
  let laptop: Device;
  let printer: Device;
  let server: Device;
  before(async () => {
    lab = await Lab.create();
    office = lab.router('office', { firewall: 'block-inbound' });
    laptop = lab.device('laptop', { uplink: office });
    printer = lab.device('printer', { uplink: office });
    server = lab.device('server', { uplink: lab.router('far') });
    const nodes = [laptop, printer, server];
    await Promise.all(nodes.flatMap((node) => PORTS.map((port) => answerAt(node, port))));
  });
  after(async () => await lab.close());

  /** What gets from one node to another, at each port: `tcp`, `udp`, both or nothing. */
  async function passes(from: Device, to: string): Promise<Record<number, string>> {
    const entries = PORTS.map(async (port) => {
      const [tcp, udp] = await Promise.all([
        answersTcp(from, to, port),
        answersUdp(from, to, port),
      ]);
      return [port, `${tcp ? 'tcp' : ''}${udp ? 'udp' : ''}`] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  const all = { 53: 'tcpudp', 80: 'tcpudp', 443: 'tcpudp', 9200: 'tcpudp' };
  const nothing = { 53: '', 80: '', 443: '', 9200: '' };
  const cases: { firewall: Firewall; out: Record<number, string>; in: Record<number, string> }[] = [
    { firewall: 'none', out: all, in: all },
    { firewall: 'block-inbound', out: all, in: nothing },
    { firewall: 'corporate', out: { 53: 'udp', 80: 'tcp', 443: 'tcp', 9200: '' }, in: nothing },
    {
      firewall: 'captive-portal',
      out: { 53: 'tcpudp', 80: 'tcp', 443: 'tcp', 9200: 'tcp' },
      in: nothing,
    },
    {
      firewall: { outboundTcp: 'block-all', outboundUdp: { allow: [9200] } },
      out: { ...nothing, 9200: 'udp' },
      in: all,
    },
    {
      firewall: { blockInbound: true, outboundTcp: { allow: [] }, outboundUdp: 'block-all' },
      out: nothing,
      in: nothing,
    },
  ];
  for (const { firewall, out, in: into } of cases) {
    test(`${JSON.stringify(firewall)} lets through what it says, by both families`, async () => {
      office.setFirewall(firewall);
      for (const family of FAMILIES) {
        const [outward, inward, within] = await Promise.all([
          passes(laptop, server[family]),
          passes(server, laptop[family]),
          passes(laptop, printer[family]),
        ]);
        assert.deepEqual(outward, out, `${family} outward`);
        assert.deepEqual(inward, into, `${family} inward`);
        assert.deepEqual(within, all, `${family} within the network`);
        assert.ok(pings(laptop, server[family]), `${family} ping outward`);
      }
    });
  }

  test('stands between networks: the router itself is reached, and so is the internet from it', async () => {
    office.setFirewall({ blockInbound: true, outboundTcp: 'block-all', outboundUdp: 'block-all' });
    await answerAt(office, 9200);
    for (const family of FAMILIES) {
      assert.ok(await answersTcp(server, office[family], 9200));
      assert.ok(await answersUdp(office, server[family], 9200));
      assert.equal(pings(server, laptop[family]), false);
    }
  });

  for (const family of FAMILIES) {
    test(`lets connections go on that began before it, by ${family}`, async () => {
      office.setFirewall('none');
      const listener = await laptop.listen({ port: 0 });
      const { port } = listener.address() as { port: number };
      listener.on('connection', (socket) => socket.pipe(socket));
      const inward = await server.connect({ address: laptop[family], port });
      const outward = await laptop.connect({ address: server[family], port: 9200 });
      office.setFirewall({ blockInbound: true, outboundTcp: 'block-all' });
      for (const socket of [inward, outward]) {
        socket.write('still there');
        const [text] = await once(socket, 'data');
        assert.equal(String(text), 'still there');
        socket.destroy();
      }
      assert.equal(await answersTcp(laptop, server[family], 9200), false);
      listener.close();
    });
  }

  test('is said in every detail, told of, and seen by nft', () => {
    const told: unknown[] = [];
    const stop = lab.subscribe(({ kind, node, value }) => told.push([kind, node, value]));
    office.setFirewall('corporate');
    stop();
    const exact = {
      blockInbound: true,
      outboundTcp: { allow: [80, 443] },
      outboundUdp: { allow: [53] },
    };
    assert.deepEqual(office.firewall, exact);
    assert.deepEqual(told, [['firewall-changed', 'office', exact]]);
    assert.equal(
      output(office, 'nft', 'list', 'table', 'inet', 'netweir_firewall'),
      `table inet netweir_firewall {
	chain forward {
		type filter hook forward priority filter + 10; policy accept;
		ct state established,related accept
		iifname "ix" drop
		oifname "ix" tcp dport { 80, 443 } accept
		oifname "ix" meta l4proto tcp drop
		oifname "ix" udp dport { 53 } accept
		oifname "ix" meta l4proto udp drop
	}
}
`,
    );
  });

  test('that cannot be is refused, and the old one stays', () => {
    const before = output(office, 'nft', '-j', 'list', 'ruleset');
    assert.throws(() => office.setFirewall({ outboundTcp: { allow: [70_000] } }), {
      code: 'invalid-request',
    });
    assert.equal(output(office, 'nft', '-j', 'list', 'ruleset'), before);
    assert.throws(() => lab.router('odd', { firewall: 'iron' as 'none' }), {
      code: 'invalid-request',
    });
    assert.equal(lab.nodes.has('odd'), false);
  });

  test('of a removed router is no more', async () => {
    const short = lab.router('short');
    await lab.remove(short);
    assert.throws(() => short.setFirewall('none'), { name: 'NodeRemoved' });
    assert.throws(() => short.firewall, { name: 'NodeRemoved' });
  });
});

test('What devices of one network send each other passes no firewall of their router', async () => {
  await using lab = await Lab.create();
  const shut = { blockInbound: true, outboundTcp: 'block-all', outboundUdp: 'block-all' } as const;
  const inner = lab.router('inner', { upstream: lab.router('isp'), firewall: shut });
  const [a, b] = ['a', 'b'].map((name) => lab.device(name, { uplink: inner })) as [Device, Device];
  await answerAt(b, 5000);
  const chain = 'add table inet w; add chain inet w f { type filter hook forward priority -5; }';
  output(inner, 'nft', `${chain}; add rule inet w f counter drop`);
  for (const family of FAMILIES) {
    assert.ok(pings(a, b[family]));
    assert.ok(await answersUdp(a, b[family], 5000));
    assert.ok(await answersTcp(a, b[family], 5000));
  }
  assert.match(output(inner, 'nft', 'list', 'table', 'inet', 'w'), /counter packets 0 bytes 0/);
});

test('What a NAT lets in from anywhere, a firewall that blocks what comes in does not', async () => {
  await using lab = await Lab.create();
  const home = lab.router('home', { nat: 'full-cone' });
  const laptop = lab.device('laptop', { uplink: home });
  const far = lab.router('far');
  const [server, stranger] = ['server', 'stranger'].map((name) =>
    lab.device(name, { uplink: far }),
  ) as [Device, Device];
  const asked = await server.udp({ address: '0.0.0.0', port: 9000 });
  const met = once(asked, 'message');
  const udp = await laptop.udp({ address: '0.0.0.0', port: 5001 });
  udp.on('message', (text, from) => udp.send(text, from.port, from.address));
  udp.send('hello', 9000, server.ipv4);
  const [, mapped] = await met;
  assert.ok(await answersUdp(stranger, mapped.address, mapped.port));
  home.setFirewall('block-inbound');
  const other = lab.device('other', { uplink: far });
  assert.equal(await answersUdp(other, mapped.address, mapped.port), false);
  // Who was let in before goes on, and who was asked is answered.
  asked.send('welcome', mapped.port, mapped.address);
  const [welcome] = await once(asked, 'message');
  assert.equal(String(welcome), 'welcome');
  home.setFirewall('none');
  assert.ok(await answersUdp(lab.device('third', { uplink: far }), mapped.address, mapped.port));
});
