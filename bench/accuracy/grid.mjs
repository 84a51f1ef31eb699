/** Measures the grid with each engine, each way, of an interface and through its rules, by turns. */
import { probeAbilities } from '@netweir/impair';
import { netemDistribution } from '@netweir/kernel';
import { Datagrams } from '../support/datagrams.mjs';
import { openImpairer } from '../support/impairer.mjs';
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
const DENSE = { host: 10_000, uml: 3000, qemu: 1000 };

const WAYS = ['egress', 'ingress'];
/** Whom a rule before the one that is measured means: nobody. */
const NOBODY = '192.0.2.1';

/** Also through rules, which take the same mechanisms. */
const inRules = (feature) => ({ ...feature, inRules: true });

const FULL = [
  inRules(delays([0.5, 1, 10, 100, 1000], 6)),
  inRules(jitter('normal')),
  ...['uniform', 'pareto', 'paretonormal'].map((name) => jitter(name)),
  inRules(loss(10, 20_000)),
  loss(0.1, 60_000),
  ...[1, 50].map((percent) => loss(percent, 20_000)),
  inRules(bursts({ p: 1, r: 20 }, 40_000)),
  duplicate(1, 20_000),
  inRules(duplicate(10, 20_000)),
  inRules(corrupt(5, 20_000)),
  inRules(reorder(25, 1, 0.25, 3000)),
  reorder(50, 5, 1 / 6, 3000),
  inRules(slowRate(64)),
  rate(1, 'udp'),
  inRules(rate(10, 'udp')),
  rate(100, 'tcp'),
  rate(1000, 'tcp'),
];

/** What an emulated processor manages in a quarter of an hour. */
const EMULATED = [
  inRules(delays([10], 6)),
  inRules(jitter('normal', { packets: 1000 })),
  inRules(loss(10, 5000)),
  inRules(bursts({ p: 1, r: 20 }, 10_000)),
  inRules(duplicate(10, 5000)),
  inRules(corrupt(5, 5000)),
  inRules(reorder(25, 1, 0.25, 1000)),
  inRules(slowRate(64, { packets: 60 })),
  inRules(rate(1, 'udp')),
  inRules(rate(10, 'udp')),
];

const QUICK = [
  inRules(delays([1, 100], 3)),
  jitter('normal', { packets: 1000 }),
  inRules(loss(10, 10_000)),
  bursts({ p: 1, r: 20 }, 20_000),
  duplicate(10, 10_000),
  corrupt(5, 10_000),
  reorder(25, 1, 0.25, 1000),
  slowRate(64, { packets: 60 }),
  inRules(rate(10, 'udp')),
];

const GRIDS = { host: FULL, uml: FULL, qemu: EMULATED };

/**
 * Every figure with `feature`, `set`, `engine`, `way` and `rule`. `where` is host, uml or qemu; the kernel's engine is
 * measured where there is netem. With `only`, the features of that name alone.
 */
export async function measureGrid({ where, only, quick = false, onRow = () => {} }) {
  const features = (quick ? QUICK : GRIDS[where]).filter(
    ({ feature }) => only === undefined || feature === only,
  );
  const abilities = probeAbilities();
  const wire = new Wire();
  const own = openImpairer(abilities);
  const bench = await openBench(wire);
  const contextOf = ({ engine, way, rule }) => ({
    ...bench.of(way),
    rates: { dense: DENSE[where] },
    impair: (direction) => {
      const what = rule ? throughRule(wire, way, direction) : { [way]: direction };
      own.impairer.apply(wire.at, { ...what, engine }, undefined);
    },
    clear: () => own.impairer.clear(wire.at),
  });
  const rows = [];
  try {
    for (const feature of features) {
      for (const row of await measureFeature(
        feature,
        contendersFor(feature, abilities),
        contextOf,
      )) {
        rows.push(row);
        onRow(row);
      }
    }
  } finally {
    await bench.close();
    await own.close();
    await wire.close();
  }
  return rows;
}

function contendersFor({ feature, inRules = false }, { netem, duplicateBesideOthers }) {
  return (netem ? ['kernel', 'userspace'] : ['userspace']).flatMap((engine) => {
    const refused = engine === 'kernel' && feature === 'duplicate' && !duplicateBesideOthers;
    const rules = inRules && !refused ? [false, true] : [false];
    return rules.flatMap((rule) => WAYS.map((way) => ({ engine, way, rule })));
  });
}

/** A rule for the other end, behind one for somebody else, with nothing for what no rule takes. */
function throughRule(wire, way, direction) {
  const remote = Object.values(wire.address.far);
  const nothing = { loss: { model: 'random', probability: '100%' } };
  return {
    rules: [
      { match: { remote: [NOBODY] }, [way]: nothing },
      { match: { remote }, [way]: direction },
    ],
  };
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
