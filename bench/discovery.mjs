/**
 * What discovery costs on a large host: 1,000 namespaces with five interfaces each besides lo, which are a veth to the
 * host, both ends of another veth, and two ifb. How long it takes to list them all, how soon a change is with a client of
 * the API, and what a daemon costs while somebody watches and nothing happens. Needs root. Beside it, in the same run,
 * what asking `ip` costs. `--namespaces N` takes another number, `--profile` writes a profile of the idle daemon.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClient } from '@netweir/api';
import { unixSocketTransport } from '@netweir/api/node';
import { Discovery, discoverOnce } from '@netweir/discovery';
import { NetworkNamespace } from '@netweir/kernel';

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    namespaces: { type: 'string', default: '1000' },
    profile: { type: 'boolean', default: false },
  },
});
const NAMESPACES = Number(options.namespaces);
const INTERFACES_EACH = 5;
const LIST_LIMIT_MS = 1000;
const CHANGE_LIMIT_MS = 100;
const CHANGES = 100;
const MEMORY_LIMIT_MB = 300;
const IDLE_LIMIT_PERCENT = 2;
const REPEATS = 5;
const IP_SAMPLE = 50;
const SETTLED_MS = 3000;
const IDLE_MS = 20_000;
const FEW_CHANGES = 50;
/** For some time after it was busy, the engine of JavaScript tidies its memory. */
const TIDY_MS = 25_000;
const LONGEST_UNREST_MS = 120_000;
/** `sysconf(_SC_CLK_TCK)`, which is this on every Linux. */
const TICKS_PER_SECOND = 100;
const NETWEIR = fileURLToPath(new URL('../packages/cli/bin/netweir', import.meta.url));

const prefix = `nwb${process.pid.toString(36)}`;
const names = Array.from({ length: NAMESPACES }, (_, index) => `${prefix}v${index}`);

