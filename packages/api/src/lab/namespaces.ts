import * as z from 'zod';

/** Where a program starts that is to be in a node of a lab. */
export const LabNamespaces = z
  .strictObject({
    network: z.string().meta({
      description: 'A file that leads to it, which is of the daemon.',
      examples: ['/proc/4711/fd/42'],
    }),
    mount: z.string().nullable().meta({
      description:
        "The same of one with /etc/hosts and /etc/resolv.conf of the lab's; null where the daemon may mount nothing.",
    }),
  })
  .meta({ id: 'LabNamespaces' });
export type LabNamespaces = z.infer<typeof LabNamespaces>;
