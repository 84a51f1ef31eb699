import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type FirewallName, type NatConfig, NatName, type NatV6 } from '@netweir/api';
import { output } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { NatClass } from './nat-class.ts';

const NONE: Omit<NatClass, 'externalAddress'> = {
  name: 'open-internet',
  mapping: 'none',
  filtering: 'endpoint-independent',
  ports: 'preserving',
  hairpin: false,
};
const PORT_RESTRICTED = {
  name: 'port-restricted-cone',
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  ports: 'preserving',
  hairpin: false,
} as const;
const RESTRICTED = {
  ...PORT_RESTRICTED,
  name: 'restricted-cone',
  filtering: 'address-dependent',
} as const;
const FULL_CONE = {
  ...PORT_RESTRICTED,
  name: 'full-cone',
  filtering: 'endpoint-independent',
  hairpin: true,
} as const;
const SYMMETRIC = {
  ...PORT_RESTRICTED,
  name: 'symmetric',
  mapping: 'address-and-port-dependent',
  ports: 'random',
} as const;

const BY_NAME: Readonly<Record<NatName, Omit<NatClass, 'externalAddress'>>> = {
  none: NONE,
  home: PORT_RESTRICTED,
  moderate: PORT_RESTRICTED,
  cgnat: PORT_RESTRICTED,
  'full-cone': FULL_CONE,
  open: FULL_CONE,
  'address-restricted': RESTRICTED,
  corporate: SYMMETRIC,
  'cloud-nat': SYMMETRIC,
  strict: SYMMETRIC,
};

