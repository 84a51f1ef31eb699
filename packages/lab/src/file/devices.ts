import type { FileDevice, FileInterface, IpSupport, LinkConditions } from '@netweir/api';
import { assertInterfaceName } from '@netweir/kernel';
import { checkMtu } from '../node/checks.ts';
import { conditionOf, conditionsOf } from './conditions.ts';
import { attempt, type Planning } from './planning.ts';
import type { Problems } from './problems.ts';

export interface PlannedInterface {
  readonly name: string;
  readonly router: string;
  readonly conditions?: LinkConditions;
}

export interface PlannedDevice {
  readonly name: string;
  readonly interfaces: readonly PlannedInterface[];
  /** What the default routes lead through; undefined without interfaces. */
  readonly defaultInterface: string | undefined;
  readonly mtu?: number;
}

/** The devices that one entry of a file describes. */
export function planDevice(
  name: string,
  device: FileDevice,
  routers: ReadonlyMap<string, IpSupport>,
  planning: Planning,
): PlannedDevice[] {
  const { count, default_via: wanted, mtu, ...rest } = device;
  const entries = Object.entries(rest as Record<string, FileInterface>);
  const interfaces = entries.map(([key, entry]) =>
    planInterface(name, key, entry, routers, planning.problems),
  );
  const ips = interfaces.flatMap(({ router }) => routers.get(router) ?? []);
  attempt(mtu, (bytes) => checkMtu(bytes, ips), ['device', name, 'mtu'], planning.problems);
  const defaultInterface = defaultOf(name, Object.keys(rest), wanted, planning);
  const names =
    count === undefined ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index}`);
  return names.map((one) => ({
    name: one,
    interfaces,
    defaultInterface,
    ...(mtu === undefined ? {} : { mtu }),
  }));
}

function planInterface(
  device: string,
  name: string,
  { gateway, impair, conditions }: FileInterface,
  routers: ReadonlyMap<string, IpSupport>,
  problems: Problems,
): PlannedInterface {
  const path = ['device', device, name];
  attempt(name, assertInterfaceName, path, problems);
  if (!routers.has(gateway)) {
    problems.add([...path, 'gateway'], `there is no router ${gateway}`);
  }
  if (impair !== undefined && conditions !== undefined) {
    problems.add([...path, 'impair'], 'say impair or conditions, not both');
  }
  const egress = attempt(impair, conditionOf, [...path, 'impair'], problems);
  const both = attempt(conditions, conditionsOf, [...path, 'conditions'], problems);
  const wanted = both ?? (egress === undefined ? undefined : { egress });
  return { name, router: gateway, ...(wanted === undefined ? {} : { conditions: wanted }) };
}

/** As in other lab files, whose interfaces have no order, the first by name, unless it is said. */
function defaultOf(
  device: string,
  interfaces: readonly string[],
  wanted: string | undefined,
  { problems, warn }: Planning,
): string | undefined {
  if (wanted !== undefined) {
    if (!interfaces.includes(wanted)) {
      problems.add(['device', device, 'default_via'], `there is no interface ${wanted}`);
    }
    return wanted;
  }
  const [first] = interfaces.toSorted();
  if (first !== interfaces[0]) {
    warn(
      `device ${device}: its default routes lead through ${first}, the first by name: say default_via = "${first}", or another`,
    );
  }
  return first;
}
