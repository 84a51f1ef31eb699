/**
 * How long a lab takes to build and to go, and what an idle node costs: trees of 100 and 1,000 nodes, which are ten
 * routers on one exchange and the devices behind them. Beside it, in the same run, the same tree by `ip -batch` (one
 * process for each namespace), and by Debian's mininet where that is installed. A lab is gone when the kernel has taken
 * the last of its namespaces away. Needs root. `--repeats N` takes another number of runs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { dumpNsids, NetworkNamespace, setNsid } from '@netweir/kernel';
import { Lab } from '@netweir/lab';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { repeats: { type: 'string', default: '5' } },
});
const REPEATS = Number(options.repeats);
const ROUTERS = 10;
const SIZES = [
  { nodes: 100, buildLimitMs: 500, downLimitMs: 2000 },
  { nodes: 1000, buildLimitMs: 5000, downLimitMs: 2000 },
];
const NODE_LIMIT_KB = 1024;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (ms) => (ms < 10 ? ms.toFixed(2) : ms.toFixed(0));

function timeMs(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function availableKb() {
  return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))[1]);
}

function build(lab, nodes) {
  const devices = (nodes - ROUTERS) / ROUTERS;
  for (let r = 0; r < ROUTERS; r++) {
    const router = lab.router(`r${r}`, { addresses: 'private' });
    for (let d = 0; d < devices; d++) lab.device(`r${r}d${d}`, { uplink: router });
  }
}

/**
 * Whether an answer comes at all: all namespaces share one table of IPv6 neighbours, 1,024 by default, and the
 * first packet is dropped while it is full of those of labs before.
 */
function pings(node, address) {
  const args = ['-n', '-q', '-c5', '-i0.2', '-W1', address];
  return node.runSync(() => spawnSync('ping', args).status === 0);
}

/** Ids of a lab's namespaces in a namespace that watches: they go with what they stand for. */
function watch(lab) {
  const observer = NetworkNamespace.anonymous();
  const socket = observer.netlink();
  let next = 0;
  for (const node of lab.nodes.values()) {
    const inside = node.runSync(() => NetworkNamespace.current());
    socket.request(setNsid(inside.fd, next++));
    inside.close();
  }
  const left = () => socket.dump(dumpNsids()).length;
  return {
    /** An id goes before the links do; but the kernel begins with what died later only once it is through. */
    gone: async () => {
      while (left() > 0) await setTimeout(1);
      const later = NetworkNamespace.anonymous();
      socket.request(setNsid(later.fd, next));
      later.close();
      while (left() > 0) await setTimeout(1);
    },
    close: () => {
      socket.close();
      observer.close();
    },
  };
}

async function measureLab(nodes) {
  const before = availableKb();
  const lab = await Lab.create();
  const buildMs = timeMs(() => build(lab, nodes));
  const first = lab.nodes.get('r0d0');
  const last = lab.nodes.get(`r${ROUTERS - 1}d0`);
  if (!pings(first, last.ipv6) || !pings(last, first.ipv4)) throw new Error('no connection');
  const nodeKb = (before - availableKb()) / nodes;
  const watched = watch(lab);
  const start = performance.now();
  await lab.close();
  const closeMs = performance.now() - start;
  await watched.gone();
  const downMs = performance.now() - start;
  watched.close();
  return { buildMs, closeMs, downMs, nodeKb };
}

/** The same tree by iproute2: one batch makes the namespaces, then one in each of them the rest. */
function measureIpBatch(nodes) {
  const prefix = `nwb${process.pid.toString(36)}`;
  const batch = (lines, ...namespace) =>
    execFileSync('ip', [...namespace, '-batch', '-'], { input: lines.join('\n'), stdio: 'pipe' });
  const routers = Array.from({ length: ROUTERS }, (_, r) => `${prefix}r${r}`);
  const devices = (nodes - ROUTERS) / ROUTERS;
  const all = [`${prefix}ix`, ...routers.flatMap((r) => [r, ...devicesOf(r, devices)])];
  const buildMs = timeMs(() => {
    batch(all.map((name) => `netns add ${name}`));
    batch(
      [
        ...['link set lo up', 'link add ix type bridge', 'link set ix up'],
        ...['addr add 198.18.0.1/20 dev ix', 'addr add 2001:db8::1/64 dev ix nodad'],
        ...routers.flatMap((name, r) => portLines(`p${r}`, 'ix', name, 'ix')),
      ],
      ...['-n', `${prefix}ix`],
    );
    routers.forEach((name, r) => {
      const members = devicesOf(name, devices);
      batch(
        [
          ...hostLines(
            'ix',
            `198.18.0.${r + 10}/20`,
            `2001:db8::${r + 10}/64`,
            '198.18.0.1',
            '2001:db8::1',
          ),
          ...['link add lan type bridge', 'link set lan up'],
          ...[`addr add 10.0.${r}.1/24 dev lan`, `addr add fd10:0:0:${r}::1/64 dev lan nodad`],
          ...members.flatMap((member, d) => portLines(`p${d}`, 'lan', member, 'eth0')),
        ],
        ...['-n', name],
      );
      members.forEach((member, d) => {
        const [v4, v6] = [`10.0.${r}.${d + 2}/24`, `fd10:0:0:${r}::${(d + 2).toString(16)}/64`];
        batch(hostLines('eth0', v4, v6, `10.0.${r}.1`, `fd10:0:0:${r}::1`), '-n', member);
      });
    });
  });
  const downMs = timeMs(() => batch(all.map((name) => `netns delete ${name}`)));
  return { buildMs, downMs };
}

