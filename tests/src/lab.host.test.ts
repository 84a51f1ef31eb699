import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Inventory, LAB_SWITCHES, LabState, LabSummary, type Space } from '@netweir/api';
import { NetworkNamespace, setNsid } from '@netweir/kernel';
import { type Finished, netweir, start } from './support/command.ts';
import { Daemon, Site, type SiteOptions } from './support/daemon.ts';
import { until, run as witness } from './support/witness.ts';

const DEADLINE_MS = 20_000;

const FILE = `
[[router]]
name = "home"
nat = "home"

[[router]]
name = "cafe"

[device.laptop.eth0]
gateway = "home"

[device.phone.wlan0]
gateway = "cafe"
`;

const NODES = ['cafe', 'home', 'ix', 'laptop', 'phone'];

interface Stage {
  readonly site: Site;
  readonly file: string;
  run(...args: string[]): Promise<Finished>;
  /** The nodes of the lab that are spaces. */
  spaces(): Promise<Space[]>;
}

function setStage(t: TestContext, options?: SiteOptions): Stage {
  const site = new Site(options);
  t.after(() => site[Symbol.dispose]());
  const file = join(site.directory, 'demo.toml');
  writeFileSync(file, FILE);
  const run = (...args: string[]) => netweir(site, ...args);
  return {
    site,
    file,
    run,
    spaces: async () => {
      const { stdout } = await run('ls', '--json');
      return Inventory.parse(JSON.parse(stdout)).spaces.filter(({ kind }) => kind === 'lab');
    },
  };
}

async function startDaemon(t: TestContext, { site }: Stage): Promise<Daemon> {
  const daemon = await Daemon.start(site);
  t.after(() => daemon[Symbol.asyncDispose]());
  return daemon;
}

/** Tells when namespaces are gone for good: an id keeps nothing alive, and goes with its namespace. */
function observe(t: TestContext, spaces: readonly Space[]): { untilGone: () => Promise<void> } {
  const observer = NetworkNamespace.anonymous();
  t.after(() => observer.close());
  using socket = observer.netlink();
  for (const [id, { path = '' }] of spaces.entries()) {
    using namespace = NetworkNamespace.openPath(path);
    socket.request(setNsid(namespace.fd, id));
  }
  const ids = (): string[] =>
    observer.run<string[]>(() => witness('ip', 'netns', 'list-id').match(/^nsid/gmu) ?? []);
  assert.equal(ids().length, spaces.length);
  const areGone = (): boolean => ids().length === 0;
  return { untilGone: () => until('all of its namespaces are gone', DEADLINE_MS, areGone) };
}

function ok({ code, stdout, stderr }: Finished): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

test('a lab that the daemon keeps is a part of the host, until it is taken down', async (t) => {
  const stage = setStage(t);
  await startDaemon(t, stage);
  const { run, file } = stage;
  const summary = LabSummary.parse(
    JSON.parse(ok(await run('lab', 'up', file, '--detach', '--json'))),
  );
  assert.deepEqual(summary.nodes.toSorted(), NODES);
  assert.match(ok(await run('lab', 'ls')), /^demo +ix home cafe laptop phone /mu);

  const spaces = await stage.spaces();
  assert.deepEqual(
    spaces.map(({ id }) => id),
    [...NODES, LAB_SWITCHES].map((node) => `lab:demo/${node}`),
  );
  for (const { id, interfaces } of spaces) {
    const links = JSON.parse(ok(await run('exec', id, '--', 'ip', '-j', 'addr'))) as {
      ifname: string;
      addr_info: { local: string }[];
    }[];
    assert.deepEqual(
      interfaces.map(({ name, addresses }) => [name, addresses.map(({ address }) => address)]),
      links.map(({ ifname, addr_info }) => [ifname, addr_info.map(({ local }) => local)]),
    );
  }

  assert.equal((await run('lab', 'exec', 'demo/laptop', '--', 'sh', '-c', 'exit 7')).code, 7);
  const state = LabState.parse(JSON.parse(ok(await run('lab', 'show', 'demo', '--json'))));
  const phone = state.devices.find(({ name }) => name === 'phone')?.ipv4 ?? '';
  const ping = (): Promise<Finished> =>
    run('lab', 'exec', 'demo/laptop', '--', 'ping', '-nc4', '-i0.1', '-W2', phone);
  assert.match(ok(await ping()), / 0% packet loss/u);

  const byName = await run('lab', 'exec', 'demo/laptop', '--', 'ping', '-c1', '-W2', 'phone');
  assert.match(ok(byName), new RegExp(`^PING phone.* \\(${phone}\\)`, 'u'));
  const hosts = ok(await run('exec', 'lab:demo/home', '--', 'cat', '/etc/hosts'));
  assert.match(hosts, new RegExp(`^${phone}\\tphone$`, 'mu'));
  assert.notEqual(readFileSync('/etc/hosts', 'utf8'), hosts);

  assert.match(ok(await run('lab', 'graph', 'demo')), /"laptop<br\/>[\d.]+"/u);
  assert.match(ok(await run('lab', 'graph', 'demo', '--format', 'svg')), /^<svg .*laptop/su);
  assert.equal((await run('lab', 'up', file, '--detach')).code, 0, 'the same once more');
  writeFileSync(file, `${FILE}\n[device.tablet.wlan0]\ngateway = "cafe"\n`);
  const { code, stderr } = await run('lab', 'up', file, '--detach');
  assert.equal(code, 1);
  assert.match(stderr, /another file\n.*netweir lab down demo/u);

  const observed = observe(t, spaces);
  ok(await run('lab', 'down', 'demo'));
  assert.deepEqual(await stage.spaces(), []);
  assert.equal(ok(await run('lab', 'ls')), 'no labs\n');
  await observed.untilGone();
});

