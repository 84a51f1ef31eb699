import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { type Change, type Interface, LAB_SWITCHES, type Space } from '@netweir/api';
import { setStage, until } from '../host/containers.test-support.ts';
import { HOME, inside, openDaemon, spacesOf, uniqueName } from './labs.test-support.ts';

interface IpLink {
  readonly ifname: string;
  readonly mtu: number;
  readonly address: string;
  readonly addr_info: readonly { local: string; prefixlen: number }[];
}

function witnessed(space: Space): unknown[] {
  const links: IpLink[] = JSON.parse(inside(space, 'ip', '-j', 'addr'));
  return links.map(({ ifname, mtu, address, addr_info }) => [
    ifname,
    mtu,
    address,
    addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  ]);
}

function shown({ name, mtu, mac, addresses }: Interface): unknown {
  return [
    name,
    mtu,
    mac,
    addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
  ];
}

test('the nodes of a lab are spaces, with the interfaces that ip shows inside', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  const { nodes } = await host.putLab(name, HOME);
  assert.deepEqual(nodes, ['ix', 'home', 'laptop', 'phone']);
  const spaces = await spacesOf(host, name);
  assert.deepEqual(
    spaces.map(({ id }) => id),
    ['home', 'ix', 'laptop', 'phone', LAB_SWITCHES].map((node) => `lab:${name}/${node}`),
  );
  for (const space of spaces) assert.deepEqual(space.interfaces.map(shown), witnessed(space));
  const eth0 = spaces[2]?.interfaces.find((one) => one.name === 'eth0');
  assert.equal(eth0?.peer?.space, `lab:${name}/${LAB_SWITCHES}`);
  const { network } = await host.labNamespaces(name, LAB_SWITCHES);
  assert.equal(statSync(network).ino, spaces[4]?.inode);
});

test('a lab that is taken down is in the inventory no more, and this process holds no namespace of it', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, HOME);
  const inodes = (await spacesOf(host, name)).map(({ inode }) => inode);
  await host.deleteLab(name);
  assert.deepEqual(await spacesOf(host, name), []);
  assert.deepEqual(await host.labs(), []);
  const folder = `/proc/${process.pid}/fd`;
  const descriptors = execFileSync('ls', ['-l', folder], { encoding: 'utf8' });
  for (const inode of inodes) assert.ok(!descriptors.includes(`net:[${inode}]`));
});

test('an interface of a lab is impaired, and put back, as any other', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, HOME);
  const [, , laptop] = await spacesOf(host, name);
  assert.ok(laptop);
  const at = { space: laptop.id, interface: 'eth0' };
  const qdiscs = (): string => inside(laptop, 'tc', 'qdisc', 'show', 'dev', 'eth0');
  const before = qdiscs();
  await host.setImpairment(at, { egress: { rate: { rate: '5mbit' } } });
  assert.match(qdiscs(), /4e57: .*rate 5Mbit/u);
  await host.clearImpairment(at);
  assert.equal(qdiscs(), before);
});

test("what is set over a lab's own condition ends, and the condition is back", async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, {
    router: [{ name: 'home' }],
    device: { laptop: { eth0: { gateway: 'home', conditions: { rate: '20mbit' } } } },
  });
  const at = { space: `lab:${name}/laptop`, interface: 'eth0' };
  const [, , laptop] = await spacesOf(host, name);
  assert.ok(laptop);
  const eth0 = async () =>
    (await spacesOf(host, name))[2]?.interfaces.find(({ ifindex }) => ifindex > 1);
  const own = (await eth0())?.egress;
  assert.deepEqual(own, { rate: { rate: '20mbit' } });
  for (const end of [() => host.clearImpairment(at), () => host.restore()]) {
    await host.setImpairment(at, { egress: { rate: { rate: '1mbit' } }, for: '5m' });
    assert.deepEqual((await eth0())?.egress, { rate: { rate: '1mbit' } });
    await end();
    assert.deepEqual([(await eth0())?.egress, (await eth0())?.expiresAt], [own, null]);
  }
  await host.setImpairment(at, { egress: { delay: { mean: '30ms' } }, for: '200ms' });
  assert.equal((await eth0())?.egress?.delay?.mean, '30ms');
  await until('the lease has ended', async () => (await eth0())?.egress?.delay === undefined);
  assert.deepEqual((await eth0())?.egress, own);
});

test('round trips in a lab are measured', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, HOME);
  const [home] = await spacesOf(host, name);
  const lan = home?.interfaces.find((one) => one.name === 'lan');
  const address = lan?.addresses.find(({ family }) => family === 'ipv4')?.address ?? '';
  const id = uniqueName();
  await host.putProbe(id, { space: `lab:${name}/laptop`, address, interval: '50ms' });
  await until('an echo comes back', async () => {
    const { probes } = await host.inventory();
    return (
      probes.find((one) => one.id === id)?.samples.some(({ rttMs }) => rttMs !== null) === true
    );
  });
});

test('the same file once more changes nothing, and another file is refused', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  const [first, second] = await Promise.all([host.putLab(name, HOME), host.putLab(name, HOME)]);
  assert.deepEqual(first, second);
  const before = (await spacesOf(host, name)).map(({ inode }) => inode);
  assert.deepEqual(await host.putLab(name, HOME), first);
  await assert.rejects(host.putLab(name, { router: [{ name: 'other' }] }), {
    code: 'lab-exists',
    remedy: new RegExp(`netweir lab down ${name}`, 'u'),
  });
  assert.deepEqual(
    (await spacesOf(host, name)).map(({ inode }) => inode),
    before,
  );
});

test('a lab that is put while one of its name is taken down is a new one', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  await host.putLab(name, HOME);
  const [, lab] = await Promise.all([
    host.deleteLab(name),
    host.putLab(name, { router: [{ name: 'other' }] }),
  ]);
  assert.deepEqual(lab.nodes, ['ix', 'other']);
  assert.deepEqual(
    (await spacesOf(host, name)).map(({ id }) => id),
    ['ix', 'other', LAB_SWITCHES].map((node) => `lab:${name}/${node}`),
  );
});

test('those who watch are told of labs and of their spaces, and the snapshot has them', async (t) => {
  const host = await openDaemon(t);
  const name = uniqueName();
  const told: Change[] = [];
  const stop = await host.watch(
    (message) => message.type === 'changes' && told.push(...message.changes),
    () => undefined,
  );
  t.after(stop);
  const lab = await host.putLab(name, HOME);
  assert.deepEqual((await host.inventory()).labs, [lab]);
  await host.deleteLab(name);
  const about = told.flatMap((change) => {
    if (change.type === 'lab') return [change.lab.name];
    if (change.type === 'lab-removed') return [`-${change.name}`];
    if (change.type === 'space') return [change.space.id];
    return change.type === 'space-removed' ? [`-${change.space}`] : [];
  });
  const spaces = ['ix', 'home', 'laptop', 'phone', LAB_SWITCHES].map(
    (node) => `lab:${name}/${node}`,
  );
  assert.deepEqual(
    about.filter((one) => one.includes(name)).toSorted(),
    [...spaces.map((id) => `-${id}`), `-${name}`, ...spaces, name].toSorted(),
  );
});

test('what does not run cannot be taken down, and without a daemon there are no labs', async (t) => {
  const { open } = setStage(t);
  const host = await open('command');
  await assert.rejects(host.deleteLab('nowhere'), { code: 'no-such-lab' });
  await assert.rejects(host.putLab('demo', HOME), { code: 'daemon-unreachable' });
  assert.deepEqual(await host.labs(), []);
});
