import { spawnSync } from 'node:child_process';
import type { Direction, Impairment, TrafficRule } from '@netweir/api';
import { linkState, type TestNamespace, until } from './witness.ts';

const PORTS = ['80', '443', '5000-5999', '9000'];
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

/** What this kernel can do, as far as originals and changes depend on it. */
interface Kernel {
  readonly netem: boolean;
}

/** Makes an interface with each kind of original, and waits until `stateOf` stays as it is; gives their names. */
export async function makeOriginals(
  namespace: TestNamespace,
  { netem }: Kernel,
): Promise<string[]> {
  const originals = ORIGINALS.filter(({ needs }) => needs === undefined || netem);
  for (const { name, commands } of originals) {
    namespace.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-p`);
    namespace.ip('link', 'set', name, 'up');
    for (const command of commands) namespace.tc(...command.replace('DEV', name).split(' '));
  }
  // The kernel tells a moment later that their other ends are down.
  await until(
    'the links have settled',
    5000,
    () => !/state UNKNOWN/u.test(linkState(namespace.name)),
  );
  return originals.map(({ name }) => name);
}

/** All that tc and ip tell of a namespace, and of these interfaces, without statistics. */
export function stateOf(namespace: TestNamespace, names: readonly string[]): string[] {
  const shown = names.flatMap((name) => [
    `class show dev ${name}`,
    `filter show dev ${name}`,
    `filter show dev ${name} ingress`,
    `filter show dev ${name} egress`,
  ]);
  // Where there is no clsact its filters are an error, which is one before and afterwards.
  const { stdout, stderr } = spawnSync('tc', ['-n', namespace.name, '-force', '-batch', '-'], {
    input: ['qdisc show', ...shown, ''].join('\n'),
    encoding: 'utf8',
  });
  return [...stdout.split('\n'), ...stderr.split('\n'), linkState(namespace.name)];
}

/** By either engine, as far as this kernel has them. */
export function randomImpairment(kernel: Kernel): Impairment {
  const byKernel = { egress: directionOfKernel(kernel), engine: 'kernel' } as const;
  return pick<Impairment>([
    byKernel,
    { ingress: directionOfKernel(kernel), engine: 'kernel' },
    { ...byKernel, ingress: directionOfKernel(kernel) },
    { egress: directionOfRule(kernel), engine: 'kernel', rules: randomRules(kernel) },
    { engine: 'kernel', ingress: directionOfRule(kernel), rules: randomRules(kernel) },
    { ...byKernel, ingress: randomDirection(), engine: 'auto' },
    { egress: randomDirection(), engine: 'userspace' },
    { ingress: randomDirection(), engine: 'userspace' },
    { egress: randomDirection(), ingress: randomDirection(), engine: 'userspace' },
  ]);
}

/** Some with the same matches as others have, so that a change keeps, adds and removes some. */
function randomRules(kernel: Kernel): TrafficRule[] {
  return PORTS.filter(() => Math.random() < 0.5).map((port): TrafficRule => {
    const match: TrafficRule['match'] = { protocol: 'tcp', remotePorts: [port] };
    return pick<TrafficRule>([
      { match, egress: directionOfRule(kernel) },
      {
        match,
        egress: directionOfRule(kernel),
        ingress: directionOfRule(kernel),
      },
      { match, exclude: true },
    ]);
  });
}

/** No duplication, which some kernels refuse where there is another netem. */
function directionOfRule(kernel: Kernel): Direction {
  const { duplicate: _, ...direction } = directionOfKernel(kernel);
  return direction;
}

function directionOfKernel({ netem }: Kernel): Direction {
  return netem ? randomDirection() : { rate: { rate: pick(RATES) } };
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

export function pick<T>(from: readonly T[]): T {
  const found = from[Math.floor(Math.random() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
