// Builds, runs the test levels and prints the result: node main.mjs [long] [LEVEL...] [PATH...]
import { spawnSync } from 'node:child_process';
import { LEVELS, obstacle, testFiles } from './levels.mjs';
import { runCommand, runTests } from './run.mjs';

/** The whole run, with installation and build, ends within this time; together, they are what CI has. */
const BUDGET_S = { quick: 15 * 60, long: 22 * 60, all: 22 * 60 };
const END_MARGIN_S = 20;

/** The word for what a plain run leaves out. */
const LONG = 'long';

const words = process.argv.slice(2);
const levels = LEVELS.filter(({ name }) => words.includes(name));
const paths = words.filter((word) => word !== LONG && !LEVELS.some(({ name }) => name === word));

const startedS = Number(process.env.TEST_STARTED ?? Date.now() / 1000);
const remainingS = () => Math.floor(startedS + BUDGET_S[part()] - END_MARGIN_S - Date.now() / 1000);
const since = (/** @type {number} */ start) => `${((Date.now() - start) / 1000).toFixed(1)} s`;

/** @type {import('./run.mjs').Tally} */
const total = { passed: 0, failed: 0, skipped: [] };

/** @param {import('./levels.mjs').Level} level */
async function runLevel(level) {
  if (level.command) return runCommand(level.command, remainingS());
  const files = testFiles(level, paths, part());
  const reason = obstacle(level);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: [] };
  if (reason) return { passed: 0, failed: 0, skipped: files.map((file) => `${file}: ${reason}`) };
  // Among what takes long there is what measures.
  const concurrency = level.user && part() !== 'quick' ? 1 : level.concurrency;
  return runTests({ ...level, concurrency }, files, remainingS());
}

/** What is asked for by name has all of its files. */
function part() {
  if (words.includes(LONG)) return 'long';
  return levels.length > 0 || paths.length > 0 ? 'all' : 'quick';
}

/** What a plain `npm test` runs; a path or `long` leaves out the levels that have no files. */
function chosenLevels() {
  if (levels.length > 0) return levels;
  return paths.length > 0 || part() === 'long' ? LEVELS.filter(({ command }) => !command) : LEVELS;
}

function build() {
  const start = Date.now();
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  console.log(`build: ${status === 0 ? 'done' : 'FAILED'} in ${since(start)}`);
  return status === 0;
}

const summaries = [];
if (build()) {
  for (const level of chosenLevels()) {
    console.log(`\n== ${level.name}`);
    const start = Date.now();
    const { passed, failed, skipped } = await runLevel(level);
    summaries.push(
      `${level.name}: ${passed} passed, ${failed} failed, ${skipped.length} skipped in ${since(start)}`,
    );
    console.log(summaries.at(-1));
    total.passed += passed;
    total.failed += failed;
    total.skipped.push(...skipped.map((text) => `${level.name}: ${text}`));
  }
} else {
  total.failed += 1;
}

console.log(`\n== summary\n${summaries.join('\n')}\ntotal: ${since(startedS * 1000)}`);
if (total.skipped.length > 0) {
  console.log(
    `\n!!! SKIPPED: ${total.skipped.length}\n${total.skipped.map((s) => `!!! ${s}`).join('\n')}`,
  );
}
if (total.passed + total.failed === 0) console.log('\n!!! No test ran.');
const incomplete = process.env.CI === 'true' && total.skipped.length > 0;
if (incomplete) console.log('!!! With CI=true every test must run: a skipped one fails the run.');
process.exitCode = total.failed > 0 || total.passed === 0 || incomplete ? 1 : 0;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
