import * as z from 'zod';
import { Impairment } from './impairment/schema.ts';

const Glob = z.string().min(1).max(255);

/** What a container must have so that a rule applies: all that is given. Globs know `*` and `?`. */
export const ContainerMatch = z
  .strictObject({
    name: Glob.optional(),
    image: Glob.optional(),
    network: Glob.optional(),
    project: Glob.optional().meta({ description: 'The compose project.' }),
    service: Glob.optional().meta({ description: 'The compose service.' }),
    pod: Glob.optional().meta({ description: 'NAMESPACE/NAME of its pod.' }),
    labels: z
      .record(z.string(), Glob)
      .optional()
      .meta({ description: "Labels of the container, or of its pod, by name: the value's glob." }),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), {
    error: 'give at least one condition',
  });
export type ContainerMatch = z.infer<typeof ContainerMatch>;

/** An impairment for containers that are there, and for all that are to come. */
export const Rule = z
  .strictObject({
    match: ContainerMatch,
    interface: Glob.optional().meta({ description: 'Of which interfaces; all but lo if absent.' }),
    impairment: Impairment,
  })
  .meta({ id: 'Rule' });
export type Rule = z.infer<typeof Rule>;

export const RuleName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/u, {
  error:
    'the name of a rule is of letters, digits, "_", "." and "-", begins with a letter or a digit, and has at most 64 of them',
});

export const NamedRule = z
  .strictObject({
    name: RuleName,
    rule: Rule,
    source: z
      .enum(['config', 'api'])
      .meta({ description: "The file's rules are not changed by the API." }),
  })
  .meta({ id: 'NamedRule' });
export type NamedRule = z.infer<typeof NamedRule>;
