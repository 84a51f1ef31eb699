import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, describe, test } from 'node:test';
import { output } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { Router } from '../node/router.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** Several full segments of links with 1500 bytes. */
const TRANSFER = Buffer.alloc(10_000, 'x');

describe('A small MTU on the way', () => {
  let lab: Lab;
  let tunnel: Router;
  let inner: Router;
  let laptop: Device;
  let phone: Device;
  let server: Device;
  before(async () => {
    lab = await Lab.create();
    tunnel = lab.router('tunnel', { mtu: 1280 });
    inner = lab.router('inner', { upstream: tunnel, blockFragNeeded: true });
    laptop = lab.device('laptop', { uplink: tunnel });
    phone = lab.device('phone', { uplink: inner });
    server = lab.device('server', { uplink: lab.router('far') });
  });
  after(async () => await lab.close());
  beforeEach(() => {
    for (const node of [laptop, phone]) {
      output(node, 'ip', 'route', 'flush', 'cache');
      output(node, 'ip', '-6', 'route', 'flush', 'cache');
    }
  });

  /** Whether what a device sends to the server arrives whole within half a second. */
  async function arrives(from: Device, address: string): Promise<boolean> {
    const listener = await server.listen();
    const { port } = listener.address() as { port: number };
    const connected = once(listener, 'connection');
    const socket = await from.connect({ address, port });
    const [accepted] = await connected;
    let received = 0;
    const whole = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), 500);
      accepted.on('data', (bytes: Buffer) => {
        received += bytes.length;
        if (received < TRANSFER.length) return;
        clearTimeout(timer);
        resolve(true);
      });
    });
    socket.write(TRANSFER);
    const result = await whole;
    for (const each of [socket, accepted]) each.destroy();
    listener.close();
    return result;
  }

  /** What ping says of two packets of 1400 bytes that must not be fragmented. */
  function pingsBig(from: Device, address: string): string {
    const [headers, flag] = address.includes(':') ? [48, '-6'] : [28, '-4'];
    const command = `ping ${flag} -n -c2 -i0.2 -W1 -M do -s ${1400 - headers} ${address}`;
    return output(from, 'sh', '-c', `${command} 2>&1 || true`);
  }

  for (const family of FAMILIES) {
    test(`is learned by the sender, by ${family}`, async () => {
      tunnel.setBlockFragNeeded(false);
      assert.match(pingsBig(laptop, server[family]), /mtu[=: ]+1280/);
      assert.ok(await arrives(laptop, server[family]));
    });

    test(`stays unknown where the router itself says nothing, by ${family}`, async () => {
      tunnel.setBlockFragNeeded(true);
      const words = pingsBig(laptop, server[family]);
      assert.match(words, /2 packets transmitted, 0 received, 100% packet loss/);
      assert.doesNotMatch(words, /mtu/i);
      assert.equal(await arrives(laptop, server[family]), false);
    });

    test(`stays unknown where a router between forwards no such word, by ${family}`, async () => {
      tunnel.setBlockFragNeeded(false);
      assert.ok(inner.blockFragNeeded);
      assert.doesNotMatch(pingsBig(phone, server[family]), /mtu/i);
      assert.equal(await arrives(phone, server[family]), false);
      inner.setBlockFragNeeded(false);
      assert.ok(await arrives(phone, server[family]));
      inner.setBlockFragNeeded(true);
    });
  }

  test('stays unknown through changes of the firewall and of address translation', () => {
    const table = (): string =>
      output(inner, 'nft', 'list', 'table', 'inet', 'netweir_frag_needed');
    const before = table();
    assert.match(before, /icmp type destination-unreachable icmp code frag-needed drop/);
    assert.match(before, /icmpv6 type packet-too-big drop/);
    inner.setFirewall('corporate');
    inner.setFirewall('none');
    inner.setNat('home');
    inner.setNatV6('masquerade');
    inner.flushNat();
    inner.setNat('none');
    inner.setNatV6('none');
    assert.equal(table(), before);
  });

  test('tells that it is blocked', () => {
    const told: unknown[] = [];
    const stop = lab.subscribe(({ kind, node, value }) => told.push([kind, node, value]));
    tunnel.setBlockFragNeeded(true);
    stop();
    assert.deepEqual(told, [['block-frag-needed-changed', 'tunnel', true]]);
    assert.equal(tunnel.blockFragNeeded, true);
  });
});
