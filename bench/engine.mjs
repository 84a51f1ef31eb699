/**
 * What the userspace engine costs, beside an unimpaired veth in the same run, or with --vm beside the kernel's netem in
 * the kernel VM too. Needs root and a C compiler. docs/benchmarks.md says what is measured and why.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { iperf } from './support/iperf.mjs';
import { Shell } from './support/shell.mjs';
import { UdpStream } from './support/udp-stream.mjs';
import { startEngine, Wire } from './support/wire.mjs';

const WAY = 'egress';
/** Everything goes through the engine, and nothing happens to it. */
const PASS = { delay: { mean: '0ms' } };
const LOSSY = { delay: { mean: '10ms' }, loss: { model: 'random', probability: '1%' } };
const DELAY_MS = 10;
const DELAYED = { delay: { mean: `${DELAY_MS}ms` } };
/** An Ethernet frame of 64 bytes, its check sequence counted, by UDP on IPv4. */
const SMALL_BYTES = 18;
const INTERFACES = 64;
const QUEUED = 200_000;
const IDLE_MS = 5000;

const GOALS = {
  tcpGbit: (value) => value >= 5,
  smallPerSecond: (value) => value >= 150_000,
  delayErrorMs: (value) => value <= 0.3,
  idlePercent: (value) => value < 1,
  interfaces: (value) => value === INTERFACES,
};

const inGuest = process.argv.includes('--in-guest');
const udpStream = new UdpStream();
/** The shells at both ends of a wire. */
const shells = new WeakMap();

/** Sends small datagrams through a wire. */
async function stream(wire, { perSecond, count }) {
  const { from, to } = shellsOf(wire);
  const { address } = wire.ends(WAY).to;
  return await udpStream.measure({
    ...{ from, to, address: address.v4 },
    ...{ perSecond, count, bytes: SMALL_BYTES },
  });
}

function shellsOf(wire) {
  const { from, to } = wire.ends(WAY);
  const there = shells.get(wire) ?? {
    from: new Shell(from.namespace),
    to: new Shell(to.namespace),
  };
  shells.set(wire, there);
  return there;
}

async function tcpGbit(wire) {
  return (await iperf({ ...wire.ends(WAY), options: ['-t', '4', '-O', '1'] })) / 1e9;
}

/** The highest rate, in steps of a tenth, at which of a second's datagrams none is lost. */
async function smallPerSecond(wire, { least, most }) {
  let best = 0;
  for (let rate = least; rate <= most; rate *= 1.1) {
    const { lost, perSecond } = await stream(wire, {
      perSecond: rate,
      count: Math.round(rate),
    });
    if (lost > 0) break;
    best = perSecond;
  }
  return best;
}

