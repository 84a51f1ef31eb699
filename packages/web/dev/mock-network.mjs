// What the mock daemon shows: a host and three namespaces in a row; SPACES=n: so many more.
const { SPACES = '0' } = process.env;
let ifindex = 0;

const zero = () => ({
  atMs: Date.now(),
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  rxDropped: 0,
  txDropped: 0,
  rxErrors: 0,
  txErrors: 0,
});

function nic(name, kind, address, more = {}) {
  ifindex++;
  const mac =
    kind === 'loopback'
      ? '00:00:00:00:00:00'
      : `02:42:0a:00:00:${ifindex.toString(16).padStart(2, '0')}`;
  const at = (text, prefixLength, scope) => ({
    address: text,
    prefixLength,
    family: text.includes(':') ? 'ipv6' : 'ipv4',
    scope,
  });
  const [ip, prefix] = (address ?? '').split('/');
  const addresses = ip ? [at(ip, Number(prefix), kind === 'loopback' ? 'host' : 'global')] : [];
  if (kind !== 'loopback') addresses.push(at(`fe80::42:aff:fe00:${ifindex}`, 64, 'link'));
  return {
    ifindex,
    name,
    kind,
    up: true,
    carrier: true,
    operstate: kind === 'loopback' ? 'unknown' : 'up',
    mtu: 1500,
    mac,
    addresses,
    master: null,
    peer: null,
    egress: null,
    expiresAt: null,
    counters: zero(),
    qdiscs: [{ kind: 'noqueue', handle: '0:', parent: 'root', ours: false }],
    ...more,
  };
}

const lo = () => nic('lo', 'loopback', '127.0.0.1/8', { mtu: 65536 });
const netns = (name, interfaces) => ({
  id: `netns:${name}`,
  kind: 'netns',
  name,
  inode: 4026532000 + ifindex,
  interfaces,
});
export const inventory = {
  hostname: 'build-07',
  kernel: '6.18.5',
  probes: [],
  spaces: [
    {
      id: 'host',
      kind: 'host',
      name: 'host',
      inode: 4026531840,
      interfaces: [
        lo(),
        nic('eth0', 'physical', '192.168.1.24/24'),
        nic('docker0', 'bridge', '172.17.0.1/16', { carrier: false, operstate: 'down' }),
      ],
    },
    netns('client', [lo(), nic('eth0', 'veth', '10.0.0.1/24')]),
    netns('router', [
      lo(),
      nic('left', 'veth', '10.0.0.254/24'),
      nic('right', 'veth', '10.0.1.254/24'),
    ]),
    netns('server', [
      lo(),
      nic('eth0', 'veth', '10.0.1.1/24'),
      nic('spare', 'veth', undefined, { up: false, carrier: false, operstate: 'down' }),
    ]),
    ...Array.from({ length: Number(SPACES) }, (_, n) =>
      netns(`lab-${n}`, [lo(), nic('eth0', 'veth', `10.9.${n >> 8}.${n & 255}/16`)]),
    ),
  ],
};
