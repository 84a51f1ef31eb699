import { readFileSync } from 'node:fs';
import {
  adoptSocket,
  KernelError,
  NetworkNamespace,
  openBoundSocket,
  runAsRoot,
} from '@netweir/kernel';
import { LabError } from './errors.ts';

/** Is set in the process that is to be root, so that it does not try again. */
const VARIABLE = 'NETWEIR_LAB_ROOT';
/** The descriptor of the socket that it was given. */
const SOCKET_VARIABLE = 'NETWEIR_LAB_SOCKET';

const LOOPBACK = '127.0.0.1';

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

/** What the process that is root has that no other there could get. */
export interface FromOutside {
  /** A port of 127.0.0.1, where it can listen although its network is another one; 0 is any that is free. */
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * For root, returns at once. For an ordinary user, runs a command line as the root of a user namespace, in
 * which labs can be made, and ends this process as that one ends. There, returns the descriptor of the
 * bound socket of `port`, once.
 *
 * @throws {LabError} ERR_LAB_NOT_PERMITTED where the system lets users have no such namespace
 * @throws {KernelError} EADDRINUSE, EACCES for the port
 */
export async function becomeRoot(
  argv: readonly [string, ...string[]],
  { port, environment: more }: FromOutside = {},
): Promise<number | undefined> {
  const isChild = process.env[VARIABLE] !== undefined;
  if (isChild) {
    checkCapabilities();
    return adopted();
  }
  if (process.geteuid?.() === 0) return undefined;
  const keep = port === undefined ? [] : [boundSocket(port)];
  const environment = {
    ...definedIn(process.env),
    ...more,
    ...(keep[0] !== undefined && { [SOCKET_VARIABLE]: String(keep[0]) }),
    [VARIABLE]: '1',
  };
  const program = { path: argv[0], argv, environment };
  const status = await runAsRoot(program, keep).catch((error: unknown) => {
    throw error instanceof KernelError ? notPermitted(error) : error;
  });
  if ('code' in status) process.exit(status.code);
  process.kill(process.pid, status.signal);
  // The signal arrives at the next turn of the event loop.
  await new Promise(() => setInterval(() => {}, 1000));
  return undefined;
}

function boundSocket(port: number): number {
  using here = NetworkNamespace.current();
  return openBoundSocket(here, 'stream', LOOPBACK, port);
}

function adopted(): number | undefined {
  const { [SOCKET_VARIABLE]: text } = process.env;
  if (text === undefined) return undefined;
  delete process.env[SOCKET_VARIABLE];
  adoptSocket(Number(text));
  return Number(text);
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
