/**
 * `npm run accuracy` measures the grid on this machine and in the kernel VM and writes docs/accuracy.md; with --quick, a
 * part of it on this machine, and only prints. Needs root. The exit code is 1 where a limit is missed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { documentOf, number } from './document.mjs';
import { measureGrid } from './grid.mjs';
import { judge } from './judge.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = join(ROOT, 'docs', 'accuracy.md');
const NOTES = readFileSync(new URL('./notes.md', import.meta.url), 'utf8').trim();

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, guest: { type: 'string' } },
});

function print({ feature, set, figure, family, engine, way, ...row }) {
  const value = row.samples
    ? `${row.samples.length}`
    : `${number(row.achieved)} ${row.unit}, error ${number(row.achieved - row.expected)}`;
  console.log(`${feature} ${set}, ${figure}, ${family}, ${engine} ${way}: ${value}`);
}

function conclude(rows) {
  const missed = rows.filter(({ kept }) => kept === false);
  for (const row of missed) console.log('MISSED', JSON.stringify(row));
  const judged = rows.filter(({ kept }) => kept !== undefined).length;
  console.log(`${judged - missed.length} of ${judged} limits are kept.`);
  if (missed.length > 0) process.exitCode = 1;
}

/** The rows of both engines, by the same program in the VM. */
function measureInGuest() {
  const folder = mkdtempSync(join(tmpdir(), 'netweir-accuracy-'));
  const file = join(folder, 'rows.json');
  try {
    const program = [process.execPath, fileURLToPath(import.meta.url), '--guest', file];
    execFileSync(
      join(ROOT, 'tools', 'kernel-vm', 'run'),
      ['--timeout', '1500', '--out', folder, '--', ...program],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (values.guest) {
  const rows = await measureGrid({ where: 'vm', onRow: print });
  writeFileSync(values.guest, JSON.stringify({ release: release(), rows }));
} else if (values.quick) {
  conclude(judge(await measureGrid({ where: 'host', quick: true, onRow: print })));
} else {
  const host = judge(await measureGrid({ where: 'host', onRow: print }));
  const inGuest = measureInGuest();
  const guest = judge(inGuest.rows);
  const day = new Date().toISOString().slice(0, 10);
  const machine = [
    `- This machine: Linux ${release()}, ${availableParallelism()} processors, shared with other work; Node ${process.version}.`,
    `- The VM: Linux ${inGuest.release}, user-mode Linux on the same machine.`,
    `- ${day}.`,
  ];
  writeFileSync(PAGE, documentOf({ machine, host, guest, missedNotes: NOTES }));
  conclude([...host, ...guest]);
}