const devicesOf = (router, count) => Array.from({ length: count }, (_, d) => `${router}d${d}`);
const portLines = (port, bridge, namespace, name) => [
  `link add ${port} type veth peer name ${name} netns ${namespace}`,
  `link set ${port} master ${bridge} up`,
];
const hostLines = (name, v4, v6, gateway4, gateway6) => [
  ...['link set lo up', `link set ${name} up`],
  ...[`addr add ${v4} dev ${name}`, `addr add ${v6} dev ${name} nodad`],
  ...[`route add default via ${gateway4}`, `route add default via ${gateway6}`],
];

/** Debian's mininet times itself: a tree of ten switches with Linux bridges, which it calls hosts and switches. */
function measureMininet(nodes) {
  const fanout = nodes / ROUTERS - 1;
  const script = `
import time
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import Topo
class Tree(Topo):
    def build(self):
        top = self.addSwitch('s0')
        for r in range(${ROUTERS}):
            switch = self.addSwitch('s%d' % (r + 1))
            self.addLink(top, switch)
            for d in range(${fanout}):
                self.addLink(switch, self.addHost('r%dd%d' % (r, d)))
start = time.time()
net = Mininet(topo=Tree(), switch=LinuxBridge, controller=None)
net.start()
built = time.time()
net.stop()
print('TIMES', (built - start) * 1000, (time.time() - built) * 1000)`;
  const { stdout } = spawnSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' });
  const [, buildMs, downMs] = /TIMES (\S+) (\S+)/.exec(stdout) ?? [];
  return buildMs && { buildMs: Number(buildMs), downMs: Number(downMs) };
}

const failures = [];
function judge(name, value, limit, unit) {
  const met = value <= limit;
  if (!met) failures.push(name);
  console.log(`${name}: ${round(value)} ${unit}, goal ${limit} ${unit}: ${met ? 'met' : 'MISSED'}`);
}

for (const { nodes, buildLimitMs, downLimitMs } of SIZES) {
  const runs = [];
  for (let run = 0; run < REPEATS; run++) runs.push(await measureLab(nodes));
  const of = (key) => median(runs.map((run) => run[key]));
  judge(`${nodes} nodes up`, of('buildMs'), buildLimitMs, 'ms');
  judge(`${nodes} nodes down, the last namespace gone`, of('downMs'), downLimitMs, 'ms');
  console.log(`  of which close() ${round(of('closeMs'))} ms`);
  if (nodes >= 1000) judge('memory of an idle node', of('nodeKb'), NODE_LIMIT_KB, 'KB');
  const ip = measureIpBatch(nodes);
  console.log(
    `  ip -batch: up ${round(ip.buildMs)} ms, delete returns after ${round(ip.downMs)} ms`,
  );
  const mininet = nodes <= 100 && measureMininet(nodes);
  if (mininet) {
    console.log(`  mininet: up ${round(mininet.buildMs)} ms, down ${round(mininet.downMs)} ms`);
  } else if (nodes <= 100) {
    console.log('  mininet: not installed');
  }
}
const [AF_INET, SOCK_STREAM] = [2, 1];
const CONNECT_LIMIT = 1.3;
const ROUNDS = 40;
const CONNECTIONS_EACH = 50;

/** One connection, and a byte there and back on it. */
async function echo(open) {
  const socket = await open();
  socket.setNoDelay(true);
  socket.write('x');
  await once(socket, 'data');
  socket.destroy();
}

async function echoesMs(open) {
  const start = performance.now();
  for (let count = 0; count < CONNECTIONS_EACH; count++) await echo(open);
  return (performance.now() - start) / CONNECTIONS_EACH;
}

/** `node.connect` through one router beside sockets that are made in the same namespaces without the lab. */
async function measureConnect() {
  const lab = await Lab.create();
  const home = lab.router('home');
  const laptop = lab.device('laptop', { uplink: home });
  const server = lab.device('server', { uplink: lab.router('far', { upstream: home }) });
  const answer = (socket) => socket.on('error', () => {}).pipe(socket);
  (await server.listen({ port: 80 })).on('connection', answer);
  const plainServer = createServer(answer);
  server.runSync(() => void plainServer.listen(81));
  const ours = () => laptop.connect({ address: server.ipv4, port: 80 });
  const plain = async () => {
    const socket = new Socket({ fd: laptop.namespace.socket(AF_INET, SOCK_STREAM) });
    socket.connect(81, server.ipv4);
    await once(socket, 'connect');
    return socket;
  };
  const ways = [ours, plain];
  for (const way of ways) await echoesMs(way);
  const times = ways.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, way] of ways.entries()) times[index].push(await echoesMs(way));
  }
  plainServer.close();
  await lab.close();
  const [oursMs, plainMs] = times.map(median);
  return { oursMs, plainMs };
}

const { oursMs, plainMs } = await measureConnect();
judge(
  'node.connect and a byte there and back, in plain sockets',
  oursMs / plainMs,
  CONNECT_LIMIT,
  'times',
);
console.log(`  node.connect ${oursMs.toFixed(3)} ms, plain sockets ${plainMs.toFixed(3)} ms`);
process.exitCode = failures.length > 0 ? 1 : 0;
