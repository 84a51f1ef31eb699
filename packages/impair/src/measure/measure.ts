import type { Comparison, Measurement, OnTheWay } from '@netweir/api';
import { type NetworkNamespace, SocketReader } from '@netweir/kernel';
import { netweirErrorOf } from '../kernel-error.ts';
import { compareRate, compareRoundTrips, compareStream } from './compare.ts';
import type { FarEnd, NearEnd } from './ends.ts';
import {
  type Direction,
  type Elements,
  elementsOn,
  expectedOn,
  explain,
  isSet,
  type Way,
} from './expectation.ts';
import { roundTripFigures } from './figures.ts';
import { type Filled, fillFrameBytes, fillWay } from './fill.ts';
import type { Circumstances } from './hints.ts';
import { type ProbePlan, planOf } from './probe-plan.ts';
import { probeHost, probeSpaces, type SpaceProbes } from './probing.ts';
import type { Packet } from './rule-choice.ts';
import { quantile } from './statistics.ts';
import { oneWayFigures } from './stream.ts';
import { worstOf } from './verdict.ts';

export interface MeasureOptions {
  readonly from: NearEnd;
  readonly to: FarEnd;
  readonly durationMs: number;
  /** Whether to fill the way for its throughput; where a rate is set on it if absent. */
  readonly throughput?: boolean | undefined;
  /** Asked before and after, for what has been counted in between. */
  readonly readWay: () => Way;
  readonly signal?: AbortSignal | undefined;
}

export type Measured = Omit<Measurement, 'from' | 'to'>;

const DIRECTIONS: readonly Direction[] = ['forward', 'backward'];

/**
 * Measures what is between two ends by packets of its own, and compares it with what is set on the way. Everything
 * it opens is closed in the end.
 *
 * @throws NetweirError `not-permitted`, or what else the kernel refuses
 */
export async function measure(options: MeasureOptions): Promise<Measured> {
  const startedAt = new Date();
  const reader = new SocketReader();
  try {
    // What comes before its thread reads would be late.
    await reader.ready;
    const { namespace } = options.to;
    const measured = namespace
      ? await measureSpaces(reader, options, { ...options.to, namespace })
      : await measureHost(reader, options);
    return {
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      ...measured,
      verdict: worstOf(measured.comparisons.map(({ verdict }) => verdict)),
    };
  } catch (error) {
    throw netweirErrorOf(error);
  } finally {
    await reader.close();
  }
}

type Part = Omit<Measured, 'startedAt' | 'durationMs' | 'verdict'>;

/** Between two ends that are both ours, each direction by itself. */
async function measureSpaces(
  reader: SocketReader,
  options: MeasureOptions,
  to: FarEnd & { readonly namespace: NetworkNamespace },
): Promise<Part> {
  const { from, durationMs, signal } = options;
  const way = options.readWay();
  const packet = packetOf(options, 'udp');
  const plan = planFor(options, elementsOn(way, packet));
  const probes = await probeSpaces({ reader, from, to, plan, durationMs, signal });
  const { near, far } = probes.ports;
  const meant = { ...packet, sourcePort: near, destinationPort: far };
  const elements = elementsOn(way, meant);
  const expected = expectedOn(elements, plan.frameBytes, plan.udpEveryMs);
  const fills = options.throughput ?? (expected.forward.isSet.rate || expected.backward.isSet.rate);
  const filled = new Map<Direction, Filled>();
  // What is lost while the way is full is no fault of the settings: it is told apart by these counters.
  const probed = options.readWay();
  if (fills) {
    const { patienceMs } = plan;
    const rest = { reader, from, to, expected, patienceMs, signal };
    for (const direction of DIRECTIONS) {
      filled.set(direction, await fillWay(direction, rest));
    }
  }
  const after = options.readWay();
  const about = { isWayKnown: way.isKnown, foreign: way.foreign, lateMs: lateOf(probes.lateMs) };
  const comparisons = isSet(elements)
    ? DIRECTIONS.filter((direction) => elements[direction].length > 0).flatMap((heading) => [
        ...compareProbes(heading, {
          elements,
          probes,
          plan,
          after: elementsOn(probed, meant),
          about,
        }),
        ...compareFilled(heading, options, elements, filled.get(heading), {
          after: elementsOn(after, meant),
          about,
        }),
      ])
    : [];
  const figuresOf = (direction: Direction): Part['forward'] => {
    const one = filled.get(direction);
    return oneWayFigures(probes[direction], {
      udpBitPerSec: one ? Math.round(one.udp.bitPerSec) : null,
      tcpBitPerSec: one?.tcpBitPerSec ? Math.round(one.tcpBitPerSec) : null,
    });
  };
  return {
    roundTrip: {
      udp: roundTripFigures(probes.udp),
      icmp: roundTripFigures(probes.icmp),
      tcp: roundTripFigures(probes.tcp),
    },
    forward: figuresOf('forward'),
    backward: figuresOf('backward'),
    way: onTheWay(elements, elementsOn(after, meant)),
    wayKnown: way.isKnown,
    comparisons,
  };
}