/** Percent of one processor that this process uses while no packet comes. */
async function idlePercent() {
  const before = process.cpuUsage();
  await setTimeout(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / IDLE_MS / 10;
}

/** Memory that each packet in the queue has cost. */
async function bytesPerPacket(wire) {
  wire.impair('userspace', WAY, { delay: { mean: '60s' } });
  const before = residentBytes();
  const { address } = wire.ends(WAY).to;
  const queued = { perSecond: 50_000, count: QUEUED, bytes: SMALL_BYTES };
  await shellsOf(wire).from.run(udpStream.sender(address.v4, queued));
  await setTimeout(500);
  const { queuedPackets } = wire.counters(WAY);
  return { packets: queuedPackets, bytes: (residentBytes() - before) / queuedPackets };
}

function residentBytes() {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

/** Interfaces, of as many, that all ping at the same time with their own delay. */
async function rightInterfaces(count) {
  const engine = startEngine();
  const wires = Array.from({ length: count }, (_, number) => new Wire({ engine, number }));
  try {
    const pings = wires.map(async (wire, index) => {
      const delayMs = 5 + index;
      wire.impair('userspace', WAY, { delay: { mean: `${delayMs}ms` } });
      return { delayMs, rttMs: await pingMs(wire) };
    });
    const results = await Promise.all(pings);
    const wrong = results.filter(({ delayMs, rttMs }) => !(Math.abs(rttMs - delayMs) < 1));
    for (const { delayMs, rttMs } of wrong) console.log(`  ${delayMs} ms: ping saw ${rttMs} ms`);
    return count - wrong.length;
  } finally {
    for (const wire of wires) await wire.close();
    await engine.stop();
  }
}

async function pingMs({ near, address }) {
  const args = ['-n', '-q', '-c', '20', '-i', '0.1', address.far.v4];
  const ping = near.run(() => spawn('ping', args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let output = '';
  ping.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(ping, 'close');
  return Number(/= [\d.]+\/([\d.]+)\//.exec(output)?.[1]);
}

function row(what, value, unit, goal) {
  const text = value >= 1000 ? value.toFixed(0) : value.toFixed(value < 1 ? 3 : 2);
  // Where processes switch slowly, nothing is promised.
  const verdict = goal === undefined || inGuest ? '' : GOALS[goal](value) ? 'ok' : 'MISSED';
  if (verdict === 'MISSED') process.exitCode = 1;
  console.log(`| ${what} | ${text} ${unit} | ${verdict} |`);
}

async function traffic(wire, { name, goal, rates }) {
  row(`TCP, ${name}`, await tcpGbit(wire), 'Gbit/s', goal && 'tcpGbit');
  const small = await smallPerSecond(wire, rates);
  row(`small UDP without loss, ${name}`, small, 'packets/s', goal && 'smallPerSecond');
  const { p50, p99 } = await stream(wire, { perSecond: 1000, count: 3000 });
  row(`one-way latency at 1,000 packets/s, ${name}, median`, p50, 'ms');
  row(`one-way latency at 1,000 packets/s, ${name}, 99th percentile`, p99, 'ms');
}

async function delayed(wire, { name, perSecond, goal }) {
  const { p50, p99, lost } = await stream(wire, { perSecond, count: perSecond * 3 });
  const at = `at ${perSecond} packets/s, ${name}`;
  row(`delay error ${at}, median`, p50 - DELAY_MS, 'ms');
  row(`delay error ${at}, 99th percentile`, p99 - DELAY_MS, 'ms', goal);
  if (lost > 0) console.log(`| lost ${at} | ${lost} | |`);
}

async function measure() {
  const rates = inGuest ? { least: 20_000, most: 100_000 } : { least: 100_000, most: 600_000 };
  const perSecond = inGuest ? 2000 : 20_000;
  const wire = new Wire();
  try {
    await traffic(wire, { name: 'veth', rates });
    if (inGuest) {
      wire.impair('kernel', WAY, PASS);
      await traffic(wire, { name: 'kernel, pass-through', rates });
      wire.impair('kernel', WAY, LOSSY);
      row('TCP, kernel, 10 ms and 1% loss', await tcpGbit(wire), 'Gbit/s');
      wire.impair('kernel', WAY, DELAYED);
      await delayed(wire, { name: 'kernel', perSecond });
      wire.clear();
    }
    wire.impair('userspace', WAY, PASS);
    await traffic(wire, { name: 'userspace, pass-through', rates, goal: true });
    wire.impair('userspace', WAY, LOSSY);
    row('TCP, userspace, 10 ms and 1% loss', await tcpGbit(wire), 'Gbit/s');
    wire.impair('userspace', WAY, DELAYED);
    await delayed(wire, { name: 'userspace', perSecond, goal: 'delayErrorMs' });
    row('processor while idle', await idlePercent(), '%', 'idlePercent');
    const { packets, bytes } = await bytesPerPacket(wire);
    row(`memory for each of ${packets} queued packets`, bytes, 'B');
  } finally {
    await Promise.all(Object.values(shellsOf(wire)).map((shell) => shell.close()));
    await wire.close();
  }
  const count = await rightInterfaces(INTERFACES);
  row('impaired interfaces at once with the right delay', count, `of ${INTERFACES}`, 'interfaces');
}

function machine() {
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  console.log(`\nLinux ${release()}, Node ${process.version}, load ${load} before\n`);
  console.log('| what | value | goal |\n|---|---:|---|');
}

function measureInGuest() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const run = join(root, 'tools', 'kernel-vm', 'run');
  const args = ['--', process.execPath, join(root, 'bench', 'run.mjs'), 'engine', '--in-guest'];
  execFileSync(run, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

try {
  machine();
  await measure();
  if (process.argv.includes('--vm')) measureInGuest();
} finally {
  udpStream.close();
}
