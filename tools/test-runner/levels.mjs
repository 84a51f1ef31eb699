// The levels of the test ladder: which files belong to each, and what each needs.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Level
 * @property {string} name
 * @property {string[]} [command] one command that counts as one test, instead of test files
 * @property {boolean} [root] whether it needs root on Linux
 * @property {string[]} [needs] programs that it needs
 * @property {number} [concurrency] test files at a time
 * @property {number} [fileTimeoutS] a test file that runs longer fails
 * @property {boolean} [guest] whether it runs in the kernel VM
 * @property {boolean} [user] whether it runs as an ordinary user, in a user namespace
 */

const WITNESSES = [
  'ip',
  'ping',
  'iperf3',
  'tcpdump',
  'nft',
  'conntrack',
  'dig',
  'python3',
  'setpriv',
];
const RUNTIMES = [
  ...['dockerd', 'docker', 'iptables'],
  ...['podman', 'runc', '/usr/lib/podman/netavark', '/usr/lib/podman/aardvark-dns'],
  ...['containerd', '/usr/lib/cni/bridge'],
];

/** Labs know nothing of each other, and wait most of the time. */
const LABS_AT_ONCE = availableParallelism() + 1;

/** @type {Level[]} */
export const LEVELS = [
  { name: 'check', command: ['tools/check'] },
  { name: 'unit', concurrency: availableParallelism(), fileTimeoutS: 90 },
  { name: 'host', root: true, needs: WITNESSES, concurrency: 1, fileTimeoutS: 120 },
  { name: 'labs', root: true, needs: WITNESSES, concurrency: LABS_AT_ONCE, fileTimeoutS: 120 },
  {
    name: 'user',
    root: true,
    needs: WITNESSES,
    concurrency: LABS_AT_ONCE,
    fileTimeoutS: 120,
    user: true,
  },
  {
    name: 'containers',
    root: true,
    needs: [...WITNESSES, ...RUNTIMES, 'busybox', 'strace'],
    concurrency: 1,
    fileTimeoutS: 120,
  },
  {
    name: 'vm',
    root: true,
    needs: [...WITNESSES, 'unshare', 'depmod', 'cpio', 'busybox', 'apt-get'],
    concurrency: 1,
    fileTimeoutS: 240,
    guest: true,
  },
  { name: 'page', root: true, needs: ['chromium'], concurrency: 1, fileTimeoutS: 180 },
];

/** What works without root is tested so, too, but for the files that say otherwise. */
const FOR_USERS = /^packages\/(lab|testing)\/(?!.*\.root\.host\.test).*\.host\.test\.ts$/;
/** What takes long: a plain `npm test` leaves it to `npm test -- long`. */
const LONG = new RegExp(
  [
    '/measure/measure(ments)?\\.(host|vm)|/traffic/classes|/hook-rules|/inplace\\.|/foreign-trees|/tc-htb|/random\\.vm',
    '/tc-(text|command)\\.vm|/condition/traffic|/crash(-rounds)?\\.vm|/rootless\\.vm|/impair/src/effect\\.vm',
    '/region/region\\.host|/lab/src/residue|/testing/src/fixtures|/redirect-loop',
    '/(docker|podman|hostile-runtime|no-child-process)\\.container',
    '^tests/src/(lab(-user)?|elsewhere|measure|command-engine)\\.host',
    '^tests/src/(labs|labs-look|containers)\\.page',
  ].join('|'),
);
const LONG_FOR_USERS = /\/(condition\/|region\/|file\/load|code\/programs-end|residue|fixtures)/;
/** Labs whose delays are measured, or which are a hundred, have the machine for themselves. */
const MEASURED_LABS = /\/(condition|region)\/|\/lab\/src\/residue/;

/**
 * @param {string} file the level that a test file names, as in netem.vm.test.ts; without one, unit. No
 *   level has what is slow: it has commands of its own.
 */
function levelOf(file) {
  const suffix = /\.(host|container|vm|page|slow)\.test\.tsx?$/.exec(file)?.[1] ?? 'unit';
  const isLab = /^packages\/(lab|testing)\//.test(file);
  if (suffix === 'host' && isLab && !MEASURED_LABS.test(file)) return 'labs';
  return suffix === 'container' ? 'containers' : suffix;
}

/**
 * The sources of a level's tests, from the repository's root. Sources, because dist keeps what was
 * compiled from files that are gone.
 * @param {Level} level
 * @param {string[]} paths parts of paths; empty for all
 * @param {'quick' | 'long' | 'all'} part
 */
export function testFiles(level, paths, part) {
  const long = level.user ? LONG_FOR_USERS : LONG;
  const folders = ['tests/src', ...readdirSync('packages').map((name) => `packages/${name}/src`)];
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true }).map((file) => join(folder, String(file))),
    )
    .filter((file) => /\.test\.tsx?$/.test(file))
    .filter((file) => (level.user ? FOR_USERS.test(file) : levelOf(file) === level.name))
    .filter((file) => part === 'all' || long.test(file) === (part === 'long'))
    .filter((file) => paths.length === 0 || paths.some((path) => file.includes(path)))
    .sort();
}

/**
 * Why a level cannot run here.
 * @param {Level} level
 * @returns {string | undefined}
 */
export function obstacle(level) {
  if (level.root && process.platform !== 'linux') return 'needs Linux';
  if (level.root && process.getuid?.() !== 0) return 'needs root';
  const missing = (process.env.MISSING_COMMANDS ?? '').split(' ');
  const absent = (level.needs ?? []).filter((program) => missing.includes(program));
  return absent.length > 0 ? `needs ${absent.join(', ')} (not installed)` : undefined;
}