interface Compare {
  readonly after: Elements;
  readonly about: Omit<Circumstances, 'elements' | 'after' | 'offeredBitPerSec'>;
}

function compareProbes(
  heading: Direction,
  {
    elements,
    probes,
    plan,
    after,
    about,
  }: Compare & {
    readonly elements: Elements;
    readonly probes: SpaceProbes;
    readonly plan: ProbePlan;
  },
): Comparison[] {
  const expected = expectedOn(elements, plan.frameBytes, plan.udpEveryMs)[heading];
  const visible = plan.payloadBytes / plan.frameBytes;
  const compared = compareStream({ heading, by: 'udp' }, expected, probes[heading], visible);
  return explain(compared, elements[heading], after[heading], about);
}

function compareFilled(
  heading: Direction,
  { to }: MeasureOptions,
  elements: Elements,
  filled: Filled | undefined,
  { after, about }: Compare,
): Comparison[] {
  const probed = expectedOn(elements, 1, 1)[heading];
  if (!filled || !probed.isSet.rate) return [];
  const frameBytes = fillFrameBytes(to.address, probed.narrowestBitPerSec);
  const { rateBitPerSec } = expectedOn(elements, frameBytes, 1)[heading];
  const { udp } = filled;
  const compared = compareRate({ heading, by: 'udp' }, rateBitPerSec, udp);
  const { offeredBitPerSec } = udp;
  return explain([compared], elements[heading], after[heading], { ...about, offeredBitPerSec });
}

/** From a space to any other host, whose answers tell of both directions together. */
async function measureHost(reader: SocketReader, options: MeasureOptions): Promise<Part> {
  const { from, to, durationMs, signal } = options;
  const way = options.readWay();
  const icmp = packetOf(options, 'icmp');
  const plan = planFor(options, elementsOn(way, icmp));
  const probes = await probeHost({ reader, from, to, plan, durationMs, signal });
  const after = options.readWay();
  const about = { isWayKnown: way.isKnown, foreign: way.foreign, lateMs: lateOf(probes.lateMs) };
  const kinds = [
    { by: 'icmp', packet: icmp, roundTrips: probes.icmp },
    ...(probes.tcp
      ? ([{ by: 'tcp', packet: packetOf(options, 'tcp'), roundTrips: probes.tcp }] as const)
      : []),
  ] as const;
  const comparisons = kinds.flatMap(({ by, packet, roundTrips }) => {
    const elements = elementsOn(way, packet);
    if (!isSet(elements)) return [];
    const { forward, backward } = expectedOn(elements, plan.frameBytes, plan.echoEveryMs);
    const compared = compareRoundTrips(
      { heading: 'round-trip', by },
      [forward, backward],
      roundTrips,
    );
    return explain(
      compared,
      [...elements.forward, ...elements.backward],
      both(elementsOn(after, packet)),
      about,
    );
  });
  return {
    roundTrip: {
      udp: null,
      icmp: roundTripFigures(probes.icmp),
      tcp: probes.tcp ? roundTripFigures(probes.tcp) : null,
    },
    forward: null,
    backward: null,
    way: onTheWay(elementsOn(way, icmp), elementsOn(after, icmp)),
    wayKnown: way.isKnown,
    comparisons,
  };
}

function packetOf({ from, to }: MeasureOptions, protocol: Packet['protocol']): Packet {
  return { source: from.address, destination: to.address, protocol, destinationPort: to.port };
}

function planFor({ to }: MeasureOptions, elements: Elements): ProbePlan {
  const { forward, backward } = expectedOn(elements, SMALL_FRAME_BYTES, 1);
  const isDamaged = forward.isSet.corrupt || backward.isSet.corrupt;
  return planOf(to.address, isDamaged, [forward, backward]);
}

/** Before the size of packets is known. */
const SMALL_FRAME_BYTES = 128;

function lateOf(lateMs: readonly number[]): number {
  return (
    quantile(
      lateMs.toSorted((a, b) => a - b),
      0.99,
    ) || 0
  );
}

function both({ forward, backward }: Elements): Elements['forward'] {
  return [...forward, ...backward];
}

function onTheWay(before: Elements, after: Elements): OnTheWay[] {
  return DIRECTIONS.flatMap((heading) =>
    before[heading].map(({ passage, set, mechanism, counters }, index) => {
      const { space, interface: name } = passage.report;
      const later = after[heading][index]?.counters;
      const dropped = later && counters ? later.droppedPackets - counters.droppedPackets : null;
      return {
        heading,
        space,
        interface: name,
        direction: passage.direction,
        mechanism,
        set,
        droppedPackets: dropped === null ? null : Math.max(0, dropped),
      };
    }),
  );
}
