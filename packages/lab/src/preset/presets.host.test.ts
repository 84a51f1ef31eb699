import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { IpSupport, RouterPreset } from '@netweir/api';
import { answerAt, answersTcp, answersUdp } from '../firewall/echo.test-support.ts';
import { pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { nat64Address } from '../nat64/address.ts';
import type { Device } from '../node/device.ts';

/** What a preset promises. */
interface Promised {
  readonly ip: IpSupport;
  /** How the device's addresses begin. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** Whether a server sees the router's IPv4 address. */
  readonly translates: boolean;
  /** Ports of TCP and of UDP, of 53, 80 and 9000, that the device reaches. */
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
  /** Whether the device is reached from outside by its own IPv6 or public IPv4 address. */
  readonly isReached: boolean;
}

const PORTS = [53, 80, 9000] as const;
const PRIVATE = { ipv4: '10.', ipv6: 'fd10:' };
const PUBLIC = { ipv4: '198.19.', ipv6: '2001:db8:1:' };
const open = { tcp: PORTS, udp: PORTS };

const PRESETS: Readonly<Record<RouterPreset, Promised>> = {
  home: { ip: 'dual-stack', ...PRIVATE, translates: true, ...open, isReached: false },
  public: { ip: 'dual-stack', ...PUBLIC, translates: false, ...open, isReached: true },
  'public-v4': { ip: 'v4-only', ipv4: '198.19.', translates: false, ...open, isReached: true },
  'isp-cgnat': { ip: 'dual-stack', ...PRIVATE, translates: true, ...open, isReached: true },
  'isp-v6': { ip: 'v6-only', ipv6: '2001:db8:1:', translates: true, ...open, isReached: false },
  corporate: {
    ...{ ip: 'dual-stack', ...PRIVATE, translates: true, isReached: false },
    ...{ tcp: [80], udp: [53] },
  },
  hotel: {
    ...{ ip: 'v4-only', ipv4: '10.', translates: true, isReached: false },
    ...{ tcp: PORTS, udp: [53] },
  },
  cloud: { ip: 'dual-stack', ...PRIVATE, translates: true, ...open, isReached: true },
};

describe('A router by the preset', () => {
  let lab: Lab;
  let server: Device;
  before(async () => {
    lab = await Lab.create();
    server = lab.device('server', { uplink: lab.router('datacentre') });
    await Promise.all(PORTS.map((port) => answerAt(server, port)));
  });
  after(async () => await lab.close());

  for (const [preset, promised] of Object.entries(PRESETS) as [RouterPreset, Promised][]) {
    test(`${preset} has the addresses, lets through and translates what it promises`, async () => {
      const router = lab.router(`router-${preset}`, { preset });
      const device = lab.device(`device-${preset}`, { uplink: router });
      assert.equal(router.ip, promised.ip);
      const { ipv4, ipv6 } = device.addresses('eth0');
      assert.equal(ipv4?.startsWith(promised.ipv4 ?? '-') ?? false, promised.ipv4 !== undefined);
      assert.equal(ipv6?.startsWith(promised.ipv6 ?? '-') ?? false, promised.ipv6 !== undefined);

      const isV6 = promised.ip === 'v6-only';
      const targets = [
        isV6 ? nat64Address(server.ipv4) : server.ipv4,
        ...(promised.ip === 'v4-only' ? [] : [server.ipv6]),
      ];
      for (const to of targets) {
        // The first one waits for the thread of NAT64.
        assert.ok(pings(device, to), `ping ${to}`);
        assert.deepEqual(await reached((port) => answersTcp(device, to, port)), promised.tcp);
        assert.deepEqual(await reached((port) => answersUdp(device, to, port)), promised.udp);
      }
      assert.equal(await addressSeen(device, targets[0] ?? ''), expectedSource());
      const own = ipv6 ?? ipv4 ?? '';
      assert.equal(pings(server, own), promised.isReached, `ping ${own} from outside`);

      function expectedSource(): string | undefined {
        return promised.translates ? router.ipv4 : ipv4;
      }
    });
  }

  async function reached(answers: (port: number) => Promise<boolean>): Promise<number[]> {
    const all = await Promise.all(PORTS.map(async (port) => ((await answers(port)) ? [port] : [])));
    return all.flat();
  }

  /** The address from which a server at a port that every firewall lets through is asked. */
  async function addressSeen(from: Device, to: string): Promise<string | undefined> {
    const witness = await server.listen({ address: server.ipv4, port: 443 });
    const seen = new Promise<string | undefined>((resolve) => {
      witness.once('connection', (socket) => resolve(socket.remoteAddress));
    });
    const socket = await from.connect({ address: to, port: 443 });
    const address = await seen;
    socket.destroy();
    witness.close();
    return address;
  }

  test('home with another NAT beside it keeps all else', () => {
    const router = lab.router('override', { preset: 'home', nat: 'full-cone' });
    assert.equal(router.ip, 'dual-stack');
    assert.equal(router.firewall.blockInbound, true);
    assert.notEqual(router.nat.name, 'home');
    assert.ok(lab.device('in-override', { uplink: router }).ipv4.startsWith('10.'));
  });

  test('that there is not is refused', () => {
    assert.throws(() => lab.router('odd', { preset: 'castle' as 'home' }), {
      code: 'invalid-request',
    });
  });
});
