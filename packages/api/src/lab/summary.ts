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
  })
  .meta({ id: 'LabSummary' });
export type LabSummary = z.infer<typeof LabSummary>;
