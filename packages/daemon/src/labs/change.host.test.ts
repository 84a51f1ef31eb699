import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LAB_SWITCHES, type LabChange, type LabDevice, type LabRouter } from '@netweir/api';
import { inside, openDaemon, spacesOf, uniqueName } from './labs.test-support.ts';

/** A lab of two homes, and what can be asked of it. */
async function setLab(t: TestContext) {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, {
    router: [{ name: 'home', nat: 'home' }, { name: 'cafe' }],
    device: {
      laptop: { eth0: { gateway: 'home' }, wlan0: { gateway: 'cafe' } },
      phone: { wlan0: { gateway: 'cafe' } },
    },
  });
  const named = <T extends { name: string }>(all: readonly T[], wanted: string): T => {
    const found = all.find((one) => one.name === wanted);
    assert.ok(found, wanted);
    return found;
  };
  return {
    host,
    name,
    change: (change: LabChange) => host.changeLab(name, change),
    device: async (wanted: string): Promise<LabDevice> =>
      named((await host.lab(name)).devices, wanted),
    router: async (wanted: string): Promise<LabRouter> =>
      named((await host.lab(name)).routers, wanted),
    run: async (node: string, ...command: string[]): Promise<string> => {
      const spaces = await spacesOf(host, name);
      return inside(
        named(
          spaces.map((one) => ({ ...one, name: one.id.split('/')[1] ?? '' })),
          node,
        ),
        ...command,
      );
    },
  };
}

test('interfaces of a running lab are changed, as ip sees inside', async (t) => {
  const { change, device, run } = await setLab(t);
  const at = { node: 'laptop', interface: 'eth0' };
  const link = () => run('laptop', 'ip', 'addr', 'show', 'dev', 'eth0');
  const via = () => run('laptop', 'ip', 'route', 'show', 'default');

  const [down] = await change({ type: 'link', ...at, state: 'down' });
  assert.deepEqual([down?.kind, down?.node, down?.interface], ['link-down', 'laptop', 'eth0']);
  assert.match(await link(), /state DOWN/u);
  await change({ type: 'link', ...at, state: 'up' });
  assert.match(await link(), /state UP/u);

  await change({ type: 'mtu', ...at, mtu: 1400 });
  assert.match(await link(), /mtu 1400/u);

  await change({ type: 'default-route', node: 'laptop', interface: 'wlan0' });
  assert.match(await via(), /dev wlan0/u);

  const before = (await device('phone')).ipv4 ?? '';
  const [renewed] = await change({ type: 'renew-address', node: 'phone', interface: 'wlan0' });
  const after = (await device('phone')).ipv4 ?? '';
  assert.notEqual(after, before);
  assert.match(JSON.stringify(renewed?.value), new RegExp(after.replaceAll('.', '\\.'), 'u'));
  assert.match(await run('phone', 'ip', 'addr'), new RegExp(after.replaceAll('.', '\\.'), 'u'));

  await change({ type: 'replug', node: 'phone', interface: 'wlan0', to: 'home' });
  assert.equal((await device('phone')).interfaces[0]?.to, 'home');
  await change({ type: 'add-interface', node: 'phone', interface: 'cell0', to: 'cafe', mtu: 1300 });
  assert.match(await run('phone', 'ip', 'link', 'show', 'dev', 'cell0'), /mtu 1300/u);
  await change({ type: 'remove-interface', node: 'phone', interface: 'cell0' });
  assert.doesNotMatch(await run('phone', 'ip', 'link'), /cell0/u);
});

test('conditions of a link are changed over what people have set, and the inventory tells', async (t) => {
  const { host, name, change, run } = await setLab(t);
  const [cafe, , , laptop] = await spacesOf(host, name);
  const at = { space: laptop?.id ?? '', interface: 'eth0' };
  assert.equal(cafe?.id, `lab:${name}/cafe`);
  await host.setImpairment(at, { egress: { rate: { rate: '1mbit' } }, for: '5m' });
  const rates = { egress: { rate: { rate: '4mbit' } }, ingress: { rate: { rate: '8mbit' } } };
  await change({ type: 'conditions', node: 'laptop', interface: 'eth0', conditions: rates });
  assert.match(await run('laptop', 'tc', 'qdisc', 'show', 'dev', 'eth0'), /rate 4Mbit/u);
  const shown = async () =>
    (await spacesOf(host, name)).flatMap(({ id, interfaces }) =>
      interfaces.flatMap((one) =>
        one.egress ? [[id.split('/')[1], one.egress.rate?.rate, one.expiresAt]] : [],
      ),
    );
  const both = [
    ['laptop', '4mbit', null],
    ['switches', '8mbit', null],
  ];
  assert.deepEqual(await shown(), both);
  await host.clearImpairment(at);
  assert.deepEqual(await shown(), both, 'they are the lab, and not something that was set');
  await change({ type: 'conditions', node: 'laptop', interface: 'eth0', conditions: null });
  assert.deepEqual(await shown(), []);
});

