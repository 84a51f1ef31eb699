import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import type { ImpairmentReport, Inventory } from '@netweir/api';
import { netweir, start } from './support/command.ts';
import { Daemon, NETWEIR, Site } from './support/daemon.ts';
import { TestNamespace, tcState, until } from './support/witness.ts';

let namespace: TestNamespace;
let target: string;
let original: string;

before(() => {
  namespace = new TestNamespace('cmd');
  namespace.ip('link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
  for (const name of ['a0', 'a1']) namespace.ip('link', 'set', name, 'up');
  namespace.ip('addr', 'add', '10.1.0.1/24', 'dev', 'a0');
  namespace.tc('qdisc', 'add', 'dev', 'a0', 'root', 'handle', '7:', 'pfifo', 'limit', '77');
  target = `${namespace.space}/a0`;
  original = tcState(namespace.name, 'a0');
});

after(() => namespace[Symbol.dispose]());

const state = (): string => tcState(namespace.name, 'a0');

/** Broadcast echo requests, which nobody answers: ping ends with 1 for that. */
function sendPackets(count: number): void {
  const ping = `ping -b -c ${count} -i 0.2 -W 1 -I a0 10.1.0.255 || true`;
  namespace.exec('sh', '-c', ping);
}

function rateOf(): number {
  const [root] = JSON.parse(namespace.tc('-j', 'qdisc', 'show', 'dev', 'a0')) as {
    kind: string;
    options: { rate?: number };
  }[];
  return root?.kind === 'tbf' ? (root.options.rate ?? 0) * 8 : 0;
}

for (const withDaemon of [true, false]) {
  describe(withDaemon ? 'the command with a daemon' : 'the command without a daemon', () => {
    let site: Site;
    let daemon: Daemon | undefined;

    before(async () => {
      site = new Site();
      daemon = withDaemon ? await Daemon.start(site) : undefined;
    });

    after(async () => {
      await daemon?.stop();
      site[Symbol.dispose]();
      assert.equal(state(), original);
    });

    test('set puts a rate on, as tc sees it, and clear puts the original back', async () => {
      const set = await netweir(site, 'set', target, '--rate', '8mbit', '--json');
      assert.equal(set.code, 0, set.stderr);
      const [report] = JSON.parse(set.stdout) as ImpairmentReport[];
      assert.deepEqual(report?.egress, { rate: { rate: '8mbit' } });
      assert.equal(report?.original, 'pfifo 7:');
      assert.equal(rateOf(), 8_000_000);
      assert.match((await netweir(site, 'show', target)).stdout, /8mbit/u);
      assert.equal((await netweir(site, 'clear', target)).code, 0);
      assert.equal(state(), original);
    });

    test('set replaces in place: the qdisc keeps its handle and its counters', async () => {
      await netweir(site, 'set', target, '--rate', '8mbit');
      sendPackets(3);
      const sent = (): number =>
        (
          JSON.parse(namespace.tc('-j', '-s', 'qdisc', 'show', 'dev', 'a0')) as {
            packets: number;
          }[]
        )[0]?.packets ?? 0;
      const before = sent();
      assert.ok(before > 0);
      await netweir(site, 'set', target, '--rate', '9mbit');
      assert.equal(rateOf(), 9_000_000);
      assert.ok(sent() >= before);
      await netweir(site, 'clear', target);
    });

    test('set --for restores by itself at its end', async () => {
      const began = Date.now();
      const running = start(site, 'set', target, '--rate', '5mbit', '--for', '1500ms');
      await until('the rate is on', 5000, () => rateOf() === 5_000_000);
      await until('the original is back', 6000, () => state() === original);
      assert.ok(Date.now() - began >= 1500, 'it was put back too early');
      assert.equal((await running.finished).code, 0);
    });

    test('link takes an interface down and up, as ip sees it', async () => {
      const flags = (): string[] =>
        (JSON.parse(namespace.ip('-j', 'link', 'show', 'a1')) as { flags: string[] }[])[0]?.flags ??
        [];
      const peer = `${namespace.space}/a1`;
      assert.equal((await netweir(site, 'link', 'down', peer)).code, 0);
      assert.equal(flags().includes('UP'), false);
      assert.equal((await netweir(site, 'link', 'up', peer)).code, 0);
      assert.equal(flags().includes('UP'), true);
    });

    test('ls lists the interfaces that ip lists', async () => {
      const { stdout, code } = await netweir(site, 'ls', '--json');
      assert.equal(code, 0);
      const inventory = JSON.parse(stdout) as Inventory;
      const space = inventory.spaces.find(({ id }) => id === namespace.space);
      const links = JSON.parse(namespace.ip('-j', 'link')) as {
        ifname: string;
        mtu: number;
        address: string;
      }[];
      assert.deepEqual(
        space?.interfaces.map(({ name, mtu, mac }) => [name, mtu, mac]),
        links.map(({ ifname, mtu, address }) => [ifname, mtu, address]),
      );
    });

    test('ls tells the counters as they are now', async () => {
      const packets = (): number =>
        (
          JSON.parse(namespace.ip('-j', '-s', 'link', 'show', 'a1')) as {
            stats64: { rx: { packets: number } };
          }[]
        )[0]?.stats64.rx.packets ?? 0;
      const before = packets();
      sendPackets(2);
      await until('the packets arrived', 2000, () => packets() >= before + 2);
      const inventory = JSON.parse((await netweir(site, 'ls', '--json')).stdout) as Inventory;
      const found = inventory.spaces
        .find(({ id }) => id === namespace.space)
        ?.interfaces.find(({ name }) => name === 'a1');
      assert.ok((found?.counters.rxPackets ?? 0) >= before + 2, JSON.stringify(found?.counters));
    });

    test('restore puts back everything that was set', async () => {
      await netweir(site, 'set', target, `${namespace.space}/a1`, '--rate', '3mbit');
      assert.equal(rateOf(), 3_000_000);
      const restored = await netweir(site, 'restore', '--json');
      assert.equal(restored.code, 0, restored.stderr);
      assert.equal((JSON.parse(restored.stdout) as { restored: unknown[] }).restored.length, 2);
      assert.equal(state(), original);
    });

    test('doctor says what works here and what to do about the rest', async () => {
      const { stdout, code } = await netweir(site, 'doctor');
      assert.equal(code, 0);
      assert.match(stdout, /CAP_NET_ADMIN/u);
      assert.match(stdout, /sch_netem/u);
    });
  });
}

test('an ordinary user is told which namespaces cannot be read', () => {
  using site = new Site();
  const command = ['--reuid=65534', '--clear-groups', process.execPath, NETWEIR, 'ls', 'host'];
  const { status, stderr, stdout } = spawnSync('setpriv', command, {
    env: {
      ...site.environment,
      NETWEIR_STATE: '/nonexistent',
      NETWEIR_SOCKET: '/nonexistent',
      NETWEIR_CONFIG: '',
    },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^host$/mu);
  assert.match(stderr, new RegExp(`namespace ${namespace.name} cannot be read: .*EPERM`, 'u'));
});

describe('the daemon', () => {
  test('puts back what it set when it ends cleanly', async () => {
    using site = new Site();
    const daemon = await Daemon.start(site);
    await netweir(site, 'set', target, '--rate', '4mbit');
    assert.equal(rateOf(), 4_000_000);
    assert.equal(await daemon.stop(), 0);
    assert.equal(state(), original);
  });

  test('leaves alone what a command set without it, and ends its lease', async () => {
    using site = new Site();
    await netweir(site, 'set', target, '--rate', '4mbit');
    await using daemon = await Daemon.start(site);
    assert.equal(rateOf(), 4_000_000);
    await daemon.netweir.setImpairment(
      { space: namespace.space, interface: 'a0' },
      { egress: { rate: { rate: '6mbit' } }, for: '300ms' },
    );
    await until('the lease ended', 5000, () => state() === original);
  });

  test('is alone: a second one is refused and disturbs nothing', async () => {
    using site = new Site();
    await using _daemon = await Daemon.start(site);
    await netweir(site, 'set', target, '--rate', '4mbit');
    const second = await netweir(site, 'up', '--port', '0');
    assert.equal(second.code, 1);
    assert.match(second.stderr, /already/u);
    assert.equal(rateOf(), 4_000_000);
  });
});
