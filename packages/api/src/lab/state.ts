import * as z from 'zod';
import { Address, Counters } from '../inventory.ts';
import { Firewall } from './firewall.ts';
import { LinkCondition } from './link-condition.ts';
import { Nat, NatV6 } from './nat.ts';
import { IpSupport } from './router.ts';

/** An interface of a node, as the kernel has it. */
export const LabInterface = z
  .strictObject({
    name: z.string(),
    ifindex: z.int(),
    up: z.boolean().meta({ description: 'IFF_UP: administratively up.' }),
    carrier: z.boolean().meta({ description: 'IFF_LOWER_UP: the other end is up too.' }),
    mtu: z.int(),
    mac: z.string().nullable(),
    addresses: z.array(Address),
    to: z.string().nullable().meta({
      description: 'The node that it leads to; null where it is the network that a router serves.',
    }),
    egress: LinkCondition.nullable().meta({ description: 'What is done to what it sends.' }),
    ingress: LinkCondition.nullable().meta({ description: 'What is done to what it receives.' }),
    counters: Counters.optional().meta({ description: 'Where they were asked for.' }),
  })
  .meta({ id: 'LabInterface' });
export type LabInterface = z.infer<typeof LabInterface>;

/** A prefix of each family, or null where it has none. */
const Prefixes = { ipv4: z.string().nullable(), ipv6: z.string().nullable() };

/** Where routers without an upstream meet. */
export const LabExchange = z
  .strictObject({ name: z.string(), interfaces: z.array(LabInterface) })
  .meta({ id: 'LabExchange' });
export type LabExchange = z.infer<typeof LabExchange>;

export const LabRouter = z
  .strictObject({
    name: z.string(),
    upstream: z.string().meta({ description: 'The node that its uplink leads to.' }),
    region: z.string().nullable(),
    ip: IpSupport,
    nat: Nat,
    natV6: NatV6,
    firewall: Firewall,
    blockFragNeeded: z.boolean().meta({ description: 'Senders are not told of a smaller MTU.' }),
    downlink: z.strictObject(Prefixes).meta({ description: 'The network that it serves.' }),
    interfaces: z.array(LabInterface),
  })
  .meta({ id: 'LabRouter' });
export type LabRouter = z.infer<typeof LabRouter>;

export const LabDevice = z
  .strictObject({
    name: z.string(),
    defaultInterface: z
      .string()
      .nullable()
      .meta({ description: 'What its default routes lead through now.' }),
    ipv4: z.string().nullable().meta({ description: 'Of that interface.' }),
    ipv6: z.string().nullable(),
    interfaces: z.array(LabInterface),
  })
  .meta({ id: 'LabDevice' });
export type LabDevice = z.infer<typeof LabDevice>;

/** A part of the world with a backbone of its own. */
export const LabRegion = z
  .strictObject({
    name: z.string(),
    node: z.string().meta({ description: 'The node that is its backbone.' }),
    ...Prefixes,
    interfaces: z.array(LabInterface),
  })
  .meta({ id: 'LabRegion' });
export type LabRegion = z.infer<typeof LabRegion>;

/** A link between the backbones of two regions. */
export const LabRegionLink = z
  .strictObject({
    between: z.tuple([z.string(), z.string()]),
    egress: LinkCondition.nullable().meta({ description: 'From the first to the second.' }),
    ingress: LinkCondition.nullable().meta({ description: 'From the second to the first.' }),
    broken: z.enum(['reroute', 'blackhole']).nullable().meta({
      description:
        'How it is broken: packets take another way, or are lost; null while it is whole.',
    }),
  })
  .meta({ id: 'LabRegionLink' });
export type LabRegionLink = z.infer<typeof LabRegionLink>;

/** A lab at one moment, as the kernel has it. */
export const LabState = z
  .strictObject({
    name: z.string(),
    sequence: z.int().min(0).meta({
      description: 'That of the last event before: what later ones tell is not in here.',
    }),
    exchange: LabExchange,
    regions: z.array(LabRegion),
    regionLinks: z.array(LabRegionLink),
    routers: z.array(LabRouter),
    devices: z.array(LabDevice),
  })
  .meta({ id: 'LabState' });
export type LabState = z.infer<typeof LabState>;
