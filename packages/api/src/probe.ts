import * as z from 'zod';
import { parseDuration } from './units/duration.ts';
import { invalidQuantity } from './units/quantity.ts';
import { Duration, quantity } from './units/schema.ts';

/** One echo: `rttMs` is null where no answer came in time. */
export const ProbeSample = z.strictObject({
  sentAtMs: z.number().meta({ description: 'Unix time in milliseconds.' }),
  rttMs: z.number().nullable(),
});
export type ProbeSample = z.infer<typeof ProbeSample>;

const SHORTEST_INTERVAL_NS = 50_000_000;
const LONGEST_INTERVAL_NS = 60_000_000_000;

const ProbeInterval = quantity(parseInterval, 'From 50ms to 1m; 250ms if absent.', ['250ms']);

/** What to measure: round trips from a space to an address, by ICMP echo (RFC 792, RFC 4443). */
export const ProbeRequest = z
  .strictObject({
    space: z.string().max(520),
    address: z.union([z.ipv4(), z.ipv6()], { error: 'is not an IPv4 or IPv6 address' }),
    interval: ProbeInterval.optional(),
  })
  .meta({ id: 'ProbeRequest' });
export type ProbeRequest = z.infer<typeof ProbeRequest>;

/** A running measurement with its last samples, oldest first. */
export const Probe = z
  .strictObject({
    id: z.string(),
    space: z.string(),
    address: z.string(),
    interval: Duration,
    samples: z.array(ProbeSample),
  })
  .meta({ id: 'Probe' });
export type Probe = z.infer<typeof Probe>;

/** How many samples a probe keeps. */
export const PROBE_HISTORY = 240;

/** A probe's name: letters, digits, dot, dash and underscore. */
export const ProbeId = z.string().regex(/^[\w.-]{1,64}$/u);

function parseInterval(text: string): number {
  const intervalNs = parseDuration(text);
  if (intervalNs < SHORTEST_INTERVAL_NS || intervalNs > LONGEST_INTERVAL_NS) {
    throw invalidQuantity(text, 'is not from 50ms to 1m', 'Write an interval such as 250ms.');
  }
  return intervalNs;
}
