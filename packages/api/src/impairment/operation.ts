import * as z from 'zod';

/** One step of a change. */
export const Operation = z
  .strictObject({
    operation: z.string().meta({
      description: 'What is done, and to what.',
      examples: ['replace netem qdisc on eth0'],
    }),
    command: z.string().meta({
      description: 'The lines of tc and ip that do the same, and behind # what they cannot say.',
    }),
  })
  .meta({ id: 'Operation' });
export type Operation = z.infer<typeof Operation>;
