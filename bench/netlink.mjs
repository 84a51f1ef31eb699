/**
 * Microseconds per qdisc change: this library beside a C loop, tc and pyroute2, by turns in one run. Needs
 * root. In a namespace of its own, a veth's root qdisc is replaced again and again with two settings by turns:
 * netem's delay or, on a kernel without netem, tbf's rate. docs/benchmarks.md says what is compared and why.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addVeth,
  dumpQdiscs,
  getLink,
  handle,
  NetworkNamespace,
  neutralNetem,
  rateSpec,
  replaceQdisc,
  TC_H_ROOT,
} from '@netweir/kernel';

const ROUNDS = 15;
/** What the others are compared with: encoding, sending and the acknowledgement of every change. */
const EACH = 'netweir, request each';
const MADE = 'netweir, request each, encoded before';
const FAST_CHANGES = 20_000;
const BATCH = 200;
const PYROUTE2_CHANGES = 1000;
const SPAWNS = 20;
const PYTHON = '/usr/bin/python3';
const HEADER_LENGTH = 16;
const NLM_F_REQUEST_ACK = 0x5;

/** Each qdisc kind: two settings as we, tc and pyroute2 say them, and what tells them apart. */
const changes = {
  netem: {
    ours: [10, 20].map((ms) => ({ ...neutralNetem, latencyNs: ms * 1e6 })),
    tc: [10, 20].map((ms) => `netem limit 1000 delay ${ms}ms`),
    pyroute2: [10, 20].map((ms) => ({ kind: 'netem', limit: 1000, delay: ms * 1000 })),
    mark: ({ latencyNs }) => latencyNs,
  },
  tbf: {
    ours: [8, 16].map((mbit) => ({
      kind: 'tbf',
      rate: rateSpec((mbit * 1e6) / 8),
      limitBytes: 100_000,
      burstBytes: 10_000,
    })),
    tc: [8, 16].map((mbit) => `tbf rate ${mbit}mbit burst 10000 limit 100000`),
    pyroute2: [8, 16].map((mbit) => ({
      kind: 'tbf',
      rate: `${mbit}mbit`,
      burst: 10_000,
      limit: 100_000,
    })),
    mark: ({ rate }) => rate.bytesPerSecond,
  },
};

function kernelHas(socket, place, options) {
  try {
    socket.request(replaceQdisc(place, options));
    return true;
  } catch (error) {
    if (error.errnoName === 'ENOENT') return false;
    throw error;
  }
}

function works(command, args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Nanoseconds per change of `count`, of which each call of `action` makes `step`. */
function perChange(count, step, action) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i += step) action(i);
  return Number(process.hrtime.bigint() - start) / count;
}

/** A request as it travels, but for its sequence number. */
function message({ type, flags, body }) {
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt32LE(HEADER_LENGTH + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags | NLM_F_REQUEST_ACK, 6);
  return Buffer.concat([header, body]);
}

/** The ways to make the change. Each returns its nanoseconds per change and ends with the second setting. */
function contenders({ namespace, socket, place, change, folder }) {
  const { ours, tc, pyroute2 } = change;
  const inside = (command, args) =>
    namespace.run(() => execFileSync(command, args, { encoding: 'utf8' }));
  const list = new Map();

  const changeEach = (i) => socket.request(replaceQdisc(place, ours[i & 1]));
  list.set(EACH, () => perChange(FAST_CHANGES, 1, changeEach));
  const encoded = ours.map((options) => replaceQdisc(place, options));
  const sendEach = (i) => socket.request(encoded[i & 1]);
  list.set(MADE, () => perChange(FAST_CHANGES, 1, sendEach));

  if (works('cc', ['--version'])) {
    const program = join(folder, 'qdisc-loop');
    const source = join(import.meta.dirname, 'c', 'qdisc-loop.c');
    const file = join(folder, 'messages');
    execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', program, source]);
    writeFileSync(file, Buffer.concat(encoded.map(message)));
    const loop = (batch) => () => Number(inside(program, [file, `${FAST_CHANGES}`, `${batch}`]));
    list.set('C loop, request each', loop(1));
    list.set(`C loop, batches of ${BATCH}`, loop(BATCH));
  } else console.log('No C compiler (cc): no C loop.');

  const changeBatch = () => {
    const requests = [];
    for (let i = 0; i < BATCH; i++) requests.push(replaceQdisc(place, ours[i & 1]));
    const failed = socket.batch(requests).find((error) => error !== undefined);
    if (failed) throw failed;
  };
  list.set(`netweir, batches of ${BATCH}`, () => perChange(FAST_CHANGES, BATCH, changeBatch));

  const commands = tc.map((options) => `qdisc replace dev v0 root handle 1: ${options}`);
  const lines = join(folder, 'tc-batch');
  writeFileSync(lines, `${commands.join('\n')}\n`.repeat(FAST_CHANGES / 2));
  list.set('tc -batch', () =>
    perChange(FAST_CHANGES, FAST_CHANGES, () => inside('tc', ['-batch', lines])),
  );
  list.set('tc, a process each', () =>
    perChange(SPAWNS, 1, (i) => inside('tc', commands[i & 1].split(' '))),
  );

  if (works(PYTHON, ['-c', 'import pyroute2'])) {
    const script = join(import.meta.dirname, 'python', 'qdisc-loop.py');
    const args = [script, `${place.ifindex}`, `${PYROUTE2_CHANGES}`, JSON.stringify(pyroute2)];
    list.set('pyroute2', () => Number(inside(PYTHON, args)));
  } else console.log("No pyroute2 for /usr/bin/python3 (Debian's python3-pyroute2): left out.");
  return list;
}

