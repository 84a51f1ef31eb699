import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { LabPlan } from './plan.ts';
import { LabFileError } from './problems.ts';
import { parseLabFile, planOf } from './read.ts';

const planOfToml = (text: string, name?: string): LabPlan => parseLabFile(text, name).plan;

function refused(text: string): string[] {
  try {
    planOfToml(text, 'lab.toml');
  } catch (error) {
    assert.ok(error instanceof LabFileError, String(error));
    return error.message.split('\n');
  }
  throw assert.fail('nothing was refused');
}

const router = (name: string, more = '') => `[[router]]\nname = "${name}"\n${more}\n`;

describe('The plan of a lab file', () => {
  test('has routers behind their upstreams, and else in the order of the file', () => {
    const text = [
      router('inner', 'upstream = "home"'),
      router('home', 'upstream = "isp"'),
      router('other'),
      router('isp', 'upstream = "ix"'),
    ].join('');
    const { routers } = planOfToml(text);
    assert.deepEqual(
      routers.map(({ name, upstream }) => [name, upstream]),
      [
        ['isp', undefined],
        ['home', 'isp'],
        ['inner', 'home'],
        ['other', undefined],
      ],
    );
  });

  test('refuses routers behind one another, by their names', () => {
    const circle = router('a', 'upstream = "c"') + router('b', 'upstream = "a"');
    assert.deepEqual(
      refused(circle + router('c', 'upstream = "b"') + router('d', 'upstream="b"')),
      ['lab.toml:3: router.0.upstream: routers are behind one another in a circle: a → c → b → a'],
    );
  });

  test('says everything that is not there, and in which line', () => {
    const text = `${router('home', 'upstream = "isp"\nregion = "eu"')}
[device.laptop]
default_via = "wlan0"
[device.laptop.eth0]
gateway = "hom"
[device.laptop."no/name"]
gateway = "home"
[region.us]
latencies = { asia = 5 }
[names]
"a.example" = "nobody"
`;
    assert.deepEqual(refused(text), [
      'lab.toml:3: router.0.upstream: there is no router isp',
      'lab.toml:4: router.0.region: there is no region eu',
      'lab.toml:7: device.laptop.default_via: there is no interface wlan0',
      'lab.toml:9: device.laptop.eth0.gateway: there is no router hom',
      `lab.toml:10: device.laptop.no/name: an interface name has no '/', ':', '%' or white space, got "no/name"`,
      'lab.toml:13: region.us.latencies.asia: there is no region asia',
      'lab.toml:15: names.a.example: nobody is neither a node nor an address',
    ]);
  });

  test('says in which line a key is wrong, or the text is no TOML', () => {
    assert.deepEqual(refused(`${router('a')}${router('b', 'mtu = 50')}`), [
      'lab.toml:6: router.1.mtu: Too small: expected number to be >=68',
    ]);
    assert.match(refused('[[router]]\nname = home\n')[0] ?? '', /^lab\.toml:2: Invalid TOML/);
    assert.match(refused('[device.__proto__]\n')[0] ?? '', /^lab\.toml:1: /);
  });

  test('has an MTU that IPv6 does not allow where all networks have IPv4 alone', () => {
    const old = router('old', 'ip_support = "v4-only"');
    const small = 'upstream = "old"\nip_support = "v4-only"\nmtu = 576';
    const device = (name: string) =>
      `[device.${name}]\nmtu = 576\n[device.${name}.eth0]\ngateway = "${name}-router"\n`;
    const plan = planOfToml(
      `${old}${router('a-router', small)}${router('b-router', 'preset = "hotel"')}${device('a')}${device('b')}`,
    );
    assert.deepEqual([plan.routers[1]?.settings.mtu, plan.devices[0]?.mtu], [576, 576]);
    const reason = 'an MTU is 1280 (the least that IPv6 allows) to 65535 bytes, got 576';
    assert.deepEqual(refused(`${router('a-router', 'preset = "hotel"\nmtu = 576')}`), [
      `lab.toml:4: router.0.mtu: ${reason}`,
    ]);
    assert.deepEqual(refused(`${router('b-router')}${device('b')}`), [
      `lab.toml:5: device.b.mtu: ${reason}`,
    ]);
  });

  test('numbers devices from 0, also where there is one', () => {
    const text = (count: number) =>
      `${router('a')}[device.peer]\ncount = ${count}\n[device.peer.eth0]\ngateway = "a"\n`;
    const names = (count: number) => planOfToml(text(count)).devices.map(({ name }) => name);
    assert.deepEqual(names(3), ['peer-0', 'peer-1', 'peer-2']);
    assert.deepEqual(names(1), ['peer-0']);
    assert.deepEqual(refused(`${text(2)}[device.peer-1]\n`), [
      'lab.toml:8: device.peer-1: there is a node peer-1 already',
    ]);
  });

  test('leaves names that begin with region- to regions', () => {
    const [message = ''] = refused(`${router('region-eu')}[region.eu]\n`);
    assert.match(message, /^lab\.toml:2: router\.0\.name: node names that begin with region-/);
  });

  test('has interfaces in the order of the file, and the default at the first by name', () => {
    const interfaces = '[device.phone.wlan0]\ngateway = "a"\n[device.phone.cell0]\ngateway = "a"\n';
    const { devices, warnings } = planOfToml(`${router('a')}${interfaces}`);
    assert.deepEqual(
      devices[0]?.interfaces.map(({ name }) => name),
      ['wlan0', 'cell0'],
    );
    assert.equal(devices[0]?.defaultInterface, 'cell0');
    assert.match(warnings.join(), /device phone: its default routes lead through cell0/);
    const said = planOfToml(`${router('a')}[device.phone]\ndefault_via = "wlan0"\n${interfaces}`);
    assert.deepEqual([said.devices[0]?.defaultInterface, said.warnings], ['wlan0', []]);
  });

  test('has latencies of regions as delays, the same both ways or each way', () => {
    const text = `
[region.us]
latencies = { eu = 40, asia = "95ms" }
[region.eu]
latencies = { us = 40, asia = 120 }
links.sa = { rate = "1gbit", delay = "90ms" }
[region.asia]
latencies = { eu = 130 }
[region.sa]
`;
    assert.deepEqual(planOfToml(text).regionLinks, [
      { between: ['eu', 'us'], conditions: { delay: { mean: '40ms' } } },
      { between: ['asia', 'us'], conditions: { delay: { mean: '95ms' } } },
      {
        between: ['asia', 'eu'],
        conditions: {
          egress: { delay: { mean: '130ms' } },
          ingress: { delay: { mean: '120ms' } },
        },
      },
      {
        between: ['eu', 'sa'],
        conditions: { delay: { mean: '90ms' }, rate: { rate: '1gbit' } },
      },
    ]);
    assert.match(
      refused('[region.a]\nlatencies.b = 1\n[region.b]\nlinks.a = "lan"\n')[0] ?? '',
      /the link between a and b is there twice/,
    );
  });

  test('keeps a router in the region of its upstream', () => {
    const { routers, warnings } = planOfToml(
      `[region.eu]\n[region.us]\n${router('isp', 'region = "eu"')}${router('home', 'upstream = "isp"\nregion = "us"')}`,
    );
    assert.deepEqual(
      routers.map(({ name, region }) => [name, region]),
      [
        ['isp', 'eu'],
        ['home', undefined],
      ],
    );
    assert.match(warnings.join(), /router home: region us without effect: .* in region eu/);
  });

  test('says what has no effect', () => {
    const { warnings } = planOfToml(router('a', 'ra_enabled = true\nra_lifetime_secs = 1800'));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^router a: ra_enabled, ra_lifetime_secs without effect/);
  });

  test('has NAT, firewall and the rest in the words of the library', () => {
    const text = router(
      'a',
      `preset = "isp_cgnat"
ip_support = "v4_only"
nat_v6 = "masquerade"
block_frag_needed = true
nat.custom = { mapping = "endpoint_dependent", hairpin = false, timeouts = { udp = 2.5, udp_stream = "2m" } }
firewall = { block_inbound = true, outbound_tcp = { allow = [80, 443] }, outbound_udp = "block_all" }
`,
    );
    assert.deepEqual(planOfToml(text).routers[0]?.settings, {
      preset: 'isp-cgnat',
      ip: 'v4-only',
      nat: {
        mapping: 'endpoint-dependent',
        hairpin: false,
        timeouts: { udp: '2.5s', udpStream: '2m' },
      },
      natV6: 'masquerade',
      firewall: {
        blockInbound: true,
        outboundTcp: { allow: [80, 443] },
        outboundUdp: 'block-all',
      },
      blockFragNeeded: true,
    });
  });

  test('of the file in docs/labs.md has no warnings', () => {
    const page = readFileSync(new URL('../../../../docs/labs.md', import.meta.url), 'utf8');
    const [, text = ''] = /```toml\n(.*?)```/s.exec(page) ?? [];
    const { routers, warnings } = planOfToml(text, 'docs/labs.md');
    assert.deepEqual([routers.length, warnings], [2, []]);
  });

  test('is the same for the same file as JSON', () => {
    const value = {
      router: [{ name: 'a', nat: 'home' }],
      device: { b: { eth0: { gateway: 'a' } } },
    };
    const text = `${router('a', 'nat = "home"')}[device.b.eth0]\ngateway = "a"\n`;
    assert.deepEqual(planOf(value), planOfToml(text));
  });
});
