import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import {
  type EngineChoice,
  exactDirection,
  LINK_CONDITIONS,
  type LinkConditionName,
} from '@netweir/api';
import { output, pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { delay, loss, rate } from './directions.test-support.ts';
import {
  assertRoundTrip,
  echoUdp,
  pingTimesMs,
  roundTripMs,
  tcpKbitPerSec,
  udpEchoes,
} from './traffic.test-support.ts';

const KIB = 1024;
/** How much of a link's rate is left to TCP's payload, at most: of 1514 bytes 1448. */
const PAYLOAD = 1448 / 1514;

/** A device and a server, each behind a router of its own. */
async function makeLab(engine: EngineChoice) {
  const lab = await Lab.create({ engine });
  const home = lab.router('home');
  const phone = lab.device('phone', { uplink: home });
  const server = lab.device('server', { uplink: lab.router('far') });
  return { lab, home, phone, server, [Symbol.asyncDispose]: () => lab.close() };
}

/** What conditions do to traffic, whichever engine does it. */
export function describeConditions(engine: EngineChoice): void {
  describe(`Delays by the ${engine} engine`, () => {
    test('add up on the way there and on the way back', async () => {
      await using made = await makeLab(engine);
      const { home, phone, server } = made;
      assert.ok(roundTripMs(phone, server.ipv4) < 15);
      phone.setConditions('eth0', { egress: delay('20ms') });
      home.setConditions('lan', { egress: delay('30ms') });
      assertRoundTrip(phone, server.ipv4, 50);
    });

    test('add up over several hops', async () => {
      await using made = await makeLab(engine);
      const { home, phone, server } = made;
      phone.setConditions('eth0', { egress: delay('20ms') });
      home.setConditions('ix', { egress: delay('30ms') });
      assertRoundTrip(phone, server.ipv4, 50);
      assertRoundTrip(phone, server.ipv6, 50);
    });

    test('count twice in a round trip where they are said for both ways', async () => {
      await using made = await makeLab(engine);
      const { lab, phone, home, server } = made;
      lab.setLinkConditions(phone, home, delay('25ms'));
      assertRoundTrip(phone, server.ipv4, 50);
      lab.setLinkConditions(home, phone, { ingress: delay('25ms') });
      assertRoundTrip(phone, server.ipv4, 25);
    });

    test('come and go while the lab runs', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      const before = roundTripMs(phone, server.ipv4);
      phone.setConditions('eth0', { egress: delay('100ms') });
      assert.ok(roundTripMs(phone, server.ipv4) >= before + 90);
      phone.setConditions('eth0', null);
      assert.ok(roundTripMs(phone, server.ipv4) < 30);
    });

    test('also hold up the question for an Ethernet address', async () => {
      await using made = await makeLab(engine);
      const { home, phone } = made;
      phone.setConditions('eth0', delay('20ms'));
      output(phone, 'ip', 'neigh', 'flush', 'dev', 'eth0');
      output(home, 'ip', 'neigh', 'flush', 'dev', 'lan');
      const [first = 0] = pingTimesMs(phone, home.downlink.gateway.ipv4, '-c1');
      assert.ok(first >= 80, `${first} ms: 40 for the question, 40 for the echo`);
    });

    test('towards all devices of a network can be said when its router is made', async () => {
      await using lab = await Lab.create({ engine });
      const home = lab.router('home', { downlinkConditions: { egress: delay('40ms') } });
      for (const name of ['a', 'b']) {
        assertRoundTrip(lab.device(name, { uplink: home }), lab.ix.ipv4, 40);
      }
    });

    test('of a router in its network are those of what it sends and receives, and not of what its devices send each other', async () => {
      await using lab = await Lab.create({ engine });
      const home = lab.router('home', { downlinkConditions: delay('15ms') });
      const laptop = lab.device('laptop', { uplink: home });
      assertRoundTrip(laptop, lab.ix.ipv4, 30);
      assertRoundTrip(laptop, lab.device('tablet', { uplink: home }).ipv4, 0);
      home.setConditions('lan', { ingress: delay('25ms') });
      assertRoundTrip(laptop, lab.ix.ipv4, 25);
    });

    test('belong to the interface that the default routes lead through', async () => {
      await using lab = await Lab.create({ engine });
      const [wifi, cell] = [lab.router('wifi'), lab.router('cell')];
      const phone = lab.device('phone', {
        interfaces: { wlan0: wifi, cell0: { router: cell, conditions: 'mobile-4g' } },
      });
      const before = roundTripMs(phone, lab.ix.ipv4);
      phone.setDefaultRoute('cell0');
      assert.ok(roundTripMs(phone, lab.ix.ipv4) >= before + 30);
    });

    test('are still there after the link was down', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      await echoUdp(server);
      phone.setConditions('eth0', delay('20ms'));
      const conditions = phone.conditions('eth0');
      phone.linkDown('eth0');
      await assert.rejects(phone.connect({ address: server.ipv4, port: 7 }));
      phone.linkUp('eth0');
      await until(() => pings(phone, server.ipv4), 'an answer');
      assertRoundTrip(phone, server.ipv4, 40);
      assert.equal((await udpEchoes(phone, server.ipv4, { count: 10 })).received, 10);
      await tcpKbitPerSec(phone, server, server.ipv4, KIB);
      assert.deepEqual(phone.conditions('eth0'), conditions);
    });
  });

  describe(`Rates by the ${engine} engine`, () => {
    for (const [way, from, to] of [
      ['up', 'phone', 'server'],
      ['down', 'server', 'phone'],
    ] as const) {
      test(`limit what a device sends ${way} by TCP`, async () => {
        await using made = await makeLab(engine);
        const { phone, home } = made;
        if (way === 'up') phone.setConditions('eth0', { egress: rate('2mbit') });
        else home.setConditions('lan', { egress: rate('2mbit') });
        const kbit = await tcpKbitPerSec(made[from], made[to], made[to].ipv4, 256 * KIB);
        assert.ok(kbit >= 1400 && kbit <= 2000 * PAYLOAD + 100, `${kbit} kbit/s`);
      });

      test(`limit what a device sends ${way} by UDP`, async () => {
        await using made = await makeLab(engine);
        const { phone, home, server } = made;
        await echoUdp(server);
        if (way === 'up') phone.setConditions('eth0', { egress: rate('2mbit') });
        else home.setConditions('lan', { egress: rate('2mbit') });
        const echoes = await udpEchoes(phone, server.ipv4, { count: 300, bytes: KIB });
        assert.equal(echoes.received, 300);
        const wireMs = (300 * (KIB + 42) * 8) / 2000;
        assert.ok(echoes.elapsedMs >= wireMs - 50, `${echoes.elapsedMs} ms of ${wireMs}`);
      });
    }

    test('are what iperf3 says', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      phone.setConditions('eth0', { egress: rate('10mbit') });
      const service = server.spawn('iperf3', ['-s', '-1', '--forceflush']);
      await once(service.stdout ?? service, 'data');
      const client = phone.spawn('iperf3', [
        '-c',
        server.ipv4,
        '-u',
        '-b12M',
        '-l1472',
        '-t1',
        '-J',
      ]);
      assert.ok(client.stdout);
      const { end } = JSON.parse(await text(client.stdout));
      const mbit = end.sum_received.bits_per_second / 1e6;
      assert.ok(mbit > 8.5 && mbit < 10.5, `${mbit} Mbit/s`);
    });

    test('may differ by the way', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      phone.setConditions('eth0', { egress: rate('1mbit'), ingress: rate('4mbit') });
      const up = await tcpKbitPerSec(phone, server, server.ipv4, 128 * KIB);
      const down = await tcpKbitPerSec(server, phone, phone.ipv4, 256 * KIB);
      assert.ok(up >= 700 && up <= 1000, `${up} kbit/s up`);
      assert.ok(down >= 2000 && down <= 4000, `${down} kbit/s down`);
    });

    test('of several hops: the smallest counts', async () => {
      await using made = await makeLab(engine);
      const { lab, home, phone, server } = made;
      phone.setConditions('eth0', rate('2mbit'));
      lab.setLinkConditions(home, lab.ix, rate('1mbit'));
      const kbit = await tcpKbitPerSec(phone, server, server.ipv4, 128 * KIB);
      assert.ok(kbit >= 700 && kbit <= 1000, `${kbit} kbit/s`);
      lab.setLinkConditions(home, lab.ix, rate('2mbit'));
      const same = await tcpKbitPerSec(phone, server, server.ipv4, 128 * KIB);
      assert.ok(same >= 1300 && same <= 2000, `${same} kbit/s`);
    });

    test('change while the lab runs', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      const measure = (bytes: number) => tcpKbitPerSec(phone, server, server.ipv4, bytes);
      phone.setConditions('eth0', { egress: rate('5mbit') });
      const fast = await measure(256 * KIB);
      assert.ok(fast >= 3000 && fast <= 5000, `${fast} kbit/s of 5000`);
      phone.setConditions('eth0', { egress: rate('500kbit') });
      const slow = await measure(48 * KIB);
      assert.ok(slow >= 350 && slow <= 500, `${slow} kbit/s of 500`);
      phone.setConditions('eth0', null);
      assert.ok((await measure(256 * KIB)) >= 3 * fast);
    });
  });

  describe(`Losses by the ${engine} engine`, () => {
    test('are as many as said, one way and both', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      await echoUdp(server);
      const received = async (count: number) =>
        (await udpEchoes(phone, server.ipv4, { count })).received;
      assert.ok(pings(phone, server.ipv4));
      phone.setConditions('eth0', { egress: loss('50%') });
      assertShare(await received(1000), 1000, 0.5);
      phone.setConditions('eth0', { egress: loss('90%') });
      assertShare(await received(200), 200, 0.1);
      phone.setConditions('eth0', loss('30%'));
      assertShare(await received(400), 400, 0.49);
      phone.setConditions('eth0', null);
      assert.equal(await received(100), 100);
    });

    test('cost TCP nothing but time', async () => {
      await using made = await makeLab(engine);
      const { phone, server } = made;
      phone.setConditions('eth0', { egress: loss('5%') });
      assert.ok((await tcpKbitPerSec(phone, server, server.ipv4, 200 * KIB)) > 0);
    });
  });

  describe(`The named conditions by the ${engine} engine`, () => {
    for (const name of Object.keys(LINK_CONDITIONS) as LinkConditionName[]) {
      test(`${name} has its delay and its losses`, async () => {
        await using made = await makeLab(engine);
        const { phone, server } = made;
        await echoUdp(server);
        assert.ok(roundTripMs(phone, server.ipv4) < 15);
        phone.setConditions('eth0', name);
        const { delay: wanted, loss: lost } = exactDirection(LINK_CONDITIONS[name]);
        const times = pingTimesMs(phone, server.ipv4, '-c40', '-i0.01');
        const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
        const [meanMs, jitterMs] = [wanted?.meanNs ?? 0, wanted?.jitterNs ?? 0].map(
          (ns) => (2 * ns) / 1e6,
        );
        assert.ok(Math.abs(mean - (meanMs ?? 0)) <= (jitterMs ?? 0) + 15, `${mean} ms on average`);
        const share = lost?.model === 'random' ? lost.probability / 0xffff_ffff : 0;
        // Of so many it is beyond belief that one in a hundred loses none.
        const count = share >= 0.01 ? 1000 : 200;
        const { received } = await udpEchoes(phone, server.ipv4, { count, longestMs: 800 });
        assertShare(received, count, (1 - share) ** 2);
        if (share >= 0.01) assert.ok(received < count);
      });
    }
  });
}

/** Six standard deviations about what is to be expected. */
function assertShare(received: number, count: number, share: number): void {
  const spread = 6 * Math.sqrt(count * share * (1 - share));
  const found = `${received} of ${count} instead of ${share}`;
  assert.ok(Math.abs(received - count * share) <= spread, found);
}
