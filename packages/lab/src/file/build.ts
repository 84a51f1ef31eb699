import { isIP } from 'node:net';
import type { Lab } from '../lab.ts';
import type { InterfaceOptions } from '../node/device.ts';
import type { Region } from '../node/region.ts';
import type { Router } from '../node/router.ts';
import type { PlannedDevice } from './devices.ts';
import type { LabPlan, PlannedRouter } from './plan.ts';

/** Makes in a lab everything that a plan has. @throws {LabError} what the lab's methods throw */
export function buildPlan(lab: Lab, plan: LabPlan): void {
  const regions = new Map(plan.regions.map((name) => [name, lab.region(name)]));
  for (const { between, conditions } of plan.regionLinks) {
    const [a, b] = between.map((name) => made(name, regions));
    if (a && b) lab.linkRegions(a, b, conditions);
  }
  const routers = new Map<string, Router>();
  for (const planned of plan.routers) {
    routers.set(planned.name, buildRouter(lab, planned, { routers, regions }));
  }
  for (const device of plan.devices) buildDevice(lab, device, routers);
  for (const { name, values } of plan.names) {
    lab.setName(
      name,
      values.flatMap((value) => (isIP(value) ? value : lab.resolve(value))),
    );
  }
}

function buildRouter(
  lab: Lab,
  { name, upstream, region, settings }: PlannedRouter,
  {
    routers,
    regions,
  }: { routers: ReadonlyMap<string, Router>; regions: ReadonlyMap<string, Region> },
): Router {
  const inRegion = region === undefined ? {} : { region: made(region, regions) };
  const above = upstream === undefined ? inRegion : { upstream: made(upstream, routers) };
  return lab.router(name, { ...settings, ...above });
}

function buildDevice(
  lab: Lab,
  { name, interfaces, defaultInterface, mtu }: PlannedDevice,
  routers: ReadonlyMap<string, Router>,
): void {
  const options = interfaces.map(
    ({ name: key, router, conditions }): [string, InterfaceOptions] => [
      key,
      { router: made(router, routers), ...(conditions === undefined ? {} : { conditions }) },
    ],
  );
  const device = lab.device(name, {
    interfaces: Object.fromEntries(options),
    ...(mtu === undefined ? {} : { mtu }),
  });
  if (defaultInterface !== undefined && defaultInterface !== interfaces[0]?.name) {
    device.setDefaultRoute(defaultInterface);
  }
}

function made<Node>(name: string, nodes: ReadonlyMap<string, Node>): Node {
  const node = nodes.get(name);
  if (node === undefined) throw new TypeError(`the plan has ${name} after those that need it`);
  return node;
}
