import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LabInterface, LabState, type LinkConditions, labGraph } from '@netweir/api';
import { ip, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';
import { Region } from '../node/region.ts';
import { Router } from '../node/router.ts';

interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: string[];
  readonly mtu: number;
  readonly address: string;
  readonly addr_info: {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
  }[];
}

const IP_FAMILY = { inet: 'ipv4', inet6: 'ipv6' } as Readonly<Record<string, string>>;

/** What `ip address` says of an interface, in the words of the state. */
function witnessed(node: LabNode, name: string) {
  const [link] = ip<IpLink>(node, 'address', 'show', 'dev', name);
  assert.ok(link, name);
  return {
    name,
    ifindex: link.ifindex,
    up: link.flags.includes('UP'),
    carrier: link.flags.includes('LOWER_UP'),
    mtu: link.mtu,
    mac: link.address,
    addresses: link.addr_info.map(({ family, local, prefixlen, scope }) => ({
      address: local,
      prefixLength: prefixlen,
      family: IP_FAMILY[family],
      scope,
    })),
  };
}

function said({ name, ifindex, up, carrier, mtu, mac, addresses }: LabInterface) {
  return { name, ifindex, up, carrier, mtu, mac, addresses };
}

function interfacesIn(state: LabState): { node: string; one: LabInterface }[] {
  return [
    state.exchange,
    ...state.regions.map((one) => ({ ...one, name: one.node })),
    ...state.routers,
    ...state.devices,
  ].flatMap(({ name, interfaces }) => interfaces.map((one) => ({ node: name, one })));
}

function assertWitnessed(lab: Lab): LabState {
  const state = LabState.parse(JSON.parse(JSON.stringify(lab.state())));
  assert.deepEqual(state, lab.state());
  for (const { node, one } of interfacesIn(state)) {
    const handle = lab.nodes.get(node);
    assert.ok(handle);
    assert.deepEqual(said(one), witnessed(handle, one.name), `${node}/${one.name}`);
  }
  for (const { name, defaultInterface } of state.devices) {
    const handle = lab.nodes.get(name);
    assert.ok(handle);
    const [route] = ip<{ dev: string }>(handle, 'route', 'show', 'default');
    assert.equal(defaultInterface, route?.dev ?? null);
  }
  return state;
}

async function town(conditions: LinkConditions = {}): Promise<Lab> {
  const lab = await Lab.build({
    name: 'town',
    router: [
      { name: 'isp' },
      {
        name: 'home',
        upstream: 'isp',
        nat: 'home',
        nat_v6: 'nptv6',
        mtu: 1400,
        firewall: 'corporate',
      },
    ],
    device: {
      laptop: { eth0: { gateway: 'home' } },
      phone: { default_via: 'wlan0', wlan0: { gateway: 'home' }, cell0: { gateway: 'isp' } },
    },
  });
  lab.nodes.get('laptop')?.setConditions('eth0', conditions);
  return lab;
}

