/** Measures the grid with each engine by turns. */
import { netemDistribution } from '@netweir/kernel';
import { Datagrams } from '../support/datagrams.mjs';
import { Shell } from '../support/shell.mjs';
import { UdpStream } from '../support/udp-stream.mjs';
import { Wire } from '../support/wire.mjs';
import {
  bursts,
  corrupt,
  delays,
  duplicate,
  jitter,
  loss,
  rate,
  reorder,
  slowRate,
} from './features.mjs';
import { mean, meanInterval } from './statistics.mjs';

const NETEM_DIST_SCALE = 8192;
const UNIFORM_POINTS = 4096;
/** What a slow machine's processes receive without losing any. */
const DENSE = { host: 10_000, vm: 3000 };

const FULL = [
  delays([0.5, 1, 10, 100, 1000], 6),
  ...['uniform', 'normal', 'pareto', 'paretonormal'].map((name) => jitter(name)),
  loss(0.1, 60_000),
  ...[1, 10, 50].map((percent) => loss(percent, 20_000)),
  bursts({ p: 1, r: 20 }, 40_000),
  duplicate(1, 20_000),
  duplicate(10, 20_000),
  corrupt(5, 20_000),
  reorder(25, 1, 0.25, 3000),
  reorder(50, 5, 1 / 6, 3000),
  slowRate(64),
  rate(1, 'udp'),
  rate(10, 'udp'),
  rate(100, 'tcp'),
  rate(1000, 'tcp'),
];

const QUICK = [
  delays([1, 100], 3),
  jitter('normal', { packets: 1000 }),
  loss(10, 10_000),
  bursts({ p: 1, r: 20 }, 20_000),
  duplicate(10, 10_000),
  corrupt(5, 10_000),
  reorder(25, 1, 0.25, 1000),
  slowRate(64, { packets: 60 }),
  rate(10, 'udp'),
];

/** Every figure with `feature`, `set`, `engine` and `way`. `where` is host or vm, the latter with both engines. */
export async function measureGrid({ where, quick = false, onRow = () => {} }) {
  const wire = new Wire();
  const contenders = [
    ...(where === 'vm' ? [{ engine: 'kernel', way: 'egress' }] : []),
    ...['egress', 'ingress'].map((way) => ({ engine: 'userspace', way })),
  ];
  const bench = await openBench(wire);
  const rows = [];
  try {
    for (const feature of quick ? QUICK : FULL) {
      for (const row of await measureFeature(feature, contenders, (contender) => ({
        ...bench.of(contender.way),
        rates: { dense: DENSE[where] },
        impair: (direction) => wire.impair(contender.engine, contender.way, direction),
        clear: () => wire.clear(),
      }))) {
        rows.push(row);
        onRow(row);
      }
    }
  } finally {
    await bench.close();
    await wire.close();
  }
  return rows;
}

/** What measures, at both ends of a wire. */
async function openBench(wire) {
  const datagrams = {
    egress: new Datagrams(wire, 'egress'),
    ingress: new Datagrams(wire, 'ingress'),
  };
  const near = new Shell(wire.near);
  const far = new Shell(wire.far);
  const udpStream = new UdpStream();
  for (const each of Object.values(datagrams)) await warmUp(each);
  return {
    of: (way) => ({
      ...{ wire, udpStream, datagrams: datagrams[way], ends: wire.ends(way) },
      shells: { near, from: way === 'egress' ? near : far, to: way === 'egress' ? far : near },
    }),
    close: async () => {
      await Promise.all([...Object.values(datagrams), near, far].map((each) => each.close()));
      udpStream.close();
    },
  };
}

/** The contenders by turns, in each of the feature's rounds. */
async function measureFeature({ feature, set, rounds = 1, measure }, contenders, contextOf) {
  const figures = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const context = contextOf(contender);
      figures[index].push(await measure(context));
      context.clear();
    }
  }
  return contenders.flatMap((contender, index) =>
    overRounds(figures[index]).map((figure) => ({ feature, set, ...contender, ...figure })),
  );
}

/** The figures of several rounds as their mean, and what chance may have to do with it. */
function overRounds([first, ...others]) {
  if (others.length === 0) return first;
  return first.map((figure, index) => {
    const values = [figure, ...others.map((round) => round[index])].map((one) => one.achieved);
    return { ...figure, achieved: mean(values), resolution: meanInterval(values) };
  });
}

/** The delays, in ms, that a distribution's table holds, each as often as the others. */
export function modelDelays(distribution) {
  const { meanMs, jitterMs } = jitter(distribution);
  const deviations =
    distribution === 'uniform'
      ? Array.from({ length: UNIFORM_POINTS }, (_, at) => (2 * at + 1) / UNIFORM_POINTS - 1)
      : Array.from(netemDistribution(distribution), (entry) => entry / NETEM_DIST_SCALE);
  return deviations.map((deviation) => Math.max(0, meanMs + deviation * jitterMs));
}

async function warmUp(datagrams) {
  await datagrams.open();
  await datagrams.stream({ count: 3000, perSecond: 3000, bytes: 64 });
}
