import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { tcpFrom } from '../nat/nat.test-support.ts';
import type { LabNode } from '../node/lab-node.ts';

const reaches = (node: LabNode, to: { readonly ipv4: string; readonly ipv6: string }) =>
  [to.ipv4, to.ipv6].every((address) => pings(node, address));

describe('The uplink of a router', () => {
  test('moves to another router and back, with all that is behind it', async () => {
    await using lab = await Lab.create();
    const [cable, dsl] = [lab.router('cable'), lab.router('dsl')];
    const home = lab.router('home', { upstream: cable, addresses: 'private' });
    const inner = lab.router('inner', { upstream: home, addresses: 'private' });
    const laptop = lab.device('laptop', { uplink: inner });
    const server = lab.device('server', { uplink: lab.router('far') });
    const connected = () => reaches(laptop, server) && reaches(server, laptop);
    const hops = () => output(laptop, 'ping', '-n', '-c1', '-R', server.ipv4);
    for (const upstream of [dsl, lab.ix, cable]) {
      home.setUplink(upstream);
      assert.ok(connected());
      const passed = [dsl, cable].filter(({ ipv4 }) => hops().includes(`${ipv4}\n`));
      assert.deepEqual(passed, upstream === lab.ix ? [] : [upstream]);
    }
    assert.deepEqual(
      output(dsl, 'ip', 'route')
        .split('\n')
        .filter((route) => route.includes(home.downlink.ipv4)),
      [],
    );
    assert.equal(home.interfaces.find(({ name }) => name === 'wan')?.up, true);
    assert.throws(() => home.setUplink(inner), { code: 'ERR_LAB_UPSTREAM' });
    assert.throws(() => home.setUplink(home), { code: 'ERR_LAB_UPSTREAM' });
    assert.ok(connected());
    await lab.remove(dsl);
    await assert.rejects(lab.remove(cable), { code: 'ERR_LAB_NODE_IN_USE', message: /home/ });
  });

  test('moves with its translation, which then has other addresses', async () => {
    await using lab = await Lab.create();
    const [cable, six] = [lab.router('cable'), lab.router('six', { ip: 'v6-only' })];
    const home = lab.router('home', { nat: 'home', natV6: 'masquerade' });
    const laptop = lab.device('laptop', { uplink: home });
    const server = lab.device('server', { uplink: lab.router('far') });
    const port = 3478;
    await server.reflector({ port });
    const seen = async () => {
      const answers = [server.ipv4, server.ipv6].map((address) => laptop.probe({ address, port }));
      return (await Promise.all(answers)).map(({ address }) => address);
    };
    assert.deepEqual(await seen(), [home.ipv4, home.ipv6]);
    home.setUplink(cable);
    assert.ok(home.ipv4.startsWith('198.19.'));
    assert.deepEqual(await seen(), [home.ipv4, home.ipv6]);
    assert.throws(() => home.setUplink(six), { code: 'ERR_LAB_NO_ADDRESS' });
    assert.ok(home.ipv4.startsWith('198.19.'));
    assert.deepEqual(await seen(), [home.ipv4, home.ipv6]);
  });
});

describe('A device between networks', () => {
  test('is seen with the address of the translation that it is behind, there and back', async () => {
    await using lab = await Lab.create();
    const [home, office] = [
      lab.router('home', { nat: 'home' }),
      lab.router('office', { nat: 'corporate' }),
    ];
    const server = lab.device('server', { uplink: lab.router('far') });
    const phone = lab.device('phone', { interfaces: { wlan0: home, eth0: office } });
    const port = 3478;
    await server.reflector({ port });
    const seen = async () => (await phone.probe({ address: server.ipv4, port })).address;
    for (const [name, router] of [
      ['wlan0', home],
      ['eth0', office],
      ['wlan0', home],
    ] as const) {
      phone.setDefaultRoute(name);
      assert.equal(await seen(), router.ipv4);
      const socket = await phone.connect({ address: server.ipv4, port });
      const [line] = await once(socket, 'data');
      assert.match(String(line), new RegExp(`OBSERVED ${router.ipv4}:`));
      socket.destroy();
      for (const address of [phone.ipv4, '0.0.0.0', '::']) {
        const bound = { address, port: 40_000 };
        const udp = await phone.udp(bound);
        const answer = once(udp, 'message', { signal: AbortSignal.timeout(3000) });
        udp.send('who am I', port, server.ipv4);
        const [text] = await answer;
        assert.match(String(text), new RegExp(`OBSERVED ${router.ipv4}:`), `from ${address}`);
        udp.close();
      }
      const bound = { address: phone.ipv4, port: 40_001 };
      const tcp = await tcpFrom(phone, bound, { address: server.ipv4, port });
      const [text] = await once(tcp, 'data');
      assert.match(String(text), new RegExp(`OBSERVED ${router.ipv4}:`));
      tcp.destroy();
    }
    phone.replug('wlan0', office);
    assert.equal(await seen(), office.ipv4);
    phone.replug('wlan0', home);
    assert.equal(await seen(), home.ipv4);
  });
});
