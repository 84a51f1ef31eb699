import * as z from 'zod';

/** One thing that netweir needs or can use, whether it is there, and if not why and what to do. */
export const Check = z.strictObject({
  id: z.string(),
  title: z.string(),
  ok: z.boolean(),
  needed: z.boolean().meta({ description: 'False: netweir works without it, but does less.' }),
  detail: z.string(),
  remedy: z.string().optional(),
});
export type Check = z.infer<typeof Check>;

/** What this host, its kernel and the permissions of the process allow. */
export const Capabilities = z
  .strictObject({
    version: z.string(),
    kernel: z.string(),
    netem: z.boolean(),
    netemSeed: z.boolean().meta({ description: 'sch_netem takes a seed: Linux 6.6 and later.' }),
    tbf: z.boolean(),
    classifier: z
      .enum(['flower', 'u32'])
      .nullable()
      .meta({ description: 'By what the kernel puts rules in force; null if it cannot.' }),
    duplicateBesideOthers: z.boolean().meta({
      description: 'Rules may duplicate by the kernel: not so in Linux 6.16 to 7.x.',
    }),
    ifb: z.boolean().meta({ description: 'The kernel can impair what is received.' }),
    userspace: z.boolean().meta({ description: "netweir's own engine works here." }),
    checks: z.array(Check),
  })
  .meta({ id: 'Capabilities' });
export type Capabilities = z.infer<typeof Capabilities>;
