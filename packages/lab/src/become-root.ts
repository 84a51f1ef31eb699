import { readFileSync } from 'node:fs';
import { KernelError, runAsRoot } from '@netweir/kernel';
import { LabError } from './errors.ts';

/** Is set in the process that is to be root, so that it does not try again. */
const VARIABLE = 'NETWEIR_LAB_ROOT';

const RUN_AS_ROOT = 'run it as root';

/** Settings by which systems refuse user namespaces to ordinary users, and what lifts them. */
const REFUSALS: readonly {
  readonly file: string;
  readonly refuses: RegExp;
  readonly how: string;
}[] = [
  {
    // Ubuntu from 23.10 on gives such a root no capabilities.
    file: '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
    refuses: /^1/u,
    how: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
  {
    // Debian's.
    file: '/proc/sys/kernel/unprivileged_userns_clone',
    refuses: /^0/u,
    how: 'sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    file: '/proc/sys/user/max_user_namespaces',
    refuses: /^0/u,
    how: 'sysctl -w user.max_user_namespaces=10000',
  },
];

/**
 * For root, returns at once. For an ordinary user, runs a command line as the root of a user namespace, in
 * which labs can be made, and ends this process as that one ends.
 *
 * @throws {LabError} ERR_LAB_NOT_PERMITTED where the system lets users have no such namespace
 */
export async function becomeRoot(argv: readonly [string, ...string[]]): Promise<void> {
  const isChild = process.env[VARIABLE] !== undefined;
  if (isChild) return checkCapabilities();
  if (process.geteuid?.() === 0) return;
  const environment = { ...definedIn(process.env), [VARIABLE]: '1' };
  const status = await runAsRoot({ path: argv[0], argv, environment }).catch((error: unknown) => {
    throw error instanceof KernelError ? notPermitted(error) : error;
  });
  if ('code' in status) process.exit(status.code);
  process.kill(process.pid, status.signal);
  // The signal arrives at the next turn of the event loop.
  await new Promise(() => setInterval(() => {}, 1000));
}

/** @throws {LabError} ERR_LAB_NOT_PERMITTED where this process is root by name alone */
function checkCapabilities(): void {
  const [, effective = '0'] =
    /^CapEff:\s*([0-9a-f]+)$/mu.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (process.geteuid?.() !== 0 || BigInt(`0x${effective}`) === 0n) throw notPermitted(undefined);
}

function notPermitted(cause: KernelError | undefined): LabError {
  const ways = REFUSALS.filter(({ file, refuses }) => refuses.test(contentOf(file)));
  const remedy = [...ways.map(({ how }) => `as root: ${how}`), RUN_AS_ROOT].join('; or ');
  const reason = cause ? `: ${cause.message}` : '';
  return new LabError(
    'ERR_LAB_NOT_PERMITTED',
    `this system lets ordinary users have no user namespace with its own root${reason}`,
    remedy,
  );
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // This kernel has no such setting.
    return '';
  }
}

function definedIn(variables: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(variables);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
