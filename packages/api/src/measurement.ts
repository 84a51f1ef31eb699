import * as z from 'zod';
import { Direction, Mechanism } from './impairment/schema.ts';
import { parseDuration } from './units/duration.ts';
import { invalidQuantity } from './units/quantity.ts';
import { quantity } from './units/schema.ts';

const SHORTEST_NS = 1_000_000_000;
const LONGEST_NS = 60_000_000_000;

const MeasuringTime = quantity(parseMeasuringTime, 'From 1s to 1m; 5s if absent.', ['5s']);

const End = z.strictObject({
  space: z.string().max(520),
  interface: z.string().max(15).optional(),
});

const Host = z.strictObject({
  host: z
    .string()
    .min(1)
    .max(253)
    .regex(/^[\w.:-]+$/u, 'is no address and no host name')
    .meta({ description: 'An address, or a name, which is looked up as this host does.' }),
  port: z.int().min(1).max(0xffff).optional().meta({
    description: 'For TCP connections; without it there is ICMP echo alone.',
  }),
});

/** What to measure: what lies between two spaces, or between a space and any other host. */
export const MeasurementRequest = z
  .strictObject({
    from: End.meta({ description: 'With an interface, packets leave by it.' }),
    to: z.union([End, Host]),
    duration: MeasuringTime.optional(),
    throughput: z.boolean().optional().meta({
      description:
        'Measure throughput, which fills the way for a second each time; if absent, only where a rate is set on it.',
    }),
  })
  .meta({ id: 'MeasurementRequest' });
export type MeasurementRequest = z.infer<typeof MeasurementRequest>;

/** How long something took, over all packets that came, in milliseconds. */
export const DelayFigures = z
  .strictObject({
    samples: z.int(),
    minMs: z.number(),
    medianMs: z.number(),
    meanMs: z.number(),
    p99Ms: z.number(),
    maxMs: z.number(),
    jitterMs: z.number().meta({ description: 'The standard deviation.' }),
  })
  .meta({ id: 'DelayFigures' });
export type DelayFigures = z.infer<typeof DelayFigures>;

/** Round trips: of UDP both ways of packets that left at the same time, of TCP until a connection stands. */
export const RoundTripFigures = z
  .strictObject({ sent: z.int(), received: z.int(), delay: DelayFigures.nullable() })
  .meta({ id: 'RoundTripFigures' });
export type RoundTripFigures = z.infer<typeof RoundTripFigures>;

/** What one direction did to UDP packets of ours; numbers of packets that were sent. */
export const OneWayFigures = z
  .strictObject({
    sent: z.int(),
    received: z.int().meta({ description: 'Of those that were sent: copies do not count.' }),
    lost: z.int(),
    duplicated: z.int().meta({ description: 'That came more than once.' }),
    reordered: z.int().meta({ description: 'That came before one that was sent earlier.' }),
    corrupted: z.int().meta({ description: 'That came with other content.' }),
    delay: DelayFigures.nullable(),
    udpBitPerSec: z.int().nullable().meta({
      description: 'Throughput with Ethernet, IP and UDP headers; null if it was not measured.',
    }),
    tcpBitPerSec: z.int().nullable().meta({ description: 'Throughput of data without headers.' }),
  })
  .meta({ id: 'OneWayFigures' });
export type OneWayFigures = z.infer<typeof OneWayFigures>;

/** Forward is from FROM to TO. */
export const Heading = z.enum(['forward', 'backward', 'round-trip']);
export type Heading = z.infer<typeof Heading>;

/** Something that is set on the way of the packets. */
export const OnTheWay = z
  .strictObject({
    heading: z.enum(['forward', 'backward']),
    space: z.string(),
    interface: z.string(),
    direction: z.enum(['egress', 'ingress']),
    mechanism: Mechanism.nullable(),
    set: Direction,
    droppedPackets: z.int().nullable().meta({
      description: 'By it during the measurement, lost packets that were asked for included.',
    }),
  })
  .meta({ id: 'OnTheWay' });
export type OnTheWay = z.infer<typeof OnTheWay>;

/** `as set` and `differs` with 99% confidence; `unclear` where there is not enough to tell by. */
export const MeasurementVerdict = z.enum(['as set', 'differs', 'unclear']);
export type MeasurementVerdict = z.infer<typeof MeasurementVerdict>;

/** What is set on the way against what was achieved. */
export const Comparison = z
  .strictObject({
    heading: Heading,
    by: z.enum(['udp', 'icmp', 'tcp']),
    quantity: z.enum(['delay', 'jitter', 'loss', 'duplicate', 'reorder', 'corrupt', 'rate']),
    unit: z.enum(['ms', '%', 'bit/s']),
    set: z.number().meta({ description: 'What everything on the way makes together.' }),
    achieved: z.number().nullable().meta({ description: 'Null where nothing came.' }),
    low: z.number().nullable().meta({ description: 'Of the 99% confidence interval.' }),
    high: z.number().nullable(),
    allowance: z.number().meta({
      description: 'By how much it may be off because of what is not set: the path, the programs.',
    }),
    samples: z.int(),
    verdict: MeasurementVerdict,
    hints: z.array(z.string()).meta({ description: 'Why it may differ, or is unclear.' }),
  })
  .meta({ id: 'Comparison' });
export type Comparison = z.infer<typeof Comparison>;

const MeasuredEnd = z.strictObject({
  space: z.string().nullable().meta({ description: 'Null for another host.' }),
  interface: z.string().nullable(),
  address: z.string(),
  port: z.int().nullable(),
});

/** What was measured between two ends, and how it compares with what is set on the way. */
export const Measurement = z
  .strictObject({
    from: MeasuredEnd,
    to: MeasuredEnd,
    startedAt: z.iso.datetime(),
    durationMs: z.int(),
    roundTrip: z.strictObject({
      udp: RoundTripFigures.nullable(),
      icmp: RoundTripFigures.nullable(),
      tcp: RoundTripFigures.nullable(),
    }),
    forward: OneWayFigures.nullable().meta({ description: 'Null where TO is another host.' }),
    backward: OneWayFigures.nullable(),
    way: z.array(OnTheWay),
    wayKnown: z.boolean().meta({
      description: 'Whether all interfaces on the way are known, so that nothing else can be set.',
    }),
    comparisons: z.array(Comparison),
    verdict: MeasurementVerdict.nullable().meta({
      description: 'The worst of the comparisons; null if nothing is set on the way.',
    }),
  })
  .meta({ id: 'Measurement' });
export type Measurement = z.infer<typeof Measurement>;

function parseMeasuringTime(text: string): number {
  const ns = parseDuration(text);
  if (ns < SHORTEST_NS || ns > LONGEST_NS) {
    throw invalidQuantity(text, 'is not from 1s to 1m', 'Write a time such as 5s.');
  }
  return ns;
}