/** The contender's time, once it is sure that it left the second setting behind. */
function measure({ socket, place, change }, run) {
  const [first, second] = change.ours;
  socket.request(replaceQdisc(place, first));
  const ns = run();
  const [qdisc] = socket.dump(dumpQdiscs(place.ifindex));
  if (qdisc?.handle !== place.handle || change.mark(qdisc.options) !== change.mark(second)) {
    throw new Error(`the change was not made: ${JSON.stringify(qdisc)}`);
  }
  return ns / 1000;
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], min: sorted[0], max: sorted.at(-1) };
}

const digits = (value) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

function report(results) {
  const ours = results.get(EACH).median;
  console.log('| contender | µs per change, median | min … max | ratio to request each |');
  console.log('|---|---:|---:|---:|');
  for (const [name, { median, min, max }] of results) {
    const range = `${digits(min)} … ${digits(max)}`;
    console.log(`| ${name} | ${digits(median)} | ${range} | ${digits(median / ours)} |`);
  }
  console.log();
}

/** Prints a ratio of two medians; NaN, where a contender is missing, keeps to no limit. */
function judge(results, [numerator, denominator], limit, keeps) {
  const ratio = (results.get(numerator)?.median ?? NaN) / (results.get(denominator)?.median ?? NaN);
  const ok = keeps(ratio);
  if (!ok) process.exitCode = 1;
  const verdict = `${limit}: ${ok ? 'ok' : 'MISSED'}`;
  console.log(`- ${numerator} ÷ ${denominator} = ${digits(ratio)}; ${verdict}`);
}

function judgeAll(results) {
  const encoding = results.get(EACH).median - results.get(MADE).median;
  console.log(`Encoding costs ${digits(encoding)} µs of each change.\n`);
  const batches = `netweir, batches of ${BATCH}`;
  judge(results, [EACH, 'tc -batch'], 'at most 0.5', (ratio) => ratio <= 0.5);
  judge(results, [batches, 'tc -batch'], 'at most 0.5', (ratio) => ratio <= 0.5);
  // The C loop sends bytes that are there already, so that what it is held against does the same.
  judge(results, [MADE, 'C loop, request each'], 'at most 1.3', (ratio) => ratio <= 1.3);
  judge(results, ['tc, a process each', EACH], 'at least 200', (ratio) => ratio >= 200);
}

function prepare(namespace, socket, folder) {
  socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
  const [{ ifindex }] = socket.query(getLink({ name: 'v0' }));
  const place = { ifindex, parent: TC_H_ROOT, handle: handle(1), target: 'v0' };
  const kind = kernelHas(socket, place, neutralNetem) ? 'netem' : 'tbf';
  const bytes = replaceQdisc(place, changes[kind].ours[0]).body.length + HEADER_LENGTH;
  console.log(`Linux ${release()}, Node ${process.version}: ${kind}, messages of ${bytes} bytes,`);
  console.log(`${ROUNDS} rounds with every contender in turn, after one to warm up.\n`);
  return { namespace, socket, place, folder, change: changes[kind] };
}

const folder = mkdtempSync(join(tmpdir(), 'netweir-bench-'));
const namespace = NetworkNamespace.anonymous();
const socket = namespace.netlink();
try {
  const setup = prepare(namespace, socket, folder);
  const list = [...contenders(setup)];
  const times = new Map(list.map(([name]) => [name, []]));
  for (const [, run] of list) measure(setup, run);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of list) times.get(name).push(measure(setup, run));
  }
  const results = new Map([...times].map(([name, values]) => [name, summary(values)]));
  report(results);
  judgeAll(results);
} finally {
  socket.close();
  namespace.close();
  rmSync(folder, { recursive: true });
}
