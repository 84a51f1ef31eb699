import { once } from 'node:events';
import type { LabEvent } from '@netweir/api';
import { ip, output, pings } from '../lab.test-support.ts';
import type { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import type { LabNode } from '../node/lab-node.ts';
import type { Router } from '../node/router.ts';

interface TwoNetworks {
  readonly wifi: Router;
  readonly cell: Router;
  readonly server: Device;
  readonly phone: Device;
  readonly events: readonly LabEvent[];
}

/** By both protocols, as `ip route` has them. */
export function routesOf(node: LabNode): string[] {
  return (['-4', '-6'] as const)
    .flatMap((family) => output(node, 'ip', family, 'route').trim().split('\n'))
    .map((line) => line.trim())
    .sort();
}

/** The default routes: `GATEWAY INTERFACE`. */
export function defaults(node: LabNode): string[] {
  return (['-4', '-6'] as const).flatMap((family) =>
    ip<{ dev: string; gateway: string }>(node, family, 'route', 'show', 'default').map(
      ({ dev, gateway }) => `${gateway} ${dev}`,
    ),
  );
}

/** Whether it is answered by both protocols. */
export function reaches(
  node: Device,
  to: { readonly ipv4: string; readonly ipv6: string },
): boolean {
  return [to.ipv4, to.ipv6].every((address) => pings(node, address));
}

/** The source address of a request that a server in the lab sees. */
export async function seenFrom(device: Device, server: Device): Promise<string | undefined> {
  const listener = await server.listen({ address: '0.0.0.0', port: 0 });
  const { port } = listener.address() as { port: number };
  listener.on('connection', (socket) => socket.end(String(socket.remoteAddress)));
  const socket = await device.connect({ address: server.ipv4, port });
  const [data] = await once(socket, 'data');
  listener.close();
  return String(data);
}

/** A phone at a router for Wi-Fi, with another router and a server to reach, and what happens from now on. */
export async function twoNetworks(lab: Lab): Promise<TwoNetworks> {
  const [wifi, cell] = [lab.router('wifi'), lab.router('cell', { addresses: 'private' })];
  const server = lab.device('server', { uplink: lab.router('far') });
  const phone = lab.device('phone', { interfaces: { wlan0: wifi } });
  const events: LabEvent[] = [];
  lab.subscribe((event) => events.push(event));
  return { wifi, cell, server, phone, events };
}
