import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { NetweirError } from '@netweir/api';
import { CLONE_NEWNET } from '@netweir/kernel';
import { type CommandLine, environment, launch } from './program.ts';

/** Tells the process that is started there which user namespace it is to be in, and which network is the host's. */
const VARIABLE = 'NETWEIR_USER_NAMESPACE';

/** Where the process that keeps a user's rootless containers' user namespace leaves its number. */
const PID_FILES: readonly string[] = [
  'libpod/tmp/pause.pid', // Podman
  'dockerd-rootless/child_pid', // Docker, by RootlessKit
];

/** The user namespace of rootless containers, by a process in it. */
export interface RootlessNamespace {
  readonly pid: number;
  readonly inode: number;
}

/** That of this user's rootless containers; undefined where there are none, or for root. */
export function rootlessNamespace(): RootlessNamespace | undefined {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return undefined;
  const folders = [process.env.XDG_RUNTIME_DIR, `/run/user/${uid}`, `/tmp/podman-run-${uid}`];
  const here = statSync('/proc/self/ns/user').ino;
  for (const folder of folders.filter((one) => one !== undefined && one !== '')) {
    for (const file of PID_FILES) {
      const pid = pidIn(`${folder}/${file}`);
      const inode = pid === undefined ? undefined : namespaceOf(pid, uid);
      if (pid !== undefined && inode !== undefined && inode !== here) return { pid, inode };
    }
  }
  return undefined;
}

/**
 * Whether this process was started by `enterRootless`, and so is the root of its user's containers, in
 * an empty network namespace of its own.
 *
 * @throws NetweirError `not-permitted` where it is not in the user namespace that it was to enter
 */
export function isRootless(): boolean {
  const wanted = told();
  if (wanted === undefined) return false;
  if (statSync('/proc/self/ns/user').ino === wanted.user) return true;
  throw new NetweirError(
    'not-permitted',
    'the user namespace of the containers could not be entered',
    {
      remedy: 'See whether `podman unshare true` works, or run netweir as root.',
    },
  );
}

/**
 * The inode of the host's network namespace, where this process was started by `enterRootless`: processes
 * there can be seen, but it is not this user's to enter. Undefined elsewhere.
 */
export function hostNamespaceInode(): number | undefined {
  return told()?.net;
}

/**
 * Starts a program as the root of the user namespace of rootless containers, with a view of the files as
 * they have it, and waits for its end. Its network namespace is a new one: it could not come back to
 * the host's, which is not this user's.
 *
 * @throws {KernelError} ENOSYS with a C library other than glibc
 */
export async function enterRootless(
  { pid, inode }: RootlessNamespace,
  argv: CommandLine,
): Promise<number> {
  const host = statSync('/proc/self/ns/net').ino;
  const enter = ['user', 'mnt'].map((kind) => openSync(`/proc/${pid}/ns/${kind}`, 'r'));
  try {
    return await launch({
      enter,
      unshare: CLONE_NEWNET,
      path: argv[0],
      argv,
      environment: { ...environment(), [VARIABLE]: `${inode}:${host}` },
    });
  } finally {
    for (const fd of enter) closeSync(fd);
  }
}

function told(): { user: number; net: number } | undefined {
  const [user, net] = process.env[VARIABLE]?.split(':').map(Number) ?? [];
  return user === undefined || net === undefined ? undefined : { user, net };
}

function pidIn(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    // There is no such file, or it is not ours to read: then these are not our containers.
    return undefined;
  }
}

function namespaceOf(pid: number, uid: number): number | undefined {
  try {
    if (statSync(`/proc/${pid}`).uid !== uid) return undefined;
    return statSync(`/proc/${pid}/ns/user`).ino;
  } catch {
    // The file is older than the last boot, or the process has ended.
    return undefined;
  }
}
