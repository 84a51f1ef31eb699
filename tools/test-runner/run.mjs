// Runs one level in a process (group) of its own and counts its results.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Tally */

/** Time for an overrun level to clean up after SIGTERM. */
const GRACE_MS = 10_000;

/** @type {Set<(signal: NodeJS.Signals) => void>} */
const running = new Set();
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => {
    for (const kill of running) kill('SIGTERM');
    process.exit(1);
  });
}

/**
 * @param {string[]} command
 * @param {number} timeoutS
 * @param {(line: string) => void} onLine
 * @returns {Promise<string>} how it ended: '' for exit code 0, else a phrase
 */
function runProcess([program, ...args], timeoutS, onLine) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
    /** @param {NodeJS.Signals} signal */
    const kill = (signal) => {
      try {
        if (child.pid) process.kill(-child.pid, signal);
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
      }
    };
    let overrun = false;
    running.add(kill);
    const timer = setTimeout(() => {
      overrun = true;
      kill('SIGTERM');
      setTimeout(kill, GRACE_MS, 'SIGKILL').unref();
    }, Math.max(1, timeoutS) * 1000);
    createInterface({ input: child.stdout }).on('line', onLine);
    child.on('error', (error) => resolve(`could not start: ${error.message}`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      running.delete(kill);
      if (overrun) resolve(`stopped after ${timeoutS} s: no time left`);
      else resolve(code === 0 ? '' : `ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

/**
 * A command that counts as one test; its output is shown when it fails.
 * @param {string[]} command
 * @param {number} timeoutS
 * @returns {Promise<Tally>}
 */
export async function runCommand(command, timeoutS) {
  /** @type {string[]} */
  const output = [];
  const ending = await runProcess(command, timeoutS, (line) => output.push(line));
  if (ending) console.log(`${output.join('\n')}\nFAIL ${command.join(' ')} ${ending}`);
  return { passed: ending ? 0 : 1, failed: ending ? 1 : 0, skipped: [] };
}

/**
 * @param {import('./levels.mjs').Level} level
 * @param {string[]} sources
 * @param {number} timeoutS
 * @returns {Promise<Tally>}
 */
export async function runTests(level, sources, timeoutS) {
  /** @type {Tally} */
  const tally = { passed: 0, failed: 0, skipped: [] };
  const compiled = new Map(
    sources.map((source) => [source.replace('/src/', '/dist/').replace(/\.tsx?$/, '.js'), source]),
  );
  for (const [file, source] of compiled) {
    if (existsSync(file)) continue;
    tally.failed += 1;
    console.log(`FAIL ${source}: was not compiled to ${file}`);
    compiled.delete(file);
  }
  if (compiled.size === 0) return tally;
  let complete = false;
  const ending = await runProcess(
    testCommand(level, [...compiled.keys()], timeoutS),
    timeoutS,
    (line) => {
      const event = parse(line);
      if (event?.kind === 'end') complete = true;
      else if (event) show(event, tally);
      else console.log(line);
    },
  );
  // node itself ends with 1 when a test failed
  if (!complete || (ending && tally.failed === 0)) {
    tally.failed += 1;
    console.log(`FAIL level ${level.name} ${ending || 'ended before its results were complete'}`);
  }
  return tally;
}

/**
 * @param {import('./levels.mjs').Level} level
 * @param {string[]} files
 * @param {number} timeoutS
 */
function testCommand(level, files, timeoutS) {
  const guest = ['tools/kernel-vm/run', '--timeout', String(timeoutS), '--'];
  return [
    ...(level.guest ? guest : []),
    ...(level.user ? ['tools/as-user'] : []),
    process.execPath,
    ...(level.user ? ['--import', './packages/lab/dist/unprivileged.js'] : []),
    '--enable-source-maps',
    '--test',
    `--test-concurrency=${level.concurrency}`,
    `--test-timeout=${(level.fileTimeoutS ?? 0) * 1000}`,
    '--test-reporter=./tools/test-runner/reporter.mjs',
    ...files,
  ];
}

/**
 * @param {string} line
 * @returns {import('./reporter.mjs').Result | undefined}
 */
function parse(line) {
  try {
    const event = JSON.parse(line);
    return typeof event?.kind === 'string' ? event : undefined;
  } catch {
    return undefined; // not from the reporter: a message of the VM
  }
}

/**
 * @param {import('./reporter.mjs').Result} event
 * @param {Tally} tally
 */
function show(event, tally) {
  if (event.kind === 'pass') tally.passed += 1;
  if (event.kind === 'skip') tally.skipped.push(`${event.file}: ${event.text}`);
  if (event.kind === 'fail') tally.failed += 1;
  if (event.kind === 'file' || event.kind === 'fail' || event.kind === 'output')
    console.log(event.text);
}
