import * as z from 'zod';
import { Duration, Percent, Rate } from '../units/schema.ts';
import { TrafficMatch } from './traffic.ts';

/** Shapes that jitter and slots may follow; `uniform` is the kernel's own without a table. */
export const Distribution = z.enum(['uniform', 'normal', 'pareto', 'paretonormal']);
export type Distribution = z.infer<typeof Distribution>;

const Delay = z
  .strictObject({
    mean: Duration,
    jitter: Duration.optional(),
    correlation: Percent.optional(),
    distribution: Distribution.optional(),
    reorder: z.enum(['natural', 'none']).optional().meta({
      description:
        'With a jitter: whether a packet that waits less than the one before it overtakes it (`natural`, if absent) or leaves right behind it.',
    }),
  })
  .meta({ description: 'Every packet waits `mean`, give or take `jitter`.' });

const Loss = z
  .discriminatedUnion('model', [
    z.strictObject({
      model: z.literal('random'),
      probability: Percent,
      correlation: Percent.optional(),
    }),
    z.strictObject({
      model: z.literal('gilbert-elliott'),
      p: Percent.meta({ description: 'From the good state to the bad one.' }),
      r: Percent.optional().meta({
        description: 'From the bad state to the good one; 100% - p if absent.',
      }),
      lossInBad: Percent.optional().meta({ description: "tc's 1-h; 100% if absent." }),
      lossInGood: Percent.optional().meta({ description: "tc's 1-k; 0% if absent." }),
    }),
    z.strictObject({
      model: z.literal('state'),
      p13: Percent.meta({ description: 'From good (1) to lost in a burst (3).' }),
      p31: Percent.optional().meta({ description: '100% - p13 if absent.' }),
      p32: Percent.optional().meta({ description: '0% if absent.' }),
      p23: Percent.optional().meta({ description: '100% if absent.' }),
      p14: Percent.optional().meta({ description: 'An isolated loss (4); 0% if absent.' }),
    }),
  ])
  .meta({ description: 'Which packets are lost.' });

const Correlated = z.strictObject({ probability: Percent, correlation: Percent.optional() });

const Reorder = z
  .strictObject({
    probability: Percent,
    correlation: Percent.optional(),
    gap: z.int().min(1).max(0xffff_ffff).optional(),
  })
  .meta({
    description: 'Every `gap`th packet jumps the delay with this probability; needs a delay.',
  });

const RateLimit = z.strictObject({
  rate: Rate,
  packetOverheadBytes: z.int().min(-0x8000_0000).max(0x7fff_ffff).optional(),
  cellBytes: z.int().min(0).max(0xffff_ffff).optional(),
  cellOverheadBytes: z.int().min(-0x8000_0000).max(0x7fff_ffff).optional(),
});

const slotLimits = {
  maxPackets: z.int().min(0).max(0x7fff_ffff).optional(),
  maxBytes: z.int().min(0).max(0x7fff_ffff).optional(),
};

const Slot = z
  .union([
    z.strictObject({ minDelay: Duration, maxDelay: Duration.optional(), ...slotLimits }),
    z.strictObject({
      distribution: Distribution,
      delay: Duration,
      jitter: Duration,
      ...slotLimits,
    }),
  ])
  .meta({ description: 'Packets leave in bursts, as on a medium that must be waited for.' });

/** What happens to the packets of one direction. Absent means untouched. */
export const Direction = z
  .strictObject({
    delay: Delay.optional(),
    loss: Loss.optional(),
    duplicate: Correlated.optional(),
    corrupt: Correlated.optional(),
    reorder: Reorder.optional(),
    rate: RateLimit.optional(),
    limitPackets: z
      .int()
      .min(1)
      .max(0xffff_ffff)
      .optional()
      .meta({ description: 'Packets that the queue holds; from delay and rate if absent.' }),
    slot: Slot.optional(),
    ecn: z
      .boolean()
      .optional()
      .meta({ description: 'Mark instead of drop where the packet allows.' }),
    seed: z
      .string()
      .regex(/^\d{1,20}$/u, { abort: true })
      .refine((text) => BigInt(text) <= 0xffff_ffff_ffff_ffffn, 'is above 2^64 - 1')
      .optional()
      .meta({ description: 'A 64-bit number: the same seed gives the same fates.' }),
  })
  .meta({ id: 'Direction' });
export type Direction = z.infer<typeof Direction>;

/**
 * What happens to part of an interface's traffic instead of what happens to the rest. In a direction that a
 * rule says nothing of, it is as if the rule were not there.
 */
export const TrafficRule = z
  .strictObject({
    match: TrafficMatch,
    egress: Direction.optional().meta({ description: 'Of those packets, what is sent.' }),
    ingress: Direction.optional().meta({ description: 'Of those packets, what is received.' }),
    exclude: z
      .literal(true)
      .optional()
      .meta({ description: 'Those packets pass untouched, both ways.' }),
  })
  .refine(
    ({ egress, ingress, exclude }) =>
      exclude ? !(egress || ingress) : egress !== undefined || ingress !== undefined,
    { error: 'give egress, ingress or both, or exclude alone' },
  )
  .meta({ id: 'TrafficRule' });
export type TrafficRule = z.infer<typeof TrafficRule>;

/** More than ever were asked for, and few enough to be asked about for each packet. */
const MAX_RULES = 1000;

