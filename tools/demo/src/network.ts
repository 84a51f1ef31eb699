import { writeFileSync } from 'node:fs';
import {
  addAddress,
  addRoute,
  addVeth,
  createNamed,
  deleteNamed,
  getLink,
  listNamed,
  NetworkNamespace,
  setLinkUp,
} from '@netweir/kernel';

/** The demonstration network: client – router – server, each in a namespace of its own. */
export const NAMES: { readonly client: string; readonly router: string; readonly server: string } =
  { client: 'demo-client', router: 'demo-router', server: 'demo-server' };
export const SERVER: string = '10.79.2.2';

interface Network {
  readonly client: NetworkNamespace;
  readonly router: NetworkNamespace;
  readonly server: NetworkNamespace;
}

/** One end of a cable. */
interface End {
  readonly namespace: NetworkNamespace;
  readonly name: string;
  readonly address: string;
}

/** Makes the network, in place of one that an earlier demonstration left. */
export function createNetwork(): Network {
  for (const name of Object.values(NAMES)) if (listNamed().includes(name)) deleteNamed(name);
  const client = createNamed(NAMES.client);
  const router = createNamed(NAMES.router);
  const server = createNamed(NAMES.server);
  connect(
    { namespace: client, name: 'eth0', address: '10.79.1.2/24' },
    { namespace: router, name: 'to-client', address: '10.79.1.1/24' },
  );
  connect(
    { namespace: server, name: 'eth0', address: `${SERVER}/24` },
    { namespace: router, name: 'to-server', address: '10.79.2.1/24' },
  );
  router.run(() => writeFileSync('/proc/sys/net/ipv4/ip_forward', '1'));
  route(client, '10.79.1.1');
  route(server, '10.79.2.1');
  return { client, router, server };
}

/** Removes a network, but no namespace of its names that a later demonstration has made. */
export function removeNetwork({ client, router, server }: Network): void {
  const made: [string, NetworkNamespace][] = [
    [NAMES.client, client],
    [NAMES.router, router],
    [NAMES.server, server],
  ];
  for (const [name, namespace] of made) {
    if (isStill(name, namespace)) deleteNamed(name);
    namespace.close();
  }
}

function isStill(name: string, namespace: NetworkNamespace): boolean {
  if (!listNamed().includes(name)) return false;
  using named = NetworkNamespace.openNamed(name);
  return named.key === namespace.key;
}

function connect(a: End, b: End): void {
  using netlink = a.namespace.netlink();
  netlink.request(addVeth({ name: a.name }, { name: b.name, netnsFd: b.namespace.fd }));
  for (const { namespace, name, address } of [a, b]) {
    using inside = namespace.netlink();
    const [link] = inside.query(getLink({ name }));
    if (!link) throw new Error(`the veth ${name} that was just made is not there`);
    inside.request(addAddress({ ifindex: link.ifindex, address }));
    for (const up of ['lo', name]) inside.request(setLinkUp({ name: up }));
  }
}

function route(namespace: NetworkNamespace, gateway: string): void {
  using netlink = namespace.netlink();
  netlink.request(addRoute({ destination: '0.0.0.0/0', gateway }));
}
