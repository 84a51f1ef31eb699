import * as z from 'zod';

/** What can happen to a lab. */
export const LabEventKind = z.enum([
  'node-added',
  'node-removed',
  'interface-added',
  'interface-removed',
  'interface-replugged',
  'address-changed',
  'link-up',
  'link-down',
  'default-route-changed',
  'mtu-changed',
  'condition-changed',
  'nat-changed',
  'nat-v6-changed',
  'nat-flushed',
  'firewall-changed',
  'block-frag-needed-changed',
  'region-added',
  'region-link-added',
  'region-link-changed',
  'region-link-broken',
  'region-link-restored',
  'region-link-removed',
  'name-changed',
  'program-started',
  'program-ended',
  'closed',
]);
export type LabEventKind = z.infer<typeof LabEventKind>;

/** z.json() is recursive, which the OpenAPI document would show; what comes as JSON is nothing else. */
const Json = z.unknown() as z.ZodType<z.core.util.JSONType>;

/** One thing that happened to a lab. */
export const LabEvent = z
  .strictObject({
    sequence: z.int().min(1).meta({ description: 'One more than that of the event before.' }),
    at: z.iso.datetime(),
    kind: LabEventKind,
    node: z.string().nullable().meta({ description: 'To which node, or region.' }),
    interface: z.string().nullable(),
    value: Json.meta({ description: 'What is now so; null where nothing is to be said.' }),
  })
  .meta({ id: 'LabEvent' });
export type LabEvent = z.infer<typeof LabEvent>;
