import {
  type Address,
  type Firewall,
  FirewallName,
  type LabDevice,
  type LabInterface,
  type LabRouter,
  type LabState,
  type Nat,
} from '@netweir/api';
import { formatPrefix, parsePrefix } from '../addressing/prefix.ts';
import { type ExactFirewall, exactFirewall } from '../firewall/exact-firewall.ts';
import type { ExactNat } from '../nat/settings.ts';
import { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';
import type { Member } from '../node/member.ts';
import { Region } from '../node/region.ts';
import { Router } from '../node/router.ts';
import { regionOf } from '../region/membership.ts';
import type { Topology } from '../topology.ts';
import { defaultInterfaceOf, interfacesOf } from './interfaces.ts';

export interface StateOptions {
  /** Whether interfaces are with their counters; `false` by default. */
  readonly counters?: boolean;
}

/** A lab whose state is asked for. */
interface Source {
  readonly name: string;
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, LabNode>;
}

/** A lab as it is now. All at once: nothing of it changes while it is read. */
export function readState(
  { name, topology, nodes }: Source,
  { counters = false }: StateOptions,
): LabState {
  const state: LabState = {
    name,
    sequence: topology.events.sequence,
    exchange: { name: '', interfaces: [] },
    regions: [],
    regionLinks: topology.regions.links,
    routers: [],
    devices: [],
  };
  for (const member of topology.members) {
    const node = nodes.get(member.name);
    const interfaces = interfacesOf(member, counters);
    if (node instanceof Router) {
      const region = regionOf(member)?.name ?? null;
      state.routers.push({ ...routerState(node, interfaces), region });
    } else if (node instanceof Region) {
      const { region, networks } = node;
      state.regions.push({ name: region, node: node.name, ...networks, interfaces });
    } else if (node instanceof Device) state.devices.push(deviceState(member, interfaces));
    else state.exchange = { name: member.name, interfaces };
  }
  return state;
}

function routerState(router: Router, interfaces: LabInterface[]): Omit<LabRouter, 'region'> {
  const uplink = interfaces.find(({ to }) => to !== null);
  const lan = interfaces.find(({ to }) => to === null);
  return {
    name: router.name,
    upstream: uplink?.to ?? '',
    ip: router.ip,
    nat: natOf(router.nat),
    natV6: router.natV6,
    firewall: nameOf(router.firewall),
    blockFragNeeded: router.blockFragNeeded,
    downlink: { ipv4: networkOf(lan, 'ipv4'), ipv6: networkOf(lan, 'ipv6') },
    interfaces,
  };
}

function deviceState(member: Member, interfaces: LabInterface[]): LabDevice {
  const defaultInterface = defaultInterfaceOf(member, interfaces);
  const one = interfaces.find(({ name }) => name === defaultInterface);
  return {
    name: member.name,
    defaultInterface,
    ipv4: globalAddress(one, 'ipv4')?.address ?? null,
    ipv6: globalAddress(one, 'ipv6')?.address ?? null,
    interfaces,
  };
}

function networkOf(one: LabInterface | undefined, family: Address['family']): string | null {
  const found = globalAddress(one, family);
  return found ? formatPrefix(parsePrefix(`${found.address}/${found.prefixLength}`)) : null;
}

function globalAddress(
  one: LabInterface | undefined,
  family: Address['family'],
): Address | undefined {
  return one?.addresses.find((entry) => entry.family === family && entry.scope === 'global');
}

/** By its name where it was asked for by one. */
function natOf(nat: ExactNat): Nat {
  return nat.name ?? nat;
}

/** The name of a firewall that has one. */
function nameOf(firewall: ExactFirewall): Firewall {
  const wanted = JSON.stringify(firewall);
  return (
    FirewallName.options.find((name) => JSON.stringify(exactFirewall(name)) === wanted) ?? firewall
  );
}
