import { isIP } from 'node:net';
import type {
  AddressPool,
  FileRouter,
  Firewall,
  IpSupport,
  LabFile,
  LinkConditions,
  Nat,
  NatV6,
  RouterPreset,
} from '@netweir/api';
import { checkMtu, checkNotReserved } from '../node/checks.ts';
import { withPreset } from '../preset/presets.ts';
import { conditionsOf } from './conditions.ts';
import { type PlannedDevice, planDevice } from './devices.ts';
import { attempt, type Planning } from './planning.ts';
import { Problems } from './problems.ts';
import { type PlannedRegionLink, planRegionLinks } from './region-links.ts';
import { inUpstreamOrder } from './router-order.ts';
import { firewallOf, ipSupportOf, natOf, natV6Of, presetOf } from './words.ts';

/** A router as it is to be made, once those that it names are. */
export interface PlannedRouter {
  readonly name: string;
  /** The router above; the exchange, or its region's backbone, if absent. */
  readonly upstream?: string;
  readonly region?: string;
  readonly settings: RouterSettings;
}

/** What a file says of a router, in the words of `Lab.router`. */
export interface RouterSettings {
  readonly preset?: RouterPreset;
  readonly addresses?: AddressPool;
  readonly downlink?: string;
  readonly ip?: IpSupport;
  readonly nat?: Nat;
  readonly natV6?: NatV6;
  readonly firewall?: Firewall;
  readonly mtu?: number;
  readonly blockFragNeeded?: boolean;
  readonly conditions?: LinkConditions;
  readonly downlinkConditions?: LinkConditions;
}

/** A name, and the nodes or addresses that it is for. */
export interface PlannedName {
  readonly name: string;
  readonly values: readonly string[];
}

/** What a lab file describes, in the order in which it can be built. */
export interface LabPlan {
  readonly name: string | undefined;
  readonly regions: readonly string[];
  readonly regionLinks: readonly PlannedRegionLink[];
  readonly routers: readonly PlannedRouter[];
  readonly devices: readonly PlannedDevice[];
  readonly names: readonly PlannedName[];
  /** What a file says without effect here, or with another one than may be expected. */
  readonly warnings: readonly string[];
}

/** The exchange, as upstream. */
const IX = 'ix';
const ROUTER_ADVERTISEMENTS = ['ra_enabled', 'ra_interval_secs', 'ra_lifetime_secs'] as const;

/**
 * What is to be built for a lab file.
 * @throws {LabFileError} for what names something that is not there, or cannot be
 */
export function labPlanOf(
  file: LabFile,
  problems: Problems = new Problems(),
  fileName?: string,
): LabPlan {
  const warnings: string[] = [];
  const planning: Planning = { problems, warn: (text) => warnings.push(text) };
  const regions = Object.keys(file.region ?? {});
  const regionLinks = planRegionLinks(file.region ?? {}, planning);
  const routers = planRouters(file.router ?? [], new Set(regions), planning);
  const ips = new Map(routers.map(({ name, settings }) => [name, ipOf(settings)]));
  const devices = Object.entries(file.device ?? {}).flatMap(([name, device]) =>
    planDevice(name, device, ips, planning),
  );
  const nodes = [...routers, ...devices].map(({ name }) => name);
  const names = planNames(file.names ?? {}, new Set(nodes), planning);
  checkNames(file, devices, problems);
  problems.throwIfAny(fileName);
  return { name: file.name, regions, regionLinks, routers, devices, names, warnings };
}

