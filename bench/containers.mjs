/**
 * How soon a container that starts is as a rule for it says: from the moment that Docker calls its start until the kernel
 * has the impairment, for 200 containers, one after the other, and what a daemon still holds when all of them are gone.
 * The start is `State.StartedAt`; the end is the kernel's own message about the last qdisc or filter, as received by a
 * program of its own. Needs root, Docker and Python. `--starts N` takes another number.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { only } from '../tests/dist/support/containers/config.js';
import { Docker } from '../tests/dist/support/containers/docker.js';
import { Machine } from '../tests/dist/support/containers/machine.js';
import { IMAGE } from '../tests/dist/support/containers/runtime.js';
import { Daemon, Site } from '../tests/dist/support/daemon.js';
import { until } from '../tests/dist/support/witness.js';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { starts: { type: 'string', default: '200' } },
});
const STARTS = Number(options.starts);
const P99_LIMIT_MS = 100;
const DEADLINE_MS = 5000;
/** Nothing more comes for so long: the impairment is whole. */
const QUIET_MS = 100;

/** linux/rtnetlink.h */
const RTM_NEWQDISC = 36;
const RTM_NEWTFILTER = 44;

const RULES = {
  started: { match: { name: 'started-*' }, impairment: { egress: { delay: { mean: '50ms' } } } },
};

/** The kernel's messages about qdiscs and filters in namespaces of containers, as they come. */
class TcEvents {
  /** Wall clock in nanoseconds of the last one. */
  lastNs = 0n;
  #process;

  static async start(machine) {
    const events = new TcEvents();
    const program = join(import.meta.dirname, 'python', 'tc-events.py');
    events.#process = machine.spawn('python3', [program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: events.#process.stdout });
    await new Promise((resolve) => lines.once('line', resolve));
    lines.on('line', (line) => events.#take(line));
    return events;
  }

  stop() {
    this.#process.kill();
  }

  #take(line) {
    const [atNs, type, nsid] = line.split(' ');
    const isNew = [RTM_NEWQDISC, RTM_NEWTFILTER].includes(Number(type));
    if (isNew && Number(nsid) >= 0) this.lastNs = BigInt(atNs);
  }
}

/** RFC 3339 with nanoseconds, which Date would cut off. */
function nanoseconds(text) {
  const [, seconds, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text);
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Starts one container; milliseconds from its start until it is impaired. */
async function startMs(docker, events, name) {
  await docker.client('run', '--detach', '--name', name, IMAGE, 'sleep', '1000');
  const started = await docker.client('inspect', '--format', '{{.State.StartedAt}}', name);
  return impairedMs(nanoseconds(started), events);
}

async function impairedMs(startedNs, events) {
  await until('the impairment is in the kernel', DEADLINE_MS, () => events.lastNs > startedNs);
  let lastNs = 0n;
  while (lastNs !== events.lastNs) {
    lastNs = events.lastNs;
    await setTimeout(QUIET_MS);
  }
  return Number(lastNs - startedNs) / 1e6;
}

/** What a process holds open, by kind, and the network namespaces that are alive besides the machine's. */
function held(machine, pid) {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => kindOf(`/proc/${pid}/fd/${fd}`));
  const namespaces = machine.run('ip', 'netns', 'list-id').split('\n').filter(Boolean).length;
  return {
    descriptors: descriptors.filter(Boolean).length,
    sockets: descriptors.filter((kind) => kind.startsWith('socket:')).length,
    namespaces,
  };
}

function kindOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // the descriptor of this very reading
  }
}

function journalEntries(site) {
  const path = join(site.environment.NETWEIR_STATE, 'journal.ndjson');
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

function show(title, durations) {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const p99 = at(0.99);
  const verdict = p99 < P99_LIMIT_MS ? 'ok' : 'MISSED';
  const figures = [at(0.5), p99, sorted.at(-1)].map((ms) => `${ms.toFixed(1)} ms`);
  console.log(`${title}: p50 ${figures[0]}, p99 ${figures[1]}, max ${figures[2]}  ${verdict}`);
  if (p99 >= P99_LIMIT_MS) process.exitCode = 1;
}

async function measure(machine, docker) {
  const config = { ...only(docker), rules: RULES };
  const site = new Site({ namespace: machine.namespace, config });
  const daemon = await Daemon.start(site);
  const events = await TcEvents.start(machine);
  try {
    // The first one starts what the daemon then keeps: its engine.
    await startMs(docker, events, 'started-first');
    const [restarts, starts] = [[], []];
    for (let index = 0; index < STARTS / 10; index++) {
      await docker.client('restart', '--time', '0', 'started-first');
      const text = await docker.client('inspect', '-f', '{{.State.StartedAt}}', 'started-first');
      restarts.push(await impairedMs(nanoseconds(text), events));
    }
    await docker.client('rm', '--force', 'started-first');
    await setTimeout(1000);
    const before = held(machine, daemon.pid);
    for (let index = 0; index < STARTS; index++) {
      starts.push(await startMs(docker, events, `started-${index}`));
      await docker.client('rm', '--force', `started-${index}`);
    }
    await setTimeout(1000);
    const after = held(machine, daemon.pid);
    show(`${STARTS} starts, until impaired`, starts);
    show(`${restarts.length} restarts, until impaired again`, restarts);
    console.log(`before: ${JSON.stringify(before)}, after: ${JSON.stringify(after)}`);
    const entries = journalEntries(site);
    console.log(`lines in the journal: ${entries.length}`);
    const { restored, failed } = await daemon.netweir.restore();
    console.log(`left to restore: ${restored.length + failed.length}`);
    const isAsBefore = Object.keys(before).every((key) => after[key] <= before[key]);
    if (!isAsBefore || restored.length + failed.length > 0) process.exitCode = 1;
  } finally {
    events.stop();
    await daemon[Symbol.asyncDispose]();
    site[Symbol.dispose]();
  }
}

const machine = new Machine();
try {
  const docker = await Docker.start(machine);
  try {
    await measure(machine, docker);
  } finally {
    await docker[Symbol.asyncDispose]();
  }
} finally {
  machine[Symbol.dispose]();
}
