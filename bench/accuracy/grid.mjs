/** Measures the grid with each engine by turns. */
import { netemDistribution } from '@netweir/kernel';
import { Datagrams } from '../support/datagrams.mjs';
import { Wire } from '../support/wire.mjs';
import {
  bursts,
  corrupt,
  delay,
  duplicate,
  jitter,
  loss,
  pingedDelay,
  rate,
  reorder,
  slowRate,
} from './features.mjs';

const NETEM_DIST_SCALE = 8192;
const UNIFORM_POINTS = 4096;
/** What a slow machine's processes receive without losing any. */
const DENSE = { host: 10_000, vm: 3000 };

const FULL = [
  ...[0.5, 1, 10, 100, 1000].flatMap((ms) => [delay(ms), pingedDelay(ms)]),
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
  ...[1, 100].map((ms) => delay(ms, { packets: 200 })),
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
  const streams = {
    egress: new Datagrams(wire, 'egress'),
    ingress: new Datagrams(wire, 'ingress'),
  };
  const rows = [];
  try {
    for (const datagrams of Object.values(streams)) await warmUp(datagrams);
    for (const { feature, set, measure } of quick ? QUICK : FULL) {
      for (const { engine, way } of contenders) {
        const figures = await measure({
          ...{ wire, datagrams: streams[way], ends: wire.ends(way) },
          rates: { dense: DENSE[where] },
          impair: (direction) => wire.impair(engine, way, direction),
          clear: () => wire.clear(),
        });
        wire.clear();
        for (const figure of figures) {
          const row = { feature, set, engine, way, ...figure };
          rows.push(row);
          onRow(row);
        }
      }
    }
  } finally {
    await Promise.all(Object.values(streams).map((datagrams) => datagrams.close()));
    await wire.close();
  }
  return rows;
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
