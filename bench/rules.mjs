/**
 * What rules cost: each packet, by how many rules there are, and the addition of one among 199 others, by the userspace
 * engine and by the kernel's, with --vm also in the kernel VM. Needs root and a C compiler. docs/benchmarks.md says what
 * is measured and why.
 */
import { execFileSync } from 'node:child_process';
import { release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probeAbilities } from '@netweir/impair';
import { addRoute } from '@netweir/kernel';
import { openImpairer } from './support/impairer.mjs';
import { Shell } from './support/shell.mjs';
import { UdpStream } from './support/udp-stream.mjs';
import { Wire } from './support/wire.mjs';

const RULES = [0, 1, 10, 100, 200];
const ROUNDS = 5;
/** Bytes of data: frames of 64. */
const SMALL_BYTES = 18;
const ADDITIONS = 100;
const ADDITION_GOAL_MS = 5;
/** More than is ever sent, so that nothing waits. */
const LIMIT = { rate: { rate: '50gbit' } };
/** One that almost never does anything. */
const PASS = { loss: { model: 'random', probability: '0.0001%' } };
/** Behind the far end, where nobody takes it: what happens to it there costs little. */
const NOWHERE = '10.58.255.1';

const inGuest = process.argv.includes('--in-guest');
const stream = inGuest ? { perSecond: 5000, count: 10_000 } : { perSecond: 50_000, count: 50_000 };
/** Faster than any machine sends. */
const flood = { perSecond: 1e9, count: inGuest ? 50_000 : 300_000 };

const udpStream = new UdpStream();
const abilities = probeAbilities();
const engines = [
  { engine: 'userspace', direction: PASS },
  { engine: 'kernel', direction: abilities.netem ? PASS : LIMIT },
];

/** Rules of which only the last takes what is sent to `NOWHERE`. */
function rulesOf(count, direction) {
  return Array.from({ length: count }, (_, index) => ({
    match: { remote: [index === count - 1 ? NOWHERE : `10.58.${index}.0/24`] },
    egress: direction,
  }));
}

class Bench {
  wire = new Wire();
  own = openImpairer(abilities);
  impairer = this.own.impairer;
  shell = new Shell(this.wire.near);

  constructor() {
    const { netlink, ifindex } = this.wire.at;
    const via = this.wire.address.far.v4;
    netlink.request(addRoute({ destination: '10.58.0.0/16', gateway: via, ifindex }));
  }

  apply({ engine, direction }, rules) {
    this.impairer.apply(this.wire.at, { egress: direction, rules, engine }, undefined);
  }

  /** Microseconds of a processor that each packet costs. */
  async packetUs({ engine }) {
    return engine === 'userspace' ? await this.#engineUs() : await this.#senderUs();
  }

  /** This process's time while packets come evenly. */
  async #engineUs() {
    const before = process.cpuUsage();
    await this.shell.run(udpStream.sender(NOWHERE, { ...stream, bytes: SMALL_BYTES }));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / stream.count;
  }

  /** The sender's time, which the qdisc is asked in. */
  async #senderUs() {
    const start = process.hrtime.bigint();
    await this.shell.run(udpStream.sender(NOWHERE, { ...flood, bytes: SMALL_BYTES }));
    return Number(process.hrtime.bigint() - start) / 1000 / flood.count;
  }

  /** Milliseconds, the median of many additions, until one more rule among 199 is in force, on disk and read back. */
  additionMs(way) {
    const { direction } = way;
    const others = rulesOf(199, direction);
    const one = { match: { remote: ['10.59.0.0/16'] }, egress: direction };
    const times = [];
    for (let addition = 0; addition < ADDITIONS; addition++) {
      this.apply(way, others);
      const start = performance.now();
      this.apply(way, others.toSpliced(2 * addition, 0, one));
      times.push(performance.now() - start);
    }
    return median(times);
  }

  async close() {
    this.impairer.clear(this.wire.at);
    await this.own.close();
    await this.shell.close();
    await this.wire.close();
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function measure(bench, way) {
  const figures = new Map(RULES.map((count) => [count, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const count of RULES) {
      bench.apply(way, rulesOf(count, way.direction));
      figures.get(count).push(await bench.packetUs(way));
    }
  }
  const name = `${way.engine}${way.direction === LIMIT ? ' (tbf)' : ''}`;
  for (const [count, values] of figures) {
    console.log(`| a packet, ${name}, ${count} rules | ${median(values).toFixed(2)} µs | |`);
  }
  const ms = bench.additionMs(way);
  // Where processes switch slowly, nothing is promised.
  const verdict = inGuest ? '' : ms <= ADDITION_GOAL_MS ? 'ok' : 'MISSED';
  if (verdict === 'MISSED') process.exitCode = 1;
  console.log(`| one more rule among 199, ${name} | ${ms.toFixed(2)} ms | ${verdict} |`);
}

function measureInGuest() {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const run = join(root, 'tools', 'kernel-vm', 'run');
  const args = ['--', process.execPath, join(root, 'bench', 'run.mjs'), 'rules', '--in-guest'];
  execFileSync(run, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

try {
  console.log(
    `\nLinux ${release()}, Node ${process.version}\n\n| what | value | goal |\n|---|---:|---|`,
  );
  for (const way of engines) {
    const bench = new Bench();
    try {
      await measure(bench, way);
    } finally {
      await bench.close();
    }
  }
  if (process.argv.includes('--vm')) measureInGuest();
} finally {
  udpStream.close();
}
