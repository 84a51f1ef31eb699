import * as z from 'zod';
import { Distribution } from '../impairment/schema.ts';
import { Duration, Percent, Rate } from '../units/schema.ts';
import { eitherSpelling, table } from './file-words.ts';
import { LinkConditionName } from './link-condition.ts';

const List = z.string().max(256);
const Count = z.int().min(0).max(0xffff_ffff);

/** What one way of a link does, in the words of `netweir set`, with underscores. */
const PlainCondition = table({
  delay: Duration.optional(),
  jitter: Duration.optional(),
  delay_correlation: Percent.optional(),
  distribution: Distribution.optional(),
  loss: Percent.optional(),
  loss_correlation: Percent.optional(),
  loss_gemodel: List.optional().meta({ description: 'As `p,r,1-h,1-k`: `1%,20%`.' }),
  loss_state: List.optional().meta({ description: 'As `p13,p31,p32,p23,p14`.' }),
  duplicate: Percent.optional(),
  duplicate_correlation: Percent.optional(),
  corrupt: Percent.optional(),
  corrupt_correlation: Percent.optional(),
  reorder: Percent.optional(),
  reorder_correlation: Percent.optional(),
  reorder_gap: Count.optional(),
  rate: Rate.optional(),
  packet_overhead: z.int().optional(),
  cell_size: Count.optional(),
  cell_overhead: z.int().optional(),
  limit: Count.optional().meta({ description: 'Packets.' }),
  slot: List.optional().meta({ description: 'As `least,most`: `10ms,20ms`.' }),
  slot_distribution: List.optional(),
  slot_packets: Count.optional(),
  slot_bytes: Count.optional(),
  ecn: z.literal(true).optional(),
  seed: z.string().max(20).optional(),
});

/** A number, or the digits of one in quotes. */
const Digits = z
  .union([z.number().min(0), z.string().regex(/^(?:\d{1,15}(?:\.\d{1,15})?)?$/u)])
  .optional();

/** The same in numbers whose units are in their keys; 0 and "" are as if absent. */
const LinkLimits = table({
  rate_kbit: Digits,
  latency_ms: Digits,
  jitter_ms: Digits,
  loss_pct: Digits,
  loss_burst_pkts: Digits.meta({ description: 'Losses come in bursts of this mean length.' }),
  buffer_ms: Digits.meta({ description: 'What the queue before the rate holds.' }),
  reorder_pct: Digits,
  duplicate_pct: Digits,
  corrupt_pct: Digits,
});
export type LinkLimits = z.infer<typeof LinkLimits>;

const ConditionWord = eitherSpelling([...LinkConditionName.options, 'mobile']);

/** What one way of a link does, in a lab file. */
export const FileCondition = z
  .union([ConditionWord, PlainCondition, LinkLimits])
  .meta({ id: 'LabFileCondition' });
export type FileCondition = z.infer<typeof FileCondition>;

/** The same both ways, or each way, in a lab file. */
export const FileConditions = z
  .union([
    ConditionWord,
    PlainCondition,
    LinkLimits,
    table({ egress: FileCondition.optional(), ingress: FileCondition.optional() }),
  ])
  .meta({ id: 'LabFileConditions' });
export type FileConditions = z.infer<typeof FileConditions>;
