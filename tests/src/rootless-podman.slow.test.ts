import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Container, ImpairmentReport, Inventory } from '@netweir/api';
import { NETWEIR } from './support/daemon.ts';
import { type Ended, RootlessPodman } from './support/rootless-podman.ts';
import { run } from './support/witness.ts';

const NETWORK = 'net1';
const DELAY_MS = 50;
/** What an emulated machine may add to a round trip. */
const SLACK_MS = 20;

type Netweir = (...args: string[]) => Ended;

let podman: RootlessPodman;
let web: number;
let db: number;
let address: string;

const asUser: Netweir = (...args) => podman.netweir(...args);
const asRoot: Netweir = (...args) =>
  spawnSync(process.execPath, [NETWEIR, '--no-daemon', ...args], { encoding: 'utf8' });

before(async () => {
  podman = await RootlessPodman.start();
  podman.podman('network', 'create', '--internal', NETWORK);
  web = podman.startContainer('web', NETWORK);
  db = podman.startContainer('db', NETWORK);
  address = inspected('web', `.NetworkSettings.Networks.${NETWORK}.IPAddress`);
});

after(() => podman?.[Symbol.asyncDispose]());

function inspected(name: string, field: string): string {
  return podman.podman('inspect', '--format', `{{${field}}}`, name);
}

/** What is on an interface of `web`, by tc. */
function qdiscs(): { kind: string; options?: { delay?: { delay: number } } }[] {
  return JSON.parse(
    run('nsenter', '-t', `${web}`, '-n', 'tc', '-j', 'qdisc', 'show', 'dev', 'eth0'),
  );
}

/** The fastest round trip from `db` to `web`: any but the first goes without ARP. */
function roundTripMs(): number {
  const output = podman.podman('exec', 'db', 'ping', '-c', '4', '-i', '0.2', address);
  return Number(/= ([\d.]+)\//u.exec(output)?.[1]);
}

function spacesOf(finished: Ended): Inventory['spaces'] {
  assert.equal(finished.status, 0, finished.stderr);
  return (JSON.parse(finished.stdout) as Inventory).spaces;
}

/** The container that a process is in, as netweir has it, with the name of its space. */
function containerOf(finished: Ended, pid: number): Container & { space: string } {
  const spaces = spacesOf(finished);
  for (const { id, containers } of spaces) {
    const found = containers.find((container) => container.pid === pid);
    if (found) return { ...found, space: id };
  }
  assert.fail(
    `no container has the process ${pid}: ${spaces.map(({ id }) => id)} ${finished.stderr}`,
  );
}

function impairsAndClears(t: TestContext, netweir: Netweir): void {
  const before = qdiscs();
  const plainMs = roundTripMs();
  assert.ok(plainMs < SLACK_MS, `${plainMs} ms`);
  const set = netweir('set', 'podman:web/eth0', '--delay', `${DELAY_MS}ms`, '--json');
  assert.equal(set.status, 0, set.stderr);
  const [report] = JSON.parse(set.stdout) as ImpairmentReport[];
  assert.equal(report?.egressMechanism, 'netem');
  const [netem] = qdiscs();
  assert.deepEqual([netem?.kind, netem?.options?.delay?.delay], ['netem', DELAY_MS / 1000]);
  const delayedMs = roundTripMs();
  assert.ok(delayedMs >= DELAY_MS && delayedMs < DELAY_MS + SLACK_MS, `${delayedMs} ms`);
  const clear = netweir('clear', 'podman:web/eth0');
  assert.equal(clear.status, 0, clear.stderr);
  assert.deepEqual(qdiscs(), before);
  const clearedMs = roundTripMs();
  assert.ok(clearedMs < SLACK_MS, `${clearedMs} ms`);
  t.diagnostic(`round trips: ${plainMs} ms, delayed ${delayedMs} ms, cleared ${clearedMs} ms`);
}

test('without the socket of Podman, its containers are shown by their ids', () => {
  const finished = asUser('ls', '--json');
  const { runtime, id, rootless, space } = containerOf(finished, web);
  assert.equal(id, inspected('web', '.Id'));
  assert.deepEqual([runtime, rootless], ['podman', true]);
  assert.equal(space, `podman:${id.slice(0, 12)}`);
  assert.ok(!spacesOf(finished).some(({ kind }) => kind === 'host'), finished.stdout);
  assert.match(finished.stderr, /^netweir: .* the host's own interfaces .* need root\n$/u);
});

describe('with the socket of Podman', () => {
  before(() => podman.serve());

  for (const [who, netweir] of [
    ['the user', asUser],
    ['root', asRoot],
  ] as const) {
    test(`to ${who} containers are shown as Podman has them`, () => {
      const finished = netweir('ls', '--json');
      for (const [name, pid] of [
        ['web', web],
        ['db', db],
      ] as const) {
        const { space, id, rootless, networks } = containerOf(finished, pid);
        assert.equal(space, `podman:${name}`);
        assert.equal(id, inspected(name, '.Id'));
        assert.equal(rootless, true);
        const [network] = networks;
        assert.equal(
          network?.mac,
          inspected(name, `.NetworkSettings.Networks.${NETWORK}.MacAddress`),
        );
        assert.deepEqual([network.name, network.internal], [NETWORK, true]);
      }
    });

    test(`${who} delays a container, and clears it`, (t) => impairsAndClears(t, netweir));

    test(`a command of ${who} runs in a container`, () => {
      const finished = netweir('exec', 'podman:web', '--', 'ip', '-br', 'address');
      assert.equal(finished.status, 0, finished.stderr);
      assert.match(finished.stdout, new RegExp(`^eth0@\\S+ +UP +${address}/24 `, 'mu'));
    });
  }
});
