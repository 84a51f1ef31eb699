import * as z from 'zod';
import { Duration } from '../units/schema.ts';
import { FileCondition, FileConditions } from './file-condition.ts';
import { eitherSpelling, hint, table } from './file-words.ts';
import { FirewallName } from './firewall.ts';
import { LabName } from './name.ts';
import { NatFiltering, NatMapping, NatName, NatPorts, NatV6 } from './nat.ts';
import { AddressPool, IpSupport, RouterPreset } from './router.ts';

const Mtu = z.int().min(68).max(65_535);
const Port = z.int().min(1).max(65_535);

/** A number of seconds, or a text with its unit. */
const Seconds = z.union([z.number().positive(), Duration]);

const FileNatConfig = table({
  mapping: eitherSpelling(NatMapping.options).optional(),
  filtering: eitherSpelling(NatFiltering.options).optional(),
  ports: eitherSpelling(NatPorts.options).optional(),
  hairpin: z.boolean().optional(),
  timeouts: table({
    udp: Seconds.optional(),
    udp_stream: Seconds.optional(),
    tcp_established: Seconds.optional(),
  }).optional(),
});
export type FileNatConfig = z.infer<typeof FileNatConfig>;

const FilePortPolicy = z.union([
  eitherSpelling(['allow-all', 'block-all']),
  table({ allow: z.array(Port) }),
]);
export type FilePortPolicy = z.infer<typeof FilePortPolicy>;

const FileFirewallConfig = table({
  block_inbound: z.boolean().optional(),
  outbound_tcp: FilePortPolicy.optional(),
  outbound_udp: FilePortPolicy.optional(),
});
export type FileFirewallConfig = z.infer<typeof FileFirewallConfig>;

const FileRouter = table({
  name: LabName,
  upstream: LabName.optional().meta({ description: 'The router above; the exchange if absent.' }),
  region: LabName.optional(),
  preset: eitherSpelling(RouterPreset.options).optional().meta({
    description: 'What the keys beside it do not say otherwise.',
  }),
  addresses: AddressPool.optional().meta({
    description: 'Where the addresses of its network are from.',
  }),
  downlink: z
    .string()
    .max(64)
    .optional()
    .meta({
      description: 'An IPv4 prefix for its network in place of the pool.',
      examples: ['172.20.0.0/16'],
    }),
  ip_support: eitherSpelling(IpSupport.options).optional().meta({
    description: '`dual-stack` if absent.',
  }),
  nat: z
    .union([eitherSpelling(NatName.options), FileNatConfig, table({ custom: FileNatConfig })])
    .optional(),
  nat_v6: eitherSpelling(NatV6.options).optional(),
  firewall: z
    .union([
      eitherSpelling(FirewallName.options),
      FileFirewallConfig,
      table({ custom: FileFirewallConfig }),
    ])
    .optional(),
  mtu: Mtu.optional(),
  block_frag_needed: z.boolean().optional().meta({
    description: 'Senders are not told of a smaller MTU: a black hole.',
  }),
  conditions: FileConditions.optional().meta({ description: 'Of its uplink.' }),
  downlink_conditions: FileConditions.optional().meta({
    description: 'Of its network: egress is what it sends to what is behind it.',
  }),
  ra_enabled: z.boolean().optional(),
  ra_interval_secs: z.int().min(1).optional(),
  ra_lifetime_secs: z.int().min(0).optional(),
});
export type FileRouter = z.infer<typeof FileRouter>;

const DEVICE_KEYS = {
  count: z.int().min(1).max(65_535).optional().meta({
    description: 'Makes NAME-0, NAME-1 and so on, also where it is 1.',
  }),
  default_via: z.string().max(15).optional().meta({
    description: 'The interface with the default routes; the first by name if absent.',
  }),
  mtu: Mtu.optional(),
};

const FileInterface = z.strictObject(
  {
    gateway: LabName.meta({ description: 'The router that it leads to.' }),
    impair: FileCondition.optional().meta({ description: 'What it sends, and no more.' }),
    conditions: FileConditions.optional(),
  },
  {
    error: ({ code, keys, path = [] }) => {
      if (code === 'unrecognized_keys') {
        const known = ['gateway', 'impair', 'conditions'];
        return keys.map((key) => `unknown key ${key}${hint(key, known)}`).join(', ');
      }
      const key = String(path.at(-1));
      return `is no key of a device${hint(key, Object.keys(DEVICE_KEYS))}, and no interface: those are tables with a gateway`;
    },
  },
);
export type FileInterface = z.infer<typeof FileInterface>;

/** A device: every key but the few of its own is an interface. */
export interface FileDevice {
  readonly count?: number | undefined;
  readonly default_via?: string | undefined;
  readonly mtu?: number | undefined;
  readonly [interfaceName: string]: FileInterface | number | string | undefined;
}

const FileDevice = z.object(DEVICE_KEYS).catchall(FileInterface) as unknown as z.ZodType<
  FileDevice,
  FileDevice
>;

const FileRegion = table({
  latencies: z
    .record(LabName, z.union([z.number().min(0), Duration]))
    .optional()
    .meta({ description: 'To other regions, one way: a number is in milliseconds.' }),
  links: z.record(LabName, FileConditions).optional().meta({
    description: 'To other regions, where more is to be said: egress is what this region sends.',
  }),
});
export type FileRegion = z.infer<typeof FileRegion>;

/**
 * A lab as a file describes it, and as the API takes it: what TOML makes of
 * `[[router]] name = "home"`, `[device.laptop.eth0] gateway = "home"`.
 */
export const LabFile = table({
  name: LabName.optional(),
  router: z.array(FileRouter).optional(),
  device: z.record(LabName, FileDevice).optional(),
  region: z.record(LabName, FileRegion).optional(),
  names: z
    .record(z.string().max(253), z.union([z.string().max(63), z.array(z.string().max(63)).min(1)]))
    .optional()
    .meta({ description: 'Names beside those of the nodes, each for nodes or addresses.' }),
}).meta({ id: 'LabFile' });
export type LabFile = z.infer<typeof LabFile>;