function planRouters(
  routers: readonly FileRouter[],
  regions: ReadonlySet<string>,
  planning: Planning,
): PlannedRouter[] {
  const { problems, warn } = planning;
  const names = new Set(routers.map(({ name }) => name));
  for (const [index, { name, upstream, region, ...router }] of routers.entries()) {
    if (upstream !== undefined && upstream !== IX && !names.has(upstream)) {
      problems.add(['router', index, 'upstream'], `there is no router ${upstream}`);
    }
    if (region !== undefined && !regions.has(region)) {
      problems.add(['router', index, 'region'], `there is no region ${region}`);
    }
    const without = ROUTER_ADVERTISEMENTS.filter((key) => router[key] !== undefined);
    if (without.length > 0) {
      const why = 'addresses and default routes are there without router advertisements';
      warn(`router ${name}: ${without.join(', ')} without effect: ${why}`);
    }
  }
  const ordered = inUpstreamOrder(routers, problems);
  const ips = new Map<string, IpSupport>();
  const planned = ordered.map(({ router, index }) => {
    const one = planRouter(router, index, planning);
    const ip = ipOf(one.settings);
    const networks: IpSupport[] = [ip, ips.get(one.upstream ?? IX) ?? 'dual-stack'];
    const path = ['router', index, 'mtu'];
    attempt(router.mtu, (bytes) => checkMtu(bytes, networks), path, problems);
    ips.set(one.name, ip);
    return one;
  });
  return withinRegions(planned, warn);
}

function planRouter(router: FileRouter, index: number, { problems }: Planning): PlannedRouter {
  const { name, upstream, region, addresses, downlink, mtu } = router;
  const at = (key: string) => ['router', index, key];
  const optional: RouterSettings = dropUndefined({
    preset: router.preset && presetOf(router.preset),
    addresses,
    downlink,
    ip: router.ip_support && ipSupportOf(router.ip_support),
    nat: router.nat === undefined ? undefined : natOf(router.nat),
    natV6: router.nat_v6 && natV6Of(router.nat_v6),
    firewall: router.firewall === undefined ? undefined : firewallOf(router.firewall),
    mtu,
    blockFragNeeded: router.block_frag_needed,
    conditions: attempt(router.conditions, conditionsOf, at('conditions'), problems),
    downlinkConditions: attempt(
      router.downlink_conditions,
      conditionsOf,
      at('downlink_conditions'),
      problems,
    ),
  });
  return {
    name,
    ...(upstream === undefined || upstream === IX ? {} : { upstream }),
    ...(region === undefined ? {} : { region }),
    settings: optional,
  };
}

function ipOf(settings: RouterSettings): IpSupport {
  return withPreset(settings).ip ?? 'dual-stack';
}

/** A router behind another one is where that is. */
function withinRegions(routers: readonly PlannedRouter[], warn: Planning['warn']): PlannedRouter[] {
  const placeOf = new Map<string, string | undefined>();
  return routers.map((router) => {
    const { name, upstream, region, settings } = router;
    const place = upstream === undefined ? region : placeOf.get(upstream);
    placeOf.set(name, place);
    if (upstream === undefined) return router;
    if (region !== undefined && region !== place) {
      const where = place === undefined ? 'in no region' : `in region ${place}`;
      warn(`router ${name}: region ${region} without effect: its upstream ${upstream} is ${where}`);
    }
    return { name, upstream, settings };
  });
}

function planNames(
  names: NonNullable<LabFile['names']>,
  nodes: ReadonlySet<string>,
  { problems }: Planning,
): PlannedName[] {
  return Object.entries(names).map(([name, value]) => {
    const values = typeof value === 'string' ? [value] : value;
    for (const entry of values.filter((one) => isIP(one) === 0 && !nodes.has(one))) {
      problems.add(['names', name], `${entry} is neither a node nor an address`);
    }
    return { name, values };
  });
}

/** Nodes of all kinds have their names in common. */
function checkNames(
  { router = [] }: LabFile,
  devices: readonly PlannedDevice[],
  problems: Problems,
): void {
  const nodes = [
    ...router.map(({ name }, index) => ({ name, path: ['router', index, 'name'] })),
    ...devices.map(({ name }) => ({ name, path: ['device', name] })),
  ];
  const taken = new Set<string>([IX]);
  for (const { name, path } of nodes) {
    attempt(name, checkNotReserved, path, problems);
    if (taken.has(name)) problems.add(path, `there is a node ${name} already`);
    taken.add(name);
  }
}

/** The object without its undefined fields. */
function dropUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
