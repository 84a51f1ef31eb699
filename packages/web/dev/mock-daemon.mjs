// A daemon for work on the page: invented spaces that move, and the real API's shapes.
// MODE=no-netem: a kernel without sch_netem; MODE=refuse: every PUT fails; SPACES=n: so many more.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { NetweirError, parseDuration, problemOf } from '@netweir/api';

const { MODE = '', SPACES = '0', PORT = '7878', TOKEN = 'mock' } = process.env;
const page = join(import.meta.dirname, '../../daemon/page');
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const sockets = new Set();
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
const inventory = {
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

const spaceOf = (id) => inventory.spaces.find((space) => space.id === id);
const find = (space, name) => spaceOf(space)?.interfaces.find((one) => one.name === name);
function pair(a, b) {
  find(...a).peer = { space: b[0], interface: b[1], ifindex: find(...b).ifindex };
  find(...b).peer = { space: a[0], interface: a[1], ifindex: find(...a).ifindex };
}
pair(['netns:client', 'eth0'], ['netns:router', 'left']);
pair(['netns:router', 'right'], ['netns:server', 'eth0']);

function broadcast(changes) {
  for (const socket of sockets)
    send(socket, { type: 'changes', sequence: socket.sequence++, changes });
}

function send(socket, message) {
  const body = Buffer.from(JSON.stringify(message));
  const short = body.length < 126;
  const long = body.length > 0xffff;
  const head = Buffer.alloc(short ? 2 : long ? 10 : 4);
  head[0] = 0x81;
  head[1] = short ? body.length : long ? 127 : 126;
  if (long) head.writeBigUInt64BE(BigInt(body.length), 2);
  else if (!short) head.writeUInt16BE(body.length, 2);
  socket.write(Buffer.concat([head, body]));
}

function impair(space, one, egress, lease) {
  one.egress = egress;
  one.expiresAt =
    egress && lease ? new Date(Date.now() + parseDuration(lease) / 1e6).toISOString() : null;
  const kind = MODE === 'no-netem' ? 'tbf' : 'netem';
  one.qdiscs = egress
    ? [{ kind, handle: '4e57:', parent: 'root', ours: true }]
    : [{ kind: 'noqueue', handle: '0:', parent: 'root', ours: false }];
  broadcast([{ type: 'interface', space, interface: one }]);
}
impair(
  'netns:server',
  find('netns:server', 'eth0'),
  { delay: { mean: '20ms', jitter: '4ms' }, rate: { rate: '10mbit' } },
  '5m',
);

const report = (space, one) => ({
  space,
  interface: one.name,
  ifindex: one.ifindex,
  egress: one.egress,
  original: 'noqueue',
  mechanism: one.egress && (MODE === 'no-netem' ? 'tbf' : 'netem'),
  expiresAt: one.expiresAt,
  owner: one.egress && 'daemon',
  counters: one.egress && {
    sentBytes: one.counters.txBytes,
    sentPackets: one.counters.txPackets,
    droppedPackets: 12,
    queuedPackets: 3,
    queuedBytes: 4512,
  },
});

function measure(probe) {
  const path = [
    ['netns:client', 'eth0'],
    ['netns:router', 'left'],
    ['netns:router', 'right'],
    ['netns:server', 'eth0'],
  ];
  const all = path.map((at) => find(...at)?.egress).filter(Boolean);
  const ms = (text) => (text ? parseDuration(text) / 1e6 : 0);
  let rttMs = 0.06 + Math.random() * 0.05;
  let lost = false;
  for (const { delay, loss } of all) {
    rttMs += ms(delay?.mean) + (Math.random() * 2 - 1) * ms(delay?.jitter);
    lost ||= Math.random() * 100 < Number.parseFloat(loss?.probability ?? '0');
  }
  return { sentAtMs: Date.now(), rttMs: lost ? null : Math.round(rttMs * 1000) / 1000, probe };
}

function putProbe(id, { space, address }) {
  const probe = { id, space, address, interval: '250ms', samples: [] };
  inventory.probes = [...inventory.probes.filter((other) => other.id !== id), probe];
  broadcast([{ type: 'probe', probe }]);
  return probe;
}
putProbe('client-server', { space: 'netns:client', address: '10.0.1.1' });

setInterval(() => {
  const changes = inventory.probes.map((probe) => {
    const { sentAtMs, rttMs } = measure(probe);
    probe.samples = [...probe.samples, { sentAtMs, rttMs }].slice(-240);
    return { type: 'probe-sample', id: probe.id, sample: { sentAtMs, rttMs } };
  });
  broadcast(changes);
}, 250);

setInterval(() => {
  const changes = inventory.spaces.flatMap(({ id, interfaces }) =>
    interfaces.map((one) => {
      const wave = (phase) =>
        Math.max(0, Math.sin(Date.now() / 6000 + one.ifindex * phase) + 0.4 + Math.random() * 0.5);
      const size =
        { loopback: 2e3, physical: 4e5, bridge: 0, veth: 9e4 }[one.kind] * (one.up ? 1 : 0);
      const c = one.counters;
      one.counters = {
        ...c,
        atMs: Date.now(),
        rxBytes: c.rxBytes + Math.round(size * wave(1.7)),
        txBytes: c.txBytes + Math.round(size * 0.6 * wave(2.3)),
        rxPackets: c.rxPackets + 40,
        txPackets: c.txPackets + 31,
      };
      return { type: 'counters', space: id, ifindex: one.ifindex, counters: one.counters };
    }),
  );
  broadcast(changes);
}, 1000);

const check = {
  id: 'netem',
  title: 'sch_netem',
  ok: false,
  needed: false,
  detail: 'The kernel does not know the qdisc netem.',
  remedy:
    'Install the modules of your kernel (`linux-modules-extra`), or boot a kernel with CONFIG_NET_SCH_NETEM.',
};
const capabilities = () => ({
  version: '0.1.0',
  kernel: inventory.kernel,
  netem: MODE !== 'no-netem',
  netemSeed: true,
  tbf: true,
  checks: MODE === 'no-netem' ? [check] : [],
});

function answer(method, parts, body) {
  const [kind, space, name, what] = parts;
  if (kind === 'inventory') return inventory;
  if (kind === 'capabilities') return capabilities();
  if (kind === 'probes' && method === 'PUT') return putProbe(space, body);
  if (kind === 'probes') {
    inventory.probes = inventory.probes.filter(({ id }) => id !== space);
    broadcast([{ type: 'probe-removed', id: space }]);
    return undefined;
  }
  const one = kind === 'interfaces' ? find(space, name) : undefined;
  if (!one)
    throw new NetweirError('no-such-interface', `there is no interface ${name} in ${space}`);
  if (what === 'link') {
    one.up = one.carrier = body.state === 'up';
    broadcast([{ type: 'interface', space, interface: one }]);
    return undefined;
  }
  if (method === 'PUT' && MODE === 'refuse')
    throw new NetweirError(
      'kernel-refused',
      `cannot put netem on ${name} in ${space}: EPERM (Operation not permitted)`,
      { remedy: 'Start netweir as root, or give it CAP_NET_ADMIN: `sudo netweir up`.' },
    );
  if (method === 'PUT') impair(space, one, body.egress, body.for);
  if (method === 'DELETE') impair(space, one, null);
  return report(space, one);
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (!pathname.startsWith('/api/v1/')) {
    const file = normalize(pathname === '/' ? '/index.html' : pathname);
    const bytes = await readFile(join(page, file)).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, { 'Content-Type': types[extname(file)] ?? 'text/plain' });
    return response.end(bytes);
  }
  const reply = (status, body) =>
    response
      .writeHead(status, { 'Content-Type': 'application/json' })
      .end(body && JSON.stringify(body));
  try {
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      throw new NetweirError('unauthorized', 'the token is missing or wrong');
    const text = (await request.toArray()).join('');
    const result = answer(
      request.method,
      pathname.split('/').slice(3).map(decodeURIComponent),
      text && JSON.parse(text),
    );
    setTimeout(() => reply(result ? 200 : 204, result), 250);
  } catch (error) {
    const problem = problemOf(error);
    reply(problem.status, problem);
  }
});
server.on('upgrade', (request, socket) => {
  const right = new URL(request.url, 'http://localhost').searchParams.get('token') === TOKEN;
  if (!right) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.sequence = 0;
  socket
    .on('data', (frame) => (frame[0] & 15) === 8 && socket.end())
    .on('close', () => sockets.delete(socket))
    .on('error', () => socket.destroy());
  send(socket, { type: 'snapshot', sequence: socket.sequence++, inventory });
  sockets.add(socket);
});
server.listen(Number(PORT), '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${PORT}/#token=${TOKEN}\n`),
);
