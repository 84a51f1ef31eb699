import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import {
  type Capabilities,
  type Direction,
  type Impairment,
  isNetweirError,
  type Netweir,
} from '@netweir/api';
import { Daemon, Site } from './daemon.ts';
import { linkState, TestNamespace, tcState } from './witness.ts';

const RATES = ['1mbit', '64kbit', '250mbit', '3.5gbit'];

/** Qdiscs and filters that people have; each command line is one of tc's. */
const ORIGINALS: readonly { name: string; commands: readonly string[]; needs?: 'netem' }[] = [
  { name: 'plain', commands: [] },
  { name: 'pfifo', commands: ['qdisc add dev DEV root handle 7: pfifo limit 77'] },
  {
    name: 'tbf',
    commands: ['qdisc add dev DEV root handle 8: tbf rate 20mbit burst 40kb latency 50ms'],
  },
  {
    name: 'htb',
    commands: [
      'qdisc add dev DEV root handle 1: htb default 20 r2q 10',
      'class add dev DEV parent 1: classid 1:1 htb rate 50mbit quantum 6000',
      'class add dev DEV parent 1:1 classid 1:10 htb rate 10mbit ceil 20mbit prio 2 quantum 6000',
      'class add dev DEV parent 1:1 classid 1:20 htb rate 30mbit quantum 6000',
      'qdisc add dev DEV parent 1:20 handle 20: pfifo limit 50',
    ],
  },
  {
    name: 'clsact',
    commands: [
      'qdisc add dev DEV clsact',
      'filter add dev DEV egress protocol ip prio 1 u32 match ip dst 10.9.9.9/32 flowid 1:1',
    ],
  },
  {
    name: 'fqc',
    commands: [
      'qdisc add dev DEV root handle 9: fq_codel limit 900 target 7ms interval 90ms noecn',
    ],
    needs: 'netem',
  },
  {
    name: 'prio',
    commands: [
      'qdisc add dev DEV root handle 3: prio bands 4',
      'qdisc add dev DEV parent 3:2 handle 32: sfq perturb 10',
    ],
    needs: 'netem',
  },
  {
    name: 'netem',
    commands: ['qdisc add dev DEV root handle 5: netem delay 3ms loss 1%'],
    needs: 'netem',
  },
];

/**
 * Interfaces with every kind of original, changed at random while the daemon is killed at random
 * moments: after the next start each must have its original again, as tc tells it.
 */
export async function crashAndRecover(options: { changes: number; kills: number }): Promise<void> {
  // Nobody but the next daemon is to put things back.
  using site = new Site({ config: { guardian: false } });
  using namespace = new TestNamespace('crash');
  const capabilities = await capabilitiesOf(site);
  const originals = ORIGINALS.filter(({ needs }) => needs === undefined || capabilities.netem);
  for (const { name, commands } of originals) {
    namespace.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-p`);
    namespace.ip('link', 'set', name, 'up');
    for (const command of commands) namespace.tc(...command.replace('DEV', name).split(' '));
  }
  const names = originals.map(({ name }) => name);
  const state = (): string[] => [
    ...names.map((name) => tcState(namespace.name, name)),
    linkState(namespace.name),
  ];
  const before = state();
  let leftBehind = 0;
  const changesPerKill = Math.ceil(options.changes / options.kills);
  for (let kill = 0; kill < options.kills; kill++) {
    const daemon = await Daemon.start(site);
    assert.deepEqual(state(), before, `after start ${kill + 1}`);
    const done = await changeUntilKilled(
      daemon,
      namespace.space,
      names,
      capabilities,
      changesPerKill,
    );
    assert.ok(done > 0, 'no change came through before the kill');
    if (!isDeepStrictEqual(state(), before)) leftBehind++;
  }
  assert.ok(leftBehind > 0, 'no kill left anything behind, so that nothing was proved');
  const last = await Daemon.start(site);
  assert.deepEqual(state(), before, 'after the last start');
  assert.equal(await last.stop(), 0);
  assert.deepEqual(state(), before, 'after the clean end');
}

async function capabilitiesOf(site: Site): Promise<Capabilities> {
  await using daemon = await Daemon.start(site);
  return daemon.netweir.capabilities();
}

/** Sends all changes at once; when a random one of them is done the kill falls among the others. */
async function changeUntilKilled(
  daemon: Daemon,
  space: string,
  names: readonly string[],
  capabilities: Capabilities,
  changes: number,
): Promise<number> {
  const pending = Array.from({ length: changes }, () =>
    changeOnce(daemon.netweir, { space, interface: pick(names) }, capabilities),
  );
  await pick(pending);
  await daemon.kill();
  return (await Promise.all(pending)).filter(Boolean).length;
}

async function changeOnce(
  netweir: Netweir,
  ref: { space: string; interface: string },
  capabilities: Capabilities,
): Promise<boolean> {
  try {
    if (Math.random() < 0.2) await netweir.clearImpairment(ref);
    else await netweir.setImpairment(ref, randomImpairment(capabilities));
    return true;
  } catch (error) {
    if (isNetweirError(error) && error.code === 'daemon-unreachable') return false;
    throw error;
  }
}

/** By either engine, as far as this kernel has them. */
function randomImpairment({ netem }: Capabilities): Impairment {
  const byKernel = {
    egress: netem ? randomDirection() : { rate: { rate: pick(RATES) } },
    engine: 'kernel',
  } as const;
  return pick<Impairment>([
    byKernel,
    { ...byKernel, ingress: randomDirection(), engine: 'auto' },
    { egress: randomDirection(), engine: 'userspace' },
    { ingress: randomDirection(), engine: 'userspace' },
    { egress: randomDirection(), ingress: randomDirection(), engine: 'userspace' },
  ]);
}

function randomDirection(): Direction {
  const rate = { rate: pick(RATES) };
  return pick<Direction>([
    { rate },
    { delay: { mean: '20ms', jitter: '3ms', distribution: 'normal' } },
    { loss: { model: 'gilbert-elliott', p: '1%', r: '10%' }, rate },
    { delay: { mean: '5ms' }, reorder: { probability: '25%' }, corrupt: { probability: '0.1%' } },
    { duplicate: { probability: '1%' }, slot: { minDelay: '1ms', maxDelay: '2ms' } },
  ]);
}

function pick<T>(from: readonly T[]): T {
  const found = from[Math.floor(Math.random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