function ipBatch(lines) {
  execFileSync('ip', ['-force', '-batch', '-'], {
    input: lines.join('\n'),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function timeMs(action) {
  const start = performance.now();
  const result = action();
  return { ms: performance.now() - start, result };
}

function listOnce() {
  const { ms, result } = timeMs(() => discoverOnce());
  const listed = result.spaces.filter(({ name }) => name.startsWith(prefix));
  const complete = listed.filter(({ interfaces }) =>
    [...interfaces.values()].some(({ peer }) => peer?.space === 'host' && peer.interface !== null),
  ).length;
  result.close();
  if (complete !== NAMESPACES)
    throw new Error(`only ${complete} of ${NAMESPACES} were listed whole`);
  return ms;
}

async function openMs() {
  const start = performance.now();
  const discovery = await Discovery.open();
  const ms = performance.now() - start;
  await discovery.close();
  return ms;
}

/** The daemon as users run it, from its start through changes to idleness, with somebody who watches. */
async function measureDaemon() {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-bench-'));
  const socketPath = join(directory, 'netweir.sock');
  const env = { ...process.env, NETWEIR_SOCKET: socketPath, NETWEIR_STATE: directory };
  const profile = options.profile ? ['--cpu-prof', '--cpu-prof-dir=.'] : [];
  const start = performance.now();
  const daemon = spawn(process.execPath, [...profile, NETWEIR, 'up', '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(daemon, 'exit');
  try {
    await once(daemon.stdout, 'data');
    const listeningMs = performance.now() - start;
    const netweir = createClient(unixSocketTransport(socketPath));
    const asked = performance.now();
    const { spaces } = await netweir.inventory();
    const inventoryMs = performance.now() - asked;
    const watcher = new Watcher();
    const stop = await netweir.watch(
      (message) => watcher.take(message),
      (error) => console.error(`the watch has ended: ${error}`),
    );
    await setTimeout(SETTLED_MS);
    const changesMs = await measureChanges(watcher);
    await watcher.quiet();
    await setTimeout(TIDY_MS);
    const before = watcher.changes;
    const idlePercent = await measureIdle(daemon.pid);
    const idleChanges = watcher.changes - before;
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    stop();
    const rssMb = (Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) * 1024) / 1e6;
    return {
      listeningMs,
      inventoryMs,
      changesMs,
      idlePercent,
      idleChanges,
      spaces: spaces.length,
      rssMb,
    };
  } finally {
    daemon.kill('SIGTERM');
    await exit;
    rmSync(directory, { recursive: true });
  }
}

/** Waits for interfaces to have a certain MTU, as a page would come to know it, and for silence. */
class Watcher {
  #wanted;
  changes = 0;

  take(message) {
    this.changes += message.changes?.length ?? 0;
    for (const { type, space, interface: shown } of message.changes ?? []) {
      const wanted = this.#wanted;
      if (type === 'interface' && space === wanted?.space && shown.mtu === wanted.mtu)
        wanted.resolve(performance.now());
    }
  }

  /** Until hardly a counter changes: interfaces that are new ask for IPv6 routers, ever more rarely. */
  async quiet() {
    const endMs = performance.now() + LONGEST_UNREST_MS;
    while (performance.now() < endMs) {
      const before = this.changes;
      await setTimeout(SETTLED_MS);
      if (this.changes - before < FEW_CHANGES) return;
    }
    throw new Error('something goes on in the namespaces');
  }

  mtu(space, mtu) {
    return new Promise((resolve) => {
      this.#wanted = { space, mtu, resolve };
    });
  }
}

/** From before `ip` is started until the client has the change; `ip` itself is part of it. */
async function measureChanges(watcher) {
  const durations = [];
  for (let index = 0; index < CHANGES; index++) {
    const name = names[(index * 7919) % names.length];
    const mtu = 1000 + index;
    const seen = watcher.mtu(`netns:${name}`, mtu);
    const start = performance.now();
    execFileSync('ip', ['-n', name, 'link', 'set', 'eth0', 'mtu', String(mtu)]);
    durations.push((await seen) - start);
    await setTimeout(20);
  }
  return durations.sort((a, b) => a - b);
}

/** Percent of one processor that a process and its threads use. */
async function measureIdle(pid) {
  const before = cpuSeconds(pid);
  await setTimeout(IDLE_MS);
  return ((cpuSeconds(pid) - before) / (IDLE_MS / 1000)) * 100;
}

function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function ipEach() {
  return timeMs(() => {
    for (const name of names.slice(0, IP_SAMPLE)) {
      execFileSync('ip', ['-j', '-d', '-n', name, 'link'], { stdio: 'ignore' });
    }
  }).ms;
}

function row(what, value, unit, limit) {
  const missed = limit !== undefined && value >= limit;
  const verdict =
    limit === undefined ? '' : `  ${missed ? 'MISSED' : 'ok'}, limit ${limit} ${unit}`;
  console.log(`${what.padEnd(58)}${value.toFixed(1).padStart(9)} ${unit}${verdict}`);
  if (missed) process.exitCode = 1;
}

/** Has interfaces, those of the namespace that are to be made or one that is there, ask for no IPv6 router. */
function solicitNobody(which) {
  writeFileSync(`/proc/sys/net/ipv6/conf/${which}/router_solicitations`, '0');
}

function makeNamespaces() {
  ipBatch(names.map((name) => `netns add ${name}`));
  for (const name of names) {
    const namespace = NetworkNamespace.openNamed(name);
    namespace.run(() => solicitNobody('default'));
    namespace.close();
  }
  ipBatch(
    names.flatMap((name) => [
      `link add ${name} type veth peer name eth0 netns ${name}`,
      `link add in0 netns ${name} type veth peer name in1 netns ${name}`,
      `link add ifb0 netns ${name} type ifb`,
      `link add ifb1 netns ${name} type ifb`,
    ]),
  );
  for (const name of names) solicitNobody(name);
  ipBatch(names.map((name) => `link set ${name} up`));
  // Interfaces that are down would have no carrier, no addresses and no qdiscs.
  for (const name of names) {
    execFileSync('ip', ['-n', name, '-batch', '-'], {
      input: ['lo', 'eth0', 'in0', 'in1', 'ifb0', 'ifb1']
        .map((dev) => `link set ${dev} up`)
        .join('\n'),
    });
  }
}

try {
  makeNamespaces();
  console.log(
    `${NAMESPACES} namespaces with ${INTERFACES_EACH} interfaces each, Node ${process.version}`,
  );
  const cold = listOnce();
  const warm = Array.from({ length: REPEATS }, listOnce);
  row('discoverOnce, first call of the process', cold, 'ms', LIST_LIMIT_MS);
  row(`discoverOnce, median of ${REPEATS}`, median(warm), 'ms', LIST_LIMIT_MS);
  row('Discovery.open with all event sockets, warm', await openMs(), 'ms');
  const daemon = await measureDaemon();
  row('the daemon, from its start until it listens', daemon.listeningMs, 'ms');
  row('the first inventory by the API', daemon.inventoryMs, 'ms', LIST_LIMIT_MS);
  const { changesMs } = daemon;
  row(`a change, until a watching client has it, median of ${CHANGES}`, median(changesMs), 'ms');
  row('the same, 99th percentile', changesMs[Math.ceil(CHANGES * 0.99) - 1], 'ms', CHANGE_LIMIT_MS);
  row('processor, idle, counters at 1 Hz', daemon.idlePercent, '%', IDLE_LIMIT_PERCENT);
  row('counters that changed meanwhile', daemon.idleChanges, '');
  const memory = `resident memory of the daemon, ${daemon.spaces} spaces, watched`;
  row(memory, daemon.rssMb, 'MB', MEMORY_LIMIT_MB);
  const sample = ipEach();
  row(`links only, by ip: ${IP_SAMPLE} × "ip -j -d -n NAME link"`, sample, 'ms');
  row(`the same, extrapolated to ${NAMESPACES}`, (sample / IP_SAMPLE) * NAMESPACES, 'ms');
} finally {
  ipBatch(names.map((name) => `netns delete ${name}`));
}