/**
 * Who does it: the kernel's qdiscs, or netweir's own engine, which needs no kernel module. `auto` is
 * the kernel where it can do what is asked.
 */
export const EngineChoice = z.enum(['auto', 'kernel', 'userspace']);
export type EngineChoice = z.infer<typeof EngineChoice>;

/** A connection by which somebody reaches this host, and which the guard keeps open. */
export const Caller = z.strictObject({
  client: z.union([z.ipv4(), z.ipv6()]).meta({ description: 'Where they are.' }),
  server: z.union([z.ipv4(), z.ipv6()]).meta({ description: 'The address of this host.' }),
  port: z.int().min(1).max(65_535).meta({ description: 'The port of this host.' }),
});
export type Caller = z.infer<typeof Caller>;

/** What is asked for one interface. */
export const Impairment = z
  .strictObject({
    egress: Direction.optional().meta({ description: 'What the interface sends.' }),
    ingress: Direction.optional().meta({ description: 'What it receives.' }),
    rules: z
      .array(TrafficRule)
      .max(MAX_RULES)
      .refine(hasDistinctMatches, { error: 'two rules have the same match' })
      .optional()
      .meta({ description: 'Asked in this order; the first that a packet matches is the one.' }),
    engine: EngineChoice.optional().meta({ description: '`auto` if absent.' }),
    replace: z.boolean().optional().meta({
      description:
        'Go on even where what is there now could not be put back as it is; what is lost by that is told by restore.',
    }),
    for: Duration.optional().meta({ description: 'Restore by itself after this time.' }),
    guard: z.enum(['auto', 'provisional', 'off']).optional().meta({
      description:
        'On the interface that carries the caller: `auto` (if absent) lets the connection pass untouched and, where that cannot be done, is `provisional`: what was there before comes back after 30 s unless the change is confirmed.',
    }),
    callers: z.array(Caller).max(16).optional().meta({
      description: 'Whom the guard keeps connected, besides who sends this by TCP.',
    }),
    persist: z.boolean().optional().meta({
      description:
        'Stay when the daemon ends, and be taken over by the next one; only what the kernel does can.',
    }),
  })
  .refine(
    ({ egress, ingress, rules }) =>
      egress !== undefined || ingress !== undefined || rules?.some(({ exclude }) => !exclude),
    { error: 'give egress, ingress, or a rule with one of them' },
  )
  .meta({ id: 'Impairment' });
export type Impairment = z.infer<typeof Impairment>;

function hasDistinctMatches(rules: readonly TrafficRule[]): boolean {
  return new Set(rules.map(({ match }) => JSON.stringify(match))).size === rules.length;
}

/** What a direction's mechanism has done since it was put there. */
const MechanismCounters = z.strictObject({
  sentBytes: z.int(),
  sentPackets: z.int(),
  droppedPackets: z.int(),
  queuedPackets: z.int(),
  queuedBytes: z.int(),
});
export type MechanismCounters = z.infer<typeof MechanismCounters>;

/** What does it: a qdisc of the kernel's, or the userspace engine. */
export const Mechanism = z.enum(['netem', 'tbf', 'userspace']);
export type Mechanism = z.infer<typeof Mechanism>;

/** A rule in force. */
export const TrafficRuleReport = z.strictObject({
  match: TrafficMatch,
  addresses: z
    .array(z.string())
    .optional()
    .meta({ description: 'Where the match has host names: what they are looked up to.' }),
  egress: Direction.nullable(),
  ingress: Direction.nullable(),
  exclude: z.boolean(),
  egressCounters: MechanismCounters.nullable(),
  ingressCounters: MechanismCounters.nullable(),
});
export type TrafficRuleReport = z.infer<typeof TrafficRuleReport>;

/** What an interface does to its packets now, as the kernel says. */
export const ImpairmentReport = z
  .strictObject({
    space: z.string(),
    interface: z.string(),
    ifindex: z.int(),
    egress: Direction.nullable().meta({
      description: 'What is in force on what it sends; null if netweir does nothing there.',
    }),
    ingress: Direction.nullable().meta({ description: 'The same for what it receives.' }),
    rules: z.array(TrafficRuleReport),
    guarded: z.array(TrafficMatch).meta({
      description: 'What the guard lets pass untouched, before all rules.',
    }),
    provisionalUntil: z.iso.datetime().nullable().meta({
      description: 'When what was there before comes back, unless the change is confirmed.',
    }),
    egressMechanism: Mechanism.nullable(),
    ingressMechanism: Mechanism.nullable(),
    ingressAt: z.strictObject({ space: z.string(), interface: z.string() }).optional().meta({
      description:
        'The other end of its veth, where that does it: what it sends is what this one receives.',
    }),
    original: z
      .string()
      .nullable()
      .meta({ description: 'The root qdisc that clearing puts back, or that was never touched.' }),
    expiresAt: z.iso.datetime().nullable(),
    owner: z.enum(['daemon', 'command']).nullable(),
    persist: z.boolean().meta({ description: 'Whether it outlives the process that made it.' }),
    changedElsewhere: z
      .string()
      .nullable()
      .meta({ description: 'What somebody else has changed since at what netweir set there.' }),
    egressCounters: MechanismCounters.nullable(),
    ingressCounters: MechanismCounters.nullable(),
  })
  .meta({ id: 'ImpairmentReport' });
export type ImpairmentReport = z.infer<typeof ImpairmentReport>;
