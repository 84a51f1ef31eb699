import * as z from 'zod';

/** What netweir last left on an interface, as short as it takes to see that somebody has changed it. */
export const Seen = z.strictObject({
  /** The root qdisc's tree; absent where it is not ours. */
  qdiscs: z.string().optional(),
  classes: z.string().optional(),
  filters: z.string().optional(),
  /** Our filters on clsact. */
  hooks: z.string().optional(),
  /** The tree of the ifb through which it receives. */
  ifb: z.string().optional(),
});
export type Seen = z.infer<typeof Seen>;
