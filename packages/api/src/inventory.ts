import * as z from 'zod';
import { Container, RuntimeStatus } from './container.ts';
import { Direction } from './impairment/schema.ts';
import { LabSummary } from './lab/summary.ts';
import { Probe } from './probe.ts';

/** Counters of an interface since it exists (IFLA_STATS64), and when they were read. */
export const Counters = z
  .strictObject({
    atMs: z.number().meta({ description: 'When they were read: Unix time in milliseconds.' }),
    rxBytes: z.int(),
    txBytes: z.int(),
    rxPackets: z.int(),
    txPackets: z.int(),
    rxDropped: z.int(),
    txDropped: z.int(),
    rxErrors: z.int(),
    txErrors: z.int(),
  })
  .meta({ id: 'Counters' });
export type Counters = z.infer<typeof Counters>;

export const Address = z.strictObject({
  address: z.string(),
  prefixLength: z.int(),
  family: z.enum(['ipv4', 'ipv6']),
  scope: z.enum(['global', 'site', 'link', 'host', 'nowhere']),
});
export type Address = z.infer<typeof Address>;

/** One queueing discipline, by its place in the interface's tree. */
export const QdiscSummary = z.strictObject({
  kind: z.string(),
  handle: z.string().meta({ description: 'As tc prints it: `8001:`; `0:` is the kernel default.' }),
  parent: z
    .string()
    .meta({ description: '`root`, `ingress`, `clsact`, or a class such as `1:10`.' }),
  ours: z.boolean().meta({ description: "Carries netweir's handle, major 4e57." }),
});
export type QdiscSummary = z.infer<typeof QdiscSummary>;

/** The other end of a veth pair; `space` is null where that namespace is not known here. */
export const Peer = z.strictObject({
  space: z.string().nullable(),
  interface: z.string().nullable(),
  ifindex: z.int(),
});
export type Peer = z.infer<typeof Peer>;

/** The network of a runtime that an interface belongs to, known by its MAC or IP address. */
export const InterfaceNetwork = z.strictObject({
  name: z.string(),
  driver: z.string().nullable(),
  internal: z.boolean(),
  gateways: z.array(z.string()),
});
export type InterfaceNetwork = z.infer<typeof InterfaceNetwork>;

export const Interface = z
  .strictObject({
    ifindex: z.int(),
    name: z.string(),
    kind: z.string().meta({
      description: 'veth, bridge, ifb, …; `loopback`, or `physical` where the driver names none.',
    }),
    up: z.boolean().meta({ description: 'IFF_UP: administratively up.' }),
    carrier: z.boolean().meta({ description: 'IFF_LOWER_UP: the medium is there.' }),
    operstate: z.string().meta({ description: 'RFC 2863 state.' }),
    mtu: z.int(),
    mac: z.string().nullable(),
    addresses: z.array(Address),
    master: z.string().nullable(),
    peer: Peer.nullable(),
    network: InterfaceNetwork.nullable(),
    qdiscs: z.array(QdiscSummary),
    egress: Direction.nullable().meta({
      description: 'What netweir does to what it sends, read from the kernel.',
    }),
    ingress: Direction.nullable().meta({ description: 'The same for what it receives.' }),
    trafficRules: z
      .int()
      .meta({ description: 'How many rules for part of its traffic are in force.' }),
    expiresAt: z.iso.datetime().nullable(),
    rule: z.string().nullable().meta({
      description:
        'The rule for containers that set it; `labels` where those of the container did.',
    }),
    changedElsewhere: z.string().optional().meta({
      description: 'What somebody else has changed since at what netweir set there.',
    }),
    counters: Counters,
  })
  .meta({ id: 'Interface' });
export type Interface = z.infer<typeof Interface>;

/** What a space is named after. */
export const SpaceKind = z.enum([
  'host',
  'lab',
  'docker',
  'podman',
  'pod',
  'containerd',
  'netns',
  'lxc',
  'nspawn',
  'pid',
]);
export type SpaceKind = z.infer<typeof SpaceKind>;

/** A network namespace, with all names that lead to it: `host` is the one that netweir runs in. */
export const Space = z
  .strictObject({
    id: z.string().meta({ examples: ['host', 'netns:client', 'docker:web', 'pod:shop/cart-0'] }),
    kind: SpaceKind,
    name: z.string(),
    aliases: z.array(z.string()).meta({ description: 'Other ids that mean this space.' }),
    inode: z.int(),
    command: z
      .string()
      .nullable()
      .meta({ description: 'Of `pid:N`: the command line of this process.' }),
    containers: z.array(Container).meta({ description: 'Those that live in it.' }),
    interfaces: z.array(Interface),
    path: z
      .string()
      .optional()
      .meta({
        description: 'Of a node of a lab: the file that leads to it, which is of the daemon.',
        examples: ['/proc/4711/fd/42'],
      }),
    problems: z.array(z.string()).optional().meta({
      description: 'Why a rule or the labels of its containers are not in force here.',
    }),
  })
  .meta({ id: 'Space' });
export type Space = z.infer<typeof Space>;

/** Everything that is there, at one moment. */
export const Inventory = z
  .strictObject({
    hostname: z.string(),
    kernel: z.string(),
    spaces: z.array(Space),
    unreadable: z
      .array(z.strictObject({ name: z.string(), reason: z.string() }))
      .meta({ description: 'Named namespaces that could not be opened, and so are no spaces.' }),
    runtimes: z.array(RuntimeStatus),
    stopped: z.array(Container).meta({
      description: 'Containers that do not run; empty unless they are asked for.',
    }),
    probes: z.array(Probe),
    labs: z.array(LabSummary),
  })
  .meta({ id: 'Inventory' });
export type Inventory = z.infer<typeof Inventory>;
