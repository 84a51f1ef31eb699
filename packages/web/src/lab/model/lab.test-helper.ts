import type { LabDevice, LabInterface, LabRouter, LabState } from '@netweir/api';

export function plug(
  name: string,
  to: string | null,
  more: Partial<LabInterface> = {},
): LabInterface {
  return {
    name,
    ifindex: 101,
    up: true,
    carrier: true,
    mtu: 1500,
    mac: null,
    addresses: [],
    to,
    egress: null,
    ingress: null,
    ...more,
  };
}

export function router(name: string, upstream: string, more: Partial<LabRouter> = {}): LabRouter {
  return {
    name,
    upstream,
    region: null,
    ip: 'dual-stack',
    nat: 'none',
    natV6: 'none',
    firewall: 'none',
    blockFragNeeded: false,
    downlink: { ipv4: '10.0.1.0/24', ipv6: null },
    interfaces: [plug('wan', upstream), plug('lan', null)],
    ...more,
  };
}

export function device(name: string, ...interfaces: LabInterface[]): LabDevice {
  return {
    name,
    defaultInterface: interfaces[0]?.name ?? null,
    ipv4: '10.0.1.2',
    ipv6: null,
    interfaces,
  };
}

export function lab(more: Partial<LabState> = {}): LabState {
  return {
    name: 'town',
    sequence: 7,
    exchange: { name: 'ix', interfaces: [plug('ix', null)] },
    regions: [],
    regionLinks: [],
    routers: [],
    devices: [],
    ...more,
  };
}

/** Two regions, a router in each, and a phone at both. */
export const TOWN: LabState = lab({
  regions: [
    {
      name: 'eu',
      node: 'region-eu',
      ipv4: '198.18.16.0/20',
      ipv6: null,
      interfaces: [plug('ix', 'ix'), plug('link1', 'region-us', { ifindex: 7 })],
    },
    {
      name: 'us',
      node: 'region-us',
      ipv4: null,
      ipv6: null,
      interfaces: [plug('ix', 'ix'), plug('link1', 'region-eu', { ifindex: 8 })],
    },
  ],
  regionLinks: [
    { between: ['eu', 'us'], egress: null, ingress: { delay: { mean: '40ms' } }, broken: null },
  ],
  routers: [router('home', 'region-eu', { nat: 'home' }), router('isp', 'region-us')],
  devices: [
    device(
      'phone',
      plug('wlan0', 'home', { egress: { delay: { mean: '5ms' } } }),
      plug('cell0', 'isp', { up: false, carrier: false }),
    ),
  ],
});
