import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { output, pings, until } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { Device } from '../node/device.ts';
import { parseLabFile } from './read.ts';

const LABS = new URL('../../../../labs/', import.meta.url);
const FIXTURES = new URL('../../fixtures/', import.meta.url);

const devicesOf = (lab: Lab): Device[] =>
  [...lab.nodes.values()].filter((node): node is Device => node instanceof Device);

function device(lab: Lab, name: string): Device {
  const node = lab.nodes.get(name);
  assert.ok(node instanceof Device, name);
  return node;
}

/** By what a device can reach a server: its own kind of address, or the translated one. */
function addressFor(client: Device, server: Device): string {
  const hasIpv4 = output(client, 'ip', '-4', 'route', 'show', 'default') !== '';
  return hasIpv4 ? server.ipv4 : `64:ff9b::${server.ipv4}`;
}

describe('A lab that is shipped', () => {
  for (const file of readdirSync(LABS).filter((name) => name.endsWith('.toml'))) {
    test(`${file} loads without a warning, and its devices reach the server`, async () => {
      await using lab = await Lab.load(new URL(file, LABS));
      assert.deepEqual(lab.warnings, []);
      const server = device(lab, 'server');
      const clients = devicesOf(lab).filter((one) => one !== server);
      assert.ok(clients.length > 0);
      for (const client of clients) {
        const address = addressFor(client, server);
        await until(() => pings(client, address), `${client.name} reaches ${address}`);
      }
    });
  }
});

describe('A lab file of the reference', () => {
  for (const file of readdirSync(FIXTURES)) {
    test(`${file} loads, and its devices reach the server`, async () => {
      await using lab = await Lab.load(new URL(file, FIXTURES));
      const server = device(lab, 'server');
      for (const client of devicesOf(lab)) {
        await until(() => pings(client, server.ipv4), `${client.name} reaches ${server.ipv4}`);
      }
    });
  }

  test('has real latencies between its regions', async () => {
    await using lab = await Lab.load(new URL('regions.toml', FIXTURES));
    const { ipv4 } = device(lab, 'server');
    const near = device(lab, 'near');
    // The first one also waits for the neighbours on the way.
    await until(() => pings(near, ipv4), 'an answer');
    const [, rtt] = /time=([\d.]+) ms/.exec(output(near, 'ping', '-n', '-c1', ipv4)) ?? [];
    assert.ok(Number(rtt) >= 40 && Number(rtt) < 80, rtt);
  });

  test('has the devices, defaults and conditions that it says', async () => {
    await using lab = await Lab.load(new URL('devices.toml', FIXTURES));
    const names = [...lab.nodes.keys()];
    assert.deepEqual(names.slice(0, 6), [
      'ix',
      'left',
      'right',
      'worker-0',
      'worker-1',
      'single-0',
    ]);
    const hop = (name: string) =>
      output(device(lab, name), 'ip', 'route', 'show', 'default').match(/dev (\S+)/)?.[1];
    assert.deepEqual([hop('both'), hop('unsaid')], ['b', 'm']);
    const { egress, ingress } = device(lab, 'both').conditions('b');
    assert.equal(ingress, null);
    assert.deepEqual(egress?.rate, { rate: '8mbit' });
    assert.equal(device(lab, 'single-0').conditions('eth0').egress?.delay?.mean, '25ms');
    assert.deepEqual(lab.warnings.length, 1);
  });
});

describe('Loading a lab', () => {
  test('gives names the addresses of nodes, as they are then, and others', async () => {
    await using lab = await Lab.build({
      router: [{ name: 'home' }, { name: 'old', ip_support: 'v4-only' }],
      device: { www: { eth0: { gateway: 'home' } }, legacy: { eth0: { gateway: 'old' } } },
      names: { 'www.example': 'www', 'both.example': ['legacy', '192.0.2.1'] },
    });
    const [www, legacy] = [device(lab, 'www'), device(lab, 'legacy')];
    assert.deepEqual(lab.resolve('www.example'), [www.ipv4, www.ipv6]);
    assert.deepEqual(lab.resolve('both.example'), [legacy.ipv4, '192.0.2.1']);
    const { stdout } = await legacy.exec('getent', ['ahostsv4', 'www.example']);
    assert.match(String(stdout), new RegExp(`^${www.ipv4} `));
  });

  test('makes the file of docs/labs.md', async () => {
    const page = readFileSync(new URL('../docs/labs.md', LABS), 'utf8');
    const [, text = ''] = /```toml\n(.*?)```/s.exec(page) ?? [];
    await using lab = await Lab.build(parseLabFile(text, 'docs/labs.md').file);
    assert.deepEqual(lab.resolve('www.example'), lab.resolve('phone'));
  });

  test('takes its name from the options, the file, or as if made otherwise', async () => {
    await using named = await Lab.build({ name: 'here' });
    await using renamed = await Lab.build({ name: 'here' }, { name: 'there' });
    await using numbered = await Lab.build({});
    assert.deepEqual([named.name, renamed.name], ['here', 'there']);
    assert.match(numbered.name, /^lab\d+$/);
  });

  test('leaves nothing behind where it fails', async () => {
    const held = () => readdirSync('/proc/self/fd').length;
    const overlapping = { name: 'b', downlink: '172.20.0.0/16' };
    const file = {
      router: [{ name: 'a', downlink: '172.20.0.0/16' }, overlapping],
      device: { d: { eth0: { gateway: 'a', conditions: 'wifi' as const } } },
    };
    await assert.rejects(Lab.build(file), { code: 'ERR_LAB_INVALID_PREFIX' });
    const before = held();
    await assert.rejects(Lab.build(file), { code: 'ERR_LAB_INVALID_PREFIX' });
    assert.equal(held(), before);
    const unknown = { router: [{ name: 'a', upstream: 'b' }] };
    await assert.rejects(Lab.build(unknown), {
      code: 'ERR_LAB_FILE',
      message: 'router.0.upstream: there is no router b',
    });
    await assert.rejects(Lab.load('/nonexistent.toml'), { code: 'ENOENT' });
  });
});