describe("A lab's state", () => {
  test('is what the kernel says, and comes through JSON as it is', async () => {
    await using lab = await town();
    const { name, routers, devices, exchange } = assertWitnessed(lab);
    assert.equal(name, 'town');
    assert.deepEqual(
      routers.map((router) => [router.name, router.upstream, router.firewall, router.downlink]),
      [
        ['isp', 'ix', 'none', { ipv4: '198.19.1.0/24', ipv6: '2001:db8:1:1::/64' }],
        ['home', 'isp', 'corporate', { ipv4: '10.0.1.0/24', ipv6: 'fd10:0:0:1::/64' }],
      ],
    );
    assert.deepEqual(
      devices.map((device) => [device.name, device.defaultInterface, device.ipv4, device.ipv6]),
      [
        ['laptop', 'eth0', '10.0.1.2', 'fd10:0:0:1::2'],
        ['phone', 'wlan0', '10.0.1.3', 'fd10:0:0:1::3'],
      ],
    );
    assert.deepEqual(
      devices[1]?.interfaces.map((one) => [one.name, one.to]),
      [
        ['wlan0', 'home'],
        ['cell0', 'isp'],
      ],
    );
    assert.equal(exchange.interfaces[0]?.to, null);
  });

  test('follows what changes, with the number of the last event', async () => {
    await using lab = await town();
    const phone = lab.nodes.get('phone');
    assert.ok(phone);
    let heard = 0;
    const before = lab.state().sequence;
    const unsubscribe = lab.subscribe(({ sequence }) => {
      heard = sequence;
      assert.equal(assertWitnessed(lab).sequence, sequence);
    });
    phone.linkDown('wlan0');
    const down = lab.state().devices[1];
    assert.deepEqual([down?.defaultInterface, down?.ipv4], [null, null]);
    assert.equal(down?.interfaces[0]?.up, false);
    phone.linkUp('wlan0');
    assert.equal(lab.state().devices[1]?.defaultInterface, 'wlan0');
    lab.device('late');
    await lab.remove(phone);
    assert.deepEqual(
      lab.state().devices.map(({ name }) => name),
      ['laptop', 'late'],
    );
    assert.equal(lab.state().sequence, heard);
    assert.ok(heard >= before + 4);
    unsubscribe();
    await lab.close();
    assert.throws(() => lab.state(), { code: 'ERR_LAB_CLOSED' });
  });

  test('keeps IPv6, defaults and other interfaces when addresses are renewed and plugs moved', async () => {
    await using lab = await town();
    const [phone, isp] = [lab.nodes.get('phone'), lab.nodes.get('isp')];
    assert.ok(phone instanceof Device && isp instanceof Router);
    const device = () => assertWitnessed(lab).devices[1];
    phone.renewAddress('wlan0');
    assert.deepEqual([device()?.ipv4, device()?.ipv6], ['10.0.1.4', 'fd10:0:0:1::4']);
    phone.setDefaultRoute('cell0');
    assert.equal(device()?.defaultInterface, 'cell0');
    assert.equal(device()?.ipv6, phone.addresses('cell0').ipv6);
    phone.replug('wlan0', isp);
    assert.deepEqual(
      device()?.interfaces.map(({ name, to }) => [name, to]),
      [
        ['wlan0', 'isp'],
        ['cell0', 'isp'],
      ],
    );
    phone.removeInterface('cell0');
    assert.equal(device()?.defaultInterface, 'wlan0');
  });

  test('has regions, who is in them, and their links', async () => {
    await using lab = await Lab.build({
      region: { eu: { latencies: { us: 40 } }, us: { latencies: { eu: 50 } } },
      router: [
        { name: 'fra', region: 'eu' },
        { name: 'home', upstream: 'fra' },
        { name: 'far', region: 'us' },
      ],
    });
    const links = () => assertWitnessed(lab).regionLinks;
    const { routers, regions } = assertWitnessed(lab);
    assert.deepEqual(
      routers.map(({ name, upstream, region }) => [name, upstream, region]),
      [
        ['fra', 'region-eu', 'eu'],
        ['home', 'fra', 'eu'],
        ['far', 'region-us', 'us'],
      ],
    );
    assert.deepEqual(
      regions.map(({ name, node, ipv4, interfaces }) => [
        name,
        node,
        ipv4,
        interfaces.map(({ to }) => to),
      ]),
      [
        ['eu', 'region-eu', '198.18.16.0/20', [null, 'ix', 'region-us']],
        ['us', 'region-us', '198.18.32.0/20', [null, 'ix', 'region-eu']],
      ],
    );
    const whole = {
      between: ['eu', 'us'],
      egress: { delay: { mean: '40ms' } },
      ingress: { delay: { mean: '50ms' } },
      broken: null,
    };
    assert.deepEqual(links(), [whole]);
    const [eu, us] = [lab.nodes.get('region-eu'), lab.nodes.get('region-us')];
    assert.ok(eu instanceof Region && us instanceof Region);
    lab.breakRegionLink(eu, us, { mode: 'blackhole' });
    assert.deepEqual(links(), [{ ...whole, broken: 'blackhole' }]);
    const ids = labGraph(lab.state()).nodes.map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), [...lab.nodes.keys()].toSorted());
  });

  test('has conditions that can be set again as they are', async () => {
    await using lab = await town('wifi');
    const conditions = () => {
      const one = lab.state().devices[0]?.interfaces[0];
      return { egress: one?.egress ?? null, ingress: one?.ingress ?? null };
    };
    const laptop = lab.nodes.get('laptop');
    const wifi = conditions();
    assert.ok(wifi.egress && wifi.ingress);
    laptop?.setConditions('eth0', null);
    assert.deepEqual(conditions(), { egress: null, ingress: null });
    laptop?.setConditions('eth0', wifi);
    assert.deepEqual(conditions(), wifi);
    laptop?.setConditions('eth0', { egress: 'mobile-3g' });
    assert.equal(conditions().ingress, null);
    laptop?.setConditions('eth0', conditions());
    assert.deepEqual(conditions().ingress, null);
  });

  test('has NAT and firewall as they can be set again', async () => {
    await using lab = await town();
    const home = lab.nodes.get('home');
    assert.ok(home instanceof Router);
    const settings = () => {
      const router = LabState.parse(lab.state()).routers[1];
      assert.ok(router);
      return { nat: router.nat, natV6: router.natV6, firewall: router.firewall };
    };
    assert.deepEqual(settings(), { nat: 'home', natV6: 'nptv6', firewall: 'corporate' });
    home.setNat({ mapping: 'endpoint-dependent', timeouts: { udp: '5s' } });
    home.setNatV6('none');
    home.setFirewall({ outboundUdp: 'block-all' });
    const before = settings();
    assert.ok(typeof before.nat === 'object' && before.nat.timeouts?.udp === '5s');
    home.setNat(before.nat);
    home.setNatV6(before.natV6);
    home.setFirewall(before.firewall);
    assert.deepEqual(settings(), before);
    home.setNat('none');
    home.setFirewall('none');
    assert.deepEqual(settings(), { nat: 'none', natV6: 'none', firewall: 'none' });
  });

  test('counts packets where it is asked to', async () => {
    await using lab = await town();
    const phone = lab.nodes.get('phone');
    assert.ok(phone && pings(phone, '10.0.1.1'));
    const counted = () =>
      lab.state({ counters: true }).devices[1]?.interfaces[0]?.counters?.rxPackets ?? 0;
    const before = counted();
    const [link] = ip<{ stats64: { rx: { packets: number } } }>(
      phone,
      '-s',
      'link',
      'show',
      'wlan0',
    );
    const witness = link?.stats64.rx.packets ?? 0;
    assert.ok(before > 0 && before <= witness && witness <= counted());
    assert.equal(lab.state().devices[1]?.interfaces[0]?.counters, undefined);
  });
});
