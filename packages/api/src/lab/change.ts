import * as z from 'zod';
import { Firewall } from './firewall.ts';
import { LinkConditions } from './link-condition.ts';
import { LabName } from './name.ts';
import { Nat, NatV6 } from './nat.ts';

const Mtu = z.int().min(68).max(65_535).meta({ description: 'Bytes; at least 1280 with IPv6.' });
const InterfaceName = z.string().min(1).max(15);
const Node = { node: LabName };
const Interface = { ...Node, interface: InterfaceName };
const Router = { ...Node, to: LabName.meta({ description: 'A router.' }) };

const Between = {
  between: z.tuple([LabName, LabName]).meta({
    description: 'Two regions; conditions are as seen from the first.',
  }),
};

/** One change of a running lab: each does what a method of the library does. */
export const LabChange = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('link'), ...Interface, state: z.enum(['up', 'down']) }),
    z.strictObject({
      type: z.literal('conditions'),
      ...Interface,
      conditions: LinkConditions.nullable().meta({ description: 'null: none any more.' }),
    }),
    z.strictObject({ type: z.literal('mtu'), ...Interface, mtu: Mtu }),
    z.strictObject({ type: z.literal('default-route'), ...Interface }),
    z.strictObject({ type: z.literal('replug'), ...Interface, to: LabName }),
    z.strictObject({ type: z.literal('renew-address'), ...Interface }),
    z.strictObject({ type: z.literal('add-address'), ...Interface, address: z.string().max(64) }),
    z.strictObject({
      type: z.literal('remove-address'),
      ...Interface,
      address: z.string().max(64),
    }),
    z.strictObject({
      type: z.literal('add-interface'),
      ...Interface,
      to: LabName,
      conditions: LinkConditions.optional(),
      mtu: Mtu.optional(),
    }),
    z.strictObject({ type: z.literal('remove-interface'), ...Interface }),
    z.strictObject({ type: z.literal('uplink'), ...Router }),
    z.strictObject({ type: z.literal('nat'), ...Node, nat: Nat }),
    z.strictObject({ type: z.literal('nat-v6'), ...Node, natV6: NatV6 }),
    z.strictObject({ type: z.literal('flush-nat'), ...Node }),
    z.strictObject({ type: z.literal('firewall'), ...Node, firewall: Firewall }),
    z.strictObject({ type: z.literal('block-frag-needed'), ...Node, block: z.boolean() }),
    z.strictObject({ type: z.literal('remove-node'), ...Node }),
    z.strictObject({
      type: z.literal('link-regions'),
      ...Between,
      conditions: LinkConditions.optional(),
    }),
    z.strictObject({
      type: z.literal('region-link-conditions'),
      ...Between,
      conditions: LinkConditions.nullable().meta({ description: 'null: none any more.' }),
    }),
    z.strictObject({
      type: z.literal('break-region-link'),
      ...Between,
      mode: z.enum(['reroute', 'blackhole']).optional().meta({
        description: '`reroute` if absent: packets take another way; or they are lost.',
      }),
    }),
    z.strictObject({ type: z.literal('restore-region-link'), ...Between }),
    z.strictObject({ type: z.literal('unlink-regions'), ...Between }),
  ])
  .meta({ id: 'LabChange' });
export type LabChange = z.infer<typeof LabChange>;