test('a running lab is changed by lab set, and its interfaces by set, as ping and tc see', async (t) => {
  const stage = setStage(t);
  await startDaemon(t, stage);
  const { run, file } = stage;
  ok(await run('lab', 'up', file, '--detach'));
  const rtt = async (): Promise<number> => {
    const command = ['ping', '-nqc6', '-i0.1', '-W2', '198.18.0.1'];
    const text = ok(await run('lab', 'exec', 'demo/phone', '--', ...command));
    return Number(/= ([\d.]+)\//u.exec(text)?.[1]);
  };
  const set = async (...flags: string[]): Promise<string> =>
    ok(await run('lab', 'set', 'demo/phone/wlan0', ...flags));
  assert.match(await set('--delay', '30ms'), /^demo\/phone\/wlan0: condition-changed /u);
  const both = await rtt();
  assert.ok(both >= 60 && both < 90, `${both} ms`);
  ok(await run('set', 'lab:demo/phone/wlan0', '--delay', '100ms', '--for', '5m'));
  const over = await rtt();
  assert.ok(over >= 130 && over < 170, `${over} ms`);
  ok(await run('clear', 'lab:demo/phone/wlan0'));
  const again = await rtt();
  assert.ok(again >= 60 && again < 90, `${again} ms`);
  await set('--condition', 'none');
  assert.ok((await rtt()) < 30);

  await set('--down');
  const links = ok(await run('lab', 'exec', 'demo/phone', '--', 'ip', '-br', 'link'));
  assert.match(links, /^wlan0\S* +DOWN/mu);
  await set('--up');
  assert.ok((await rtt()) < 30);

  const tc = async (): Promise<{ kind: string; options?: { rate?: number } }[]> =>
    JSON.parse(ok(await run('exec', 'lab:demo/laptop', '--', 'tc', '-j', 'qdisc', 'show')));
  ok(await run('lab', 'set', 'demo/laptop/eth0', '--rate', '8mbit', '--egress'));
  assert.ok((await tc()).some(({ kind, options }) => kind === 'tbf' && options?.rate === 1e6));
  ok(await run('lab', 'set', 'demo/home', '--nat', 'none', '--firewall', 'block-inbound'));
  assert.match(ok(await run('lab', 'show', 'demo')), /^home {2}router: firewall block-inbound$/mu);
});

test('a lab without --detach ends with its command, or with lab down', async (t) => {
  const stage = setStage(t);
  await startDaemon(t, stage);
  const { site, run, file } = stage;
  for (const end of ['SIGINT', 'lab down'] as const) {
    const up = start(site, 'lab', 'up', file);
    await until('it is up', DEADLINE_MS, async () => (await stage.spaces()).length > 0);
    const observed = observe(t, await stage.spaces());
    if (end === 'SIGINT') up.signal(end);
    else ok(await run('lab', 'down', 'demo'));
    ok(await up.finished);
    assert.deepEqual(await stage.spaces(), []);
    await observed.untilGone();
  }
});

test('without a daemon lab up is one, with the lab, and both end together', async (t) => {
  const stage = setStage(t);
  const { site, run, file } = stage;
  const detached = await run('lab', 'up', file, '--detach');
  assert.equal(detached.code, 1);
  assert.match(detached.stderr, /none runs\n.*netweir up/u);
  const plan = ok(await run('lab', 'up', file, '--dry-run'));
  assert.match(plan, /^lab demo\nrouter home to ix \(nat home\)\n/u);

  const up = start(site, 'lab', 'up', file, '--port', '0');
  await until('it is up', DEADLINE_MS, async () => (await stage.spaces()).length > 0);
  const observed = observe(t, await stage.spaces());
  assert.match(ok(await run('lab', 'ls')), /^demo /mu);
  up.signal('SIGINT');
  assert.match(ok(await up.finished), /^page +http.*\nsocket +/mu);
  assert.deepEqual(await stage.spaces(), []);
  await observed.untilGone();
});

test('a lab file that is wrong is refused with its lines, and a daemon that it was to start ends', async (t) => {
  const { run, file } = setStage(t);
  writeFileSync(file, '[[router]]\nname = "home"\nupstream = "nowhere"\n');
  const { code, stderr } = await run('lab', 'up', file, '--port', '0');
  assert.equal(code, 2);
  assert.match(stderr, /demo\.toml:3: router\.0\.upstream: there is no router nowhere/u);
});

test('nothing of a lab is left where its daemon is killed', async (t) => {
  const stage = setStage(t);
  const daemon = await startDaemon(t, stage);
  const { run, file, site } = stage;
  ok(await run('lab', 'up', file, '--detach'));
  const observed = observe(t, await stage.spaces());
  ok(await run('set', 'lab:demo/laptop/eth0', '--delay', '20ms'));
  const program = site.spawn([
    'lab',
    'exec',
    'demo/laptop',
    '--',
    'sh',
    '-c',
    'echo; exec sleep 120',
  ]);
  const ended = once(program, 'exit');
  if (program.stdout) await once(program.stdout, 'data');
  await daemon.kill();
  // It is the command's, as of any exec, and not the daemon's.
  program.kill('SIGTERM');
  await ended;
  await observed.untilGone();
  await using next = await Daemon.start(site);
  assert.deepEqual(await next.netweir.labs(), []);
  assert.deepEqual((await next.netweir.restore()).failed, []);
});

test('the daemon keeps labs without a child process', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-trace-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const trace = join(directory, 'trace');
  const calls = 'execve,execveat,fork,vfork,clone,clone3';
  const options = ['-D', '-f', '-q', '-s', '300', '-A', '-o', trace, '-e', `trace=${calls}`];
  const stage = setStage(t, { wrapper: ['strace', ...options] });
  const daemon = await Daemon.start(stage.site);
  t.after(() => daemon[Symbol.asyncDispose]());
  const { netweir: client } = daemon;
  await client.putLab('demo', {
    router: [{ name: 'home', nat: 'home', conditions: 'wifi' }],
    device: { laptop: { eth0: { gateway: 'home' } } },
  });
  await client.changeLab('demo', { type: 'nat', node: 'home', nat: 'cgnat' });
  await client.setImpairment(
    { space: 'lab:demo/laptop', interface: 'eth0' },
    { egress: { delay: { mean: '5ms' } } },
  );
  assert.notEqual((await client.labNamespaces('demo', 'laptop')).mount, null);
  await client.deleteLab('demo');
  assert.equal(await daemon.stop(), 0);
  const end = new RegExp(`^${daemon.pid} .*exited with 0`, 'mu');
  await until('the trace is complete', DEADLINE_MS, () => end.test(readFileSync(trace, 'utf8')));
  const lines = readFileSync(trace, 'utf8').split('\n');
  assert.equal(lines.filter((line) => line.includes(' execve')).length, 1);
  const started = lines.filter((line) => / v?fork\(| clone3?\(/u.test(line));
  assert.ok(started.length > 0, 'node starts its threads');
  assert.deepEqual(
    started.filter((line) => !line.includes('CLONE_THREAD')),
    [],
  );
});
