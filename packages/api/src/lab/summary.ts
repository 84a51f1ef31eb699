import * as z from 'zod';
import { LabName } from './name.ts';

/** A lab that the daemon keeps. */
export const LabSummary = z
  .strictObject({
    name: LabName,
    createdAt: z.iso.datetime(),
    nodes: z.array(LabName).meta({
      description: 'In the order in which they were made. Each is a space, `lab:LAB/NODE`.',
    }),
    warnings: z.array(z.string()).meta({
      description: 'What its file says without effect, or with one that may not be meant.',
    }),
  })
  .meta({ id: 'LabSummary' });
export type LabSummary = z.infer<typeof LabSummary>;
