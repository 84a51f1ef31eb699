import * as z from 'zod';

/** The name of a lab or of one of its nodes: one label of a domain name (RFC 1123). */
export const LabName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/iu,
    'is not 1 to 63 letters, digits and hyphens, with no hyphen at either end',
  );
export type LabName = z.infer<typeof LabName>;
