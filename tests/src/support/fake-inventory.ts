import type {
  Container,
  Direction,
  Interface,
  InterfaceNetwork,
  Inventory,
  Space,
} from '@netweir/api';
import { container, hexId, ipv4, link, loopback, space } from './fake-spaces.ts';

interface Network extends InterfaceNetwork {
  readonly bridge: string;
  readonly prefix: string;
}

function network(name: string, prefix: string, bridge: string, internal = false): Network {
  return { name, driver: 'bridge', internal, gateways: [`${prefix}.1`], bridge, prefix };
}

const FRONT = network('shop_front', '172.20.0', 'br-front');
const BACK = network('shop_back', '172.21.0', 'br-back', true);
const BLOG = network('blog_default', '172.22.0', 'br-blog');
const PODMAN = network('podman', '10.88.0', 'podman0');

const hostLinks: Interface[] = [];

/** A container's interface in a network; its other end is a port of the network's bridge at the host. */
function attached(owner: string, name: string, to: Network, more: Partial<Interface> = {}) {
  const ifindex = 100 + hostLinks.length;
  const host = link(ifindex, `veth${ifindex.toString(16)}`, {
    master: to.bridge,
    peer: { space: owner, interface: name, ifindex: 2 },
  });
  hostLinks.push(host);
  const { bridge, prefix, ...plain } = to;
  return link(name === 'eth1' ? 3 : 2, name, {
    addresses: [ipv4(`${prefix}.${ifindex - 90}`)],
    network: plain,
    peer: { space: 'host', interface: host.name, ifindex },
    ...more,
  });
}

function attachment({ prefix, ...to }: Network): Container['networks'][number] {
  return { ...to, addresses: [`${prefix}.9`], mac: '02:42:ac:14:00:09' };
}

interface Wish {
  readonly networks?: readonly Network[];
  readonly egress?: Direction;
  readonly rule?: string;
  readonly container?: Partial<Container>;
}

function docker(name: string, { networks = [], egress, rule, container: more }: Wish = {}): Space {
  const id = `docker:${name}`;
  return space('docker', name, {
    aliases: [`docker:${hexId(name).slice(0, 12)}`],
    containers: [container(name, { networks: networks.map(attachment), ...more })],
    interfaces: [
      loopback(),
      ...networks.map((one, at) =>
        attached(id, `eth${at}`, one, at === 0 && egress ? { egress, rule: rule ?? null } : {}),
      ),
    ],
  });
}

function composed(project: string, service: string, wish: Wish = {}): Space {
  return docker(`${project}-${service}-1`, {
    ...wish,
    container: {
      image: `registry.example/${project}/${service}:2.4.1`,
      compose: { project, service },
      labels: {
        'com.docker.compose.project': project,
        'com.docker.compose.service': service,
        tier: service === 'db' ? 'data' : 'front',
      },
      ...wish.container,
    },
  });
}

const LONG =
  'a-container-with-a-name-that-is-so-long-that-no-list-of-any-width-can-show-all-of-it-at-once';

function dockerSpaces(): Space[] {
  return [
    composed('shop', 'web', {
      networks: [FRONT, BACK],
      egress: { delay: { mean: '100ms' }, loss: { model: 'random', probability: '1%' } },
      rule: 'slow-front',
      container: {
        ports: [
          { containerPort: 80, protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080 },
          { containerPort: 443, protocol: 'tcp', hostAddress: null, hostPort: null },
        ],
      },
    }),
    composed('shop', 'api', { networks: [FRONT, BACK] }),
    composed('shop', 'db', {
      networks: [BACK],
      egress: { rate: { rate: '2mbit' } },
      rule: 'labels',
    }),
    composed('shop', 'cache', { networks: [BACK], container: { state: 'paused' } }),
    composed('blog', 'app', { networks: [BLOG] }),
    composed('blog', 'db', { networks: [BLOG] }),
    docker('Odd_name.with-dots', { networks: [BLOG] }),
    docker(LONG, { networks: [BLOG], container: { image: `registry.example/${LONG}:latest` } }),
    ...Array.from({ length: 6 }, (_, at) => docker(`worker-${at + 1}`, { networks: [BLOG] })),
  ];
}

