/**
 * How long the discovery takes to list 1,000 namespaces with a veth each, and how much memory a daemon
 * has that keeps the list current. Needs root. Beside it, in the same run, what asking `ip` costs.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@netweir/api';
import { unixSocketTransport } from '@netweir/api/node';
import { Discovery, discoverOnce } from '@netweir/discovery';

const NAMESPACES = 1000;
const LIST_LIMIT_MS = 250;
const MEMORY_LIMIT_MB = 200;
const REPEATS = 5;
const IP_SAMPLE = 50;
const WATCHED_MS = 5000;
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

/** The daemon as users run it: how long it takes to listen, and its memory while somebody watches. */
async function measureDaemon() {
  const directory = mkdtempSync(join(tmpdir(), 'netweir-bench-'));
  const socketPath = join(directory, 'netweir.sock');
  const env = { ...process.env, NETWEIR_SOCKET: socketPath, NETWEIR_STATE: directory };
  const start = performance.now();
  const daemon = spawn(process.execPath, [NETWEIR, 'up', '--port', '0', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(daemon, 'exit');
  try {
    await once(daemon.stdout, 'data');
    const listeningMs = performance.now() - start;
    const netweir = createClient(unixSocketTransport(socketPath));
    const { spaces } = await netweir.inventory();
    const stop = await netweir.watch(
      () => {},
      () => {},
    );
    await setTimeout(WATCHED_MS);
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    stop();
    const rssMb = (Number(/^VmRSS:\s+(\d+)/m.exec(status)[1]) * 1024) / 1e6;
    return { listeningMs, spaces: spaces.length, rssMb };
  } finally {
    daemon.kill('SIGTERM');
    await exit;
    rmSync(directory, { recursive: true });
  }
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

try {
  ipBatch(
    names.flatMap((name) => [
      `netns add ${name}`,
      `link add ${name} type veth peer name eth0 netns ${name}`,
    ]),
  );
  console.log(`${NAMESPACES} namespaces with a veth each, Node ${process.version}`);
  const cold = listOnce();
  const warm = Array.from({ length: REPEATS }, listOnce);
  row('discoverOnce, first call of the process', cold, 'ms');
  row(`discoverOnce, median of ${REPEATS}`, median(warm), 'ms', LIST_LIMIT_MS);
  row('Discovery.open with all event sockets, warm', await openMs(), 'ms');
  const daemon = await measureDaemon();
  row('the daemon, from its start until it listens', daemon.listeningMs, 'ms');
  const memory = `resident memory of the daemon, ${daemon.spaces} spaces, watched`;
  row(memory, daemon.rssMb, 'MB', MEMORY_LIMIT_MB);
  const sample = ipEach();
  row(`links only, by ip: ${IP_SAMPLE} × "ip -j -d -n NAME link"`, sample, 'ms');
  row(`the same, extrapolated to ${NAMESPACES}`, (sample / IP_SAMPLE) * NAMESPACES, 'ms');
} finally {
  ipBatch(names.map((name) => `netns delete ${name}`));
}
