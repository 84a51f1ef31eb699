/**
 * `npm run accuracy` measures the grid on this machine and in two kernel VMs and writes docs/accuracy.md; with --quick, a
 * part of it on this machine, and only prints; with --rows FOLDER, each place's rows are kept there, and those that are
 * there already are taken as they are, but for those of --feature NAME, which are measured again. Needs root. The exit
 * code is 1 where a limit is missed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { documentOf, number } from './document.mjs';
import { measureGrid } from './grid.mjs';
import { judge } from './judge.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = join(ROOT, 'docs', 'accuracy.md');
const NOTES = readFileSync(new URL('./notes.md', import.meta.url), 'utf8').trim();

/** Where the grid is measured. The first is this machine. */
const PLACES = [
  { where: 'host', title: 'On this machine', remark: 'Its kernel has no netem.' },
  {
    where: 'uml',
    vm: [],
    title: 'On Linux 6.1',
    remark:
      'User-mode Linux, one processor, where every switch between processes costs tens of microseconds; it has no IPv6.',
  },
  {
    where: 'qemu',
    vm: ['--backend', 'qemu', '--kernel', 'new', '--processors', '1'],
    title: 'On the newest kernel',
    remark:
      "Debian's newest backport on one processor that QEMU emulates, 10 to 20 times slower than this machine's, so that the grid has fewer rows. The kernel refuses netems that duplicate beside others, and so does netweir, by rules of its engine.",
  },
];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    feature: { type: 'string' },
    guest: { type: 'string' },
    where: { type: 'string', default: 'host' },
  },
});

function print({ feature, set, figure, family, engine, way, rule, ...row }) {
  const value = row.samples
    ? `${row.samples.length}`
    : `${number(row.achieved)} ${row.unit}, error ${number(row.achieved - row.expected)}`;
  console.log(
    `${feature} ${set}, ${figure}, ${family}, ${engine} ${way}${rule ? ' by rule' : ''}: ${value}`,
  );
}

function conclude(rows) {
  const missed = rows.filter(({ kept }) => kept === false);
  for (const row of missed) console.log('MISSED', JSON.stringify(row));
  const judged = rows.filter(({ kept }) => kept !== undefined).length;
  console.log(`${judged - missed.length} of ${judged} limits are kept.`);
  if (missed.length > 0) process.exitCode = 1;
}

/** What was measured in one place, as `place` says, or what an earlier run left in the folder. */
async function measurementOf(place, folder) {
  const file = join(folder, `${place.where}.json`);
  if (!existsSync(file)) await measureAt(place, folder, file);
  else if (values.feature) await measureAgain(place, folder, file, values.feature);
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function measureAt(place, folder, file, only) {
  if (place.vm) measureInGuest(place, folder, file, only);
  else await measureInto(file, place.where, only);
}

/** One feature, in the place of what an earlier run found of it. */
async function measureAgain(place, folder, file, feature) {
  const { rows } = JSON.parse(readFileSync(file, 'utf8'));
  const again = join(folder, `${place.where}-${feature}.json`);
  await measureAt(place, folder, again, feature);
  const { release: kernel, rows: found } = JSON.parse(readFileSync(again, 'utf8'));
  const others = rows.filter((row) => row.feature !== feature);
  writeFileSync(file, JSON.stringify({ release: kernel, rows: [...others, ...found] }));
}

/** By the same program in the VM. */
function measureInGuest({ where, vm }, folder, file, only) {
  const feature = only ? ['--feature', only] : [];
  const program = [process.execPath, fileURLToPath(import.meta.url), '--guest', file, ...feature];
  execFileSync(
    join(ROOT, 'tools', 'kernel-vm', 'run'),
    [...vm, '--timeout', '3000', '--out', folder, '--', ...program, '--where', where],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
}

async function measureInto(file, where, only) {
  const rows = [];
  await measureGrid({
    ...{ where, only },
    onRow: (row) => {
      print(row);
      rows.push(row);
      // What was measured before something ends the guest is not lost.
      writeFileSync(file, JSON.stringify({ release: release(), rows }));
    },
  });
}

/** Measures everywhere, and writes the page. */
async function measureAll(folder) {
  const places = [];
  for (const place of PLACES) {
    const { release: kernel, rows } = await measurementOf(place, folder);
    places.push({ ...place, kernel, rows: judge(rows) });
  }
  const day = new Date().toISOString().slice(0, 10);
  const [host, ...guests] = places;
  const machine = [
    `- This machine: Linux ${host.kernel}, ${availableParallelism()} processors, shared with other work; Node ${process.version}.`,
    ...guests.map(({ where, kernel }) => `- A VM on it (${where}): Linux ${kernel}.`),
    `- ${day}.`,
  ];
  writeFileSync(PAGE, documentOf({ machine, places, missedNotes: NOTES }));
  conclude(places.flatMap(({ rows }) => rows));
}

if (values.guest) {
  await measureInto(values.guest, values.where, values.feature);
} else if (values.quick) {
  conclude(judge(await measureGrid({ where: values.where, quick: true, onRow: print })));
} else {
  const folder = resolve(values.rows ?? mkdtempSync(join(tmpdir(), 'netweir-accuracy-')));
  mkdirSync(folder, { recursive: true });
  await measureAll(folder);
  if (!values.rows) rmSync(folder, { recursive: true });
}