function podmanSpaces(): Space[] {
  const make = (name: string, more: Partial<Container>, others: string[] = []): Space =>
    space('podman', name, {
      containers: [name, ...others].map((one) =>
        container(one, {
          runtime: 'podman',
          endpoint: '/run/podman/podman.sock',
          image: 'quay.io/lib/alpine:3.22',
          networks: [attachment(PODMAN)],
          ...more,
        }),
      ),
      interfaces: [loopback(), attached(`podman:${name}`, 'eth0', PODMAN)],
    });
  return [
    make('metrics', {}),
    make('builder', { rootless: true }),
    make('vpn', {}, ['torrent', 'indexer']),
    ...Array.from({ length: 3 }, (_, at) => make(`job-${at + 1}`, {})),
  ];
}

function podSpaces(): Space[] {
  return Array.from({ length: 4 }, (_, at) => {
    const name = `cart-${at}`;
    const pod = { namespace: 'shop', name, labels: { app: 'cart' }, annotations: {} };
    const one = (part: string): Container =>
      container(part, {
        runtime: 'containerd',
        endpoint: '/run/containerd/containerd.sock',
        image: 'registry.k8s.io/cart:7',
        pod,
      });
    return space('pod', `shop/${name}`, {
      containers: at === 0 ? [one('cart'), one('sidecar')] : [one('cart')],
      interfaces: [loopback(), link(2, 'eth0', { addresses: [ipv4(`10.244.0.${at + 10}`)] })],
    });
  });
}

function host(): Space {
  const bridges = [FRONT, BACK, BLOG, PODMAN].map(({ bridge, prefix }, at) =>
    link(10 + at, bridge, { kind: 'bridge', addresses: [ipv4(`${prefix}.1`)] }),
  );
  const networked = ['node-exporter', 'dns'].map((name) => container(name, { image: `${name}:1` }));
  return space('host', 'host', {
    containers: networked,
    interfaces: [
      loopback(),
      link(2, 'eth0', { kind: 'physical', addresses: [ipv4('192.0.2.10')] }),
      ...bridges,
      ...hostLinks,
    ],
  });
}

/** A machine with thirty containers of all sorts, and what can be wrong with their runtimes. */
export function containersInventory(): Inventory {
  hostLinks.length = 0;
  const spaces = [...dockerSpaces(), ...podmanSpaces(), ...podSpaces()];
  return {
    hostname: 'apps-01',
    kernel: '6.18.0',
    spaces: [
      host(),
      ...spaces,
      space('netns', 'lab-a', { interfaces: [loopback(), link(2, 'eth0')] }),
      space('pid', '3117', { command: 'chromium --type=zygote' }),
    ],
    unreadable: [{ name: 'stale-ns', reason: 'no such file or directory' }],
    runtimes: [
      {
        runtime: 'docker',
        endpoint: '/run/docker.sock',
        state: 'current',
        detail: null,
        currentAt: '2026-11-22T14:00:00Z',
      },
      {
        runtime: 'podman',
        endpoint: '/run/podman/podman.sock',
        state: 'stale',
        detail: 'it did not answer `GET /containers/json` within 5 s',
        currentAt: '2026-11-22T13:58:00Z',
      },
      {
        runtime: 'cri-o',
        endpoint: '/run/crio/crio.sock',
        state: 'refused',
        detail: 'permission denied',
        currentAt: null,
      },
    ],
    stopped: ['old-web', 'migration'].map((name) =>
      container(name, { state: 'stopped', pid: null }),
    ),
    probes: [],
    labs: [],
  };
}

/** So many spaces of five interfaces each. */
export function largeInventory(spaces: number): Inventory {
  return {
    ...containersInventory(),
    runtimes: [],
    stopped: [],
    unreadable: [],
    spaces: Array.from({ length: spaces }, (_, at) =>
      space('docker', `app-${at}`, {
        containers: [container(`app-${at}`, { labels: { group: `g${at % 20}` } })],
        interfaces: [
          loopback(),
          ...[2, 3, 4, 5].map((ifindex) =>
            link(ifindex, `eth${ifindex - 2}`, {
              addresses: [ipv4(`10.${ifindex}.${at >> 8}.${at & 255}`)],
              network: {
                name: `net-${ifindex}-${at % 50}`,
                driver: 'bridge',
                internal: false,
                gateways: [],
              },
            }),
          ),
        ],
      }),
    ),
  };
}