test('routers of a running lab are changed', async (t) => {
  const { change, router, run } = await setLab(t);
  assert.match(await run('home', 'nft', 'list', 'ruleset'), /nat/u);
  await change({ type: 'nat', node: 'home', nat: 'none' });
  await change({ type: 'nat', node: 'cafe', nat: 'cgnat' });
  await change({ type: 'flush-nat', node: 'cafe' });
  await change({ type: 'nat-v6', node: 'cafe', natV6: 'masquerade' });
  await change({ type: 'firewall', node: 'cafe', firewall: 'corporate' });
  await change({ type: 'block-frag-needed', node: 'cafe', block: true });
  await change({ type: 'uplink', node: 'cafe', to: 'home' });
  const { nat, natV6, firewall, blockFragNeeded, upstream } = await router('cafe');
  assert.deepEqual(
    { natV6, firewall, blockFragNeeded, upstream },
    {
      natV6: 'masquerade',
      firewall: 'corporate',
      blockFragNeeded: true,
      upstream: 'home',
    },
  );
  assert.equal(typeof nat === 'string' ? nat : nat.ports, 'cgnat');
  await change({ type: 'uplink', node: 'cafe', to: 'ix' });
  assert.equal((await router('cafe')).upstream, 'ix');
});

test('a node that is removed is no space any more', async (t) => {
  const { host, name, change } = await setLab(t);
  await change({ type: 'remove-node', node: 'phone' });
  const nodes = ['ix', 'home', 'cafe', 'laptop'];
  assert.deepEqual((await host.labs())[0]?.nodes, nodes);
  assert.deepEqual(
    (await spacesOf(host, name)).map(({ id }) => id),
    [...nodes, LAB_SWITCHES].toSorted().map((node) => `lab:${name}/${node}`),
  );
});

test('what a lab cannot do is refused with what can be done', async (t) => {
  const { host, change } = await setLab(t);
  const eth0 = { interface: 'eth0' };
  await assert.rejects(change({ type: 'link', node: 'tablet', ...eth0, state: 'up' }), {
    code: 'no-such-node',
    remedy: 'There are: ix, home, cafe, laptop, phone.',
  });
  await assert.rejects(change({ type: 'link', node: 'phone', ...eth0, state: 'up' }), {
    code: 'no-such-interface',
  });
  await assert.rejects(change({ type: 'nat', node: 'phone', nat: 'none' }), {
    code: 'lab-refused',
  });
  await assert.rejects(change({ type: 'renew-address', node: 'home', interface: 'wan' }), {
    code: 'lab-refused',
  });
  await assert.rejects(change({ type: 'remove-node', node: 'cafe' }), {
    code: 'lab-refused',
    remedy: /^Remove .*\.$/u,
  });
  await assert.rejects(host.lab('nowhere'), { code: 'no-such-lab' });
});

test('links between regions of a running lab are changed', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, { region: { eu: {}, us: {} } });
  const between: [string, string] = ['eu', 'us'];
  const link = async () => (await host.lab(name)).regionLinks[0];
  await host.changeLab(name, {
    type: 'link-regions',
    between,
    conditions: { rate: { rate: '9mbit' } },
  });
  assert.deepEqual((await link())?.egress, { rate: { rate: '9mbit' } });
  await host.changeLab(name, { type: 'region-link-conditions', between, conditions: null });
  assert.equal((await link())?.egress, null);
  await host.changeLab(name, { type: 'break-region-link', between, mode: 'blackhole' });
  assert.equal((await link())?.broken, 'blackhole');
  await host.changeLab(name, { type: 'restore-region-link', between });
  assert.equal((await link())?.broken, null);
  await host.changeLab(name, { type: 'unlink-regions', between });
  assert.equal(await link(), undefined);
  await assert.rejects(host.changeLab(name, { type: 'unlink-regions', between: ['eu', 'mars'] }), {
    code: 'no-such-node',
    remedy: 'There are: eu, us.',
  });
});

test('what people have set is in the state of the lab as well', async (t) => {
  const { host, name, device } = await setLab(t);
  const way = { rate: { rate: '2mbit' } };
  await host.setImpairment({ space: `lab:${name}/phone`, interface: 'wlan0' }, { egress: way });
  assert.deepEqual((await device('phone')).interfaces[0]?.egress, way);
  const switches = (await spacesOf(host, name)).at(-1);
  const port = switches?.interfaces.find(({ peer }) => peer?.space === `lab:${name}/phone`);
  const at = { space: `lab:${name}/${LAB_SWITCHES}`, interface: port?.name ?? '' };
  await host.setImpairment(at, { egress: way });
  assert.deepEqual((await device('phone')).interfaces[0]?.ingress, way);
});
