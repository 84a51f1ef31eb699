import * as z from 'zod';
import { Duration } from './units/schema.ts';

/** One echo: `rttMs` is null where no answer came in time. */
export const ProbeSample = z.strictObject({
  sentAtMs: z.number().meta({ description: 'Unix time in milliseconds.' }),
  rttMs: z.number().nullable(),
});
export type ProbeSample = z.infer<typeof ProbeSample>;

/** What to measure: round trips from a space to an address, by ICMP echo (RFC 792, RFC 4443). */
export const ProbeRequest = z
  .strictObject({
    space: z.string().max(300),
    address: z.union([z.ipv4(), z.ipv6()]),
    interval: Duration.optional().meta({ description: 'From 50ms to 1m; 250ms if absent.' }),
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