describe('A node finds out what translates', () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.create();
  });
  after(async () => await lab.close());

  test('behind every NAT that has a name', async () => {
    const classes = NatName.options.map(async (nat) => {
      const router = lab.router(`nat-${nat}`, { nat });
      const device = lab.device(`behind-${nat}`, { uplink: router });
      const { externalAddress, ...found } = await device.classifyNat();
      assert.deepEqual(found, BY_NAME[nat], nat);
      assert.equal(externalAddress, nat === 'none' ? device.ipv4 : router.ipv4);
    });
    await Promise.all(classes);
  });

  test('behind every NAT by its configuration', async () => {
    const dependent = { mapping: 'endpoint-dependent' } as const;
    const wanted: readonly [NatConfig, Partial<NatClass>][] = [
      [{}, PORT_RESTRICTED],
      [{ hairpin: true }, { ...PORT_RESTRICTED, hairpin: true }],
      [{ ports: 'random' }, { ...PORT_RESTRICTED, ports: 'random' }],
      [
        { filtering: 'address-dependent', ports: 'random' },
        { ...RESTRICTED, ports: 'random' },
      ],
      [{ filtering: 'endpoint-independent' }, { ...FULL_CONE, hairpin: false }],
      [dependent, SYMMETRIC],
      [
        { ...dependent, filtering: 'endpoint-independent' },
        { ...SYMMETRIC, filtering: 'endpoint-independent' },
      ],
      [
        { ...dependent, filtering: 'address-dependent' },
        { ...SYMMETRIC, filtering: 'address-dependent' },
      ],
    ];
    const classes = wanted.map(async ([nat, expected], index) => {
      const router = lab.router(`config-${index}`, { nat });
      const device = lab.device(`behind-config-${index}`, { uplink: router });
      const { externalAddress, ...found } = await device.classifyNat();
      assert.deepEqual(found, expected, JSON.stringify(nat));
      assert.equal(externalAddress, router.ipv4);
    });
    await Promise.all(classes);
  });

  test('behind two NATs, as the stricter of them', async () => {
    const wanted: readonly [outer: NatName, inner: NatName, Partial<NatClass>][] = [
      ['cgnat', 'home', PORT_RESTRICTED],
      ['cgnat', 'full-cone', PORT_RESTRICTED],
      ['full-cone', 'full-cone', FULL_CONE],
      ['full-cone', 'address-restricted', { ...RESTRICTED, hairpin: true }],
      ['corporate', 'full-cone', SYMMETRIC],
      ['cgnat', 'corporate', SYMMETRIC],
      ['none', 'home', PORT_RESTRICTED],
      ['home', 'none', PORT_RESTRICTED],
    ];
    const classes = wanted.map(async ([outer, inner, expected], index) => {
      const provider = lab.router(`outer-${index}`, { nat: outer });
      const home = lab.router(`inner-${index}`, { nat: inner, upstream: provider });
      const device = lab.device(`behind-both-${index}`, { uplink: home });
      const { externalAddress, ...found } = await device.classifyNat();
      assert.deepEqual(found, expected, `${outer} ${inner}`);
      assert.equal(externalAddress, outer === 'none' ? home.ipv4 : provider.ipv4);
    });
    await Promise.all(classes);
  });

  test('behind firewalls without any NAT', async () => {
    const filtered = { name: 'symmetric-firewall', filtering: 'address-and-port-dependent' };
    const wanted: readonly [FirewallName, object][] = [
      ['none', NONE],
      ['block-inbound', { ...NONE, ...filtered }],
    ];
    for (const [firewall, expected] of wanted) {
      const router = lab.router(`firewall-${firewall}`, { firewall });
      const device = lab.device(`behind-${firewall}-firewall`, { uplink: router });
      const { externalAddress, ...found } = await device.classifyNat();
      assert.deepEqual(found, expected, firewall);
      assert.equal(externalAddress, device.ipv4);
    }
  });

  test('by the ports that a firewall lets out, and says so where there are none', async () => {
    const firewall = { blockInbound: true, outboundUdp: { allow: [53, 54] } };
    const office = lab.router('office', { nat: 'corporate', firewall });
    const desk = lab.device('desk', { uplink: office });
    const { externalAddress, ...found } = await desk.classifyNat({ port: 53 });
    assert.deepEqual([found, externalAddress], [SYMMETRIC, office.ipv4]);
    await assert.rejects(desk.classifyNat({ timeoutMs: 250 }), {
      code: 'ERR_LAB_NO_ANSWER',
      message: /no answer by STUN from 198\.18\.[\d.]+:3478 within 250 ms/,
    });
  });

  test('by IPv6', async () => {
    const wanted: readonly [NatV6, Partial<NatClass>][] = [
      ['none', NONE],
      ['masquerade', PORT_RESTRICTED],
      // Another prefix, and all else as it is: anybody may send to it.
      ['nptv6', FULL_CONE],
    ];
    for (const [natV6, expected] of wanted) {
      const router = lab.router(`v6-${natV6}`, { natV6 });
      const device = lab.device(`behind-v6-${natV6}`, { uplink: router });
      const { externalAddress, ...found } = await device.classifyNat({ family: 6 });
      assert.deepEqual(found, expected, natV6);
      if (natV6 === 'nptv6') assert.notEqual(externalAddress, device.ipv6);
      else assert.equal(externalAddress, natV6 === 'none' ? device.ipv6 : router.ipv6);
    }
  });

  test('by IPv6 of itself in a network that has no IPv4', async () => {
    const router = lab.router('v6-only', { ip: 'v6-only', firewall: 'block-inbound' });
    const device = lab.device('modern', { uplink: router });
    const { name, externalAddress } = await device.classifyNat();
    assert.deepEqual([name, externalAddress], ['symmetric-firewall', device.ipv6]);
    await assert.rejects(device.classifyNat({ family: 4 }), { code: 'ENETUNREACH' });
  });

  test('from a router, from the exchange, and from a device with several interfaces', async () => {
    const provider = lab.router('provider', { nat: 'cgnat' });
    const home = lab.router('customer', { nat: 'home', upstream: provider });
    assert.equal((await home.classifyNat()).name, 'port-restricted-cone');
    assert.equal((await provider.classifyNat()).name, 'open-internet');
    assert.equal((await lab.ix.classifyNat()).externalAddress, lab.ix.ipv4);
    const open = lab.router('open', { nat: 'full-cone' });
    const phone = lab.device('phone', { interfaces: { wlan0: home, cell0: open } });
    assert.equal((await phone.classifyNat()).externalAddress, provider.ipv4);
    phone.setDefaultRoute('cell0');
    assert.deepEqual(await phone.classifyNat(), { ...FULL_CONE, externalAddress: open.ipv4 });
  });

  test('over links that are slow and lose packets', async () => {
    const router = lab.router('far', { nat: 'address-restricted' });
    const interfaces = { eth0: { router, conditions: 'wifi-bad' } } as const;
    const device = lab.device('poor', { interfaces });
    const { externalAddress, ...found } = await device.classifyNat();
    assert.deepEqual([found, externalAddress], [RESTRICTED, router.ipv4]);
  });

  test('and leaves nothing, whatever comes of it', async () => {
    const state = () => ['link', 'addr', 'route'].map((kind) => output(lab.ix, 'ip', '-o', kind));
    const blocked = lab.router('blocked', { firewall: { outboundUdp: 'block-all' } });
    const device = lab.device('mute', { uplink: blocked });
    const short = lab.device('short', { uplink: lab.router('near', { nat: 'home' }) });
    const stateBefore = state();
    const events: unknown[] = [];
    const unsubscribe = lab.subscribe((event) => events.push(event));
    await short.classifyNat();
    await assert.rejects(device.classifyNat({ timeoutMs: 150 }), { code: 'ERR_LAB_NO_ANSWER' });
    assert.deepEqual([state(), events], [stateBefore, []]);
    unsubscribe();
    const question = assert.rejects(short.classifyNat(), { name: 'NodeRemoved' });
    await lab.remove(short);
    await question;
    await assert.rejects(short.classifyNat(), { name: 'NodeRemoved' });
    const alone = lab.device('alone');
    await assert.rejects(alone.classifyNat(), { code: 'ERR_LAB_NO_INTERFACE' });
  });

  test('until its lab is closed', async () => {
    const other = await Lab.create();
    const device = other.device('laptop', { uplink: other.router('home', { nat: 'home' }) });
    const question = assert.rejects(device.classifyNat(), { name: 'NodeRemoved' });
    await other.close();
    await question;
  });
});
