import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  statfsSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { EINVAL } from '../errno.ts';
import { check, checkFile } from '../errors.ts';
import * as libc from '../libc.ts';
import { checkName, NETNS_DIRECTORY } from './name.ts';
import { NetworkNamespace } from './network-namespace.ts';
import { runInNew } from './thread.ts';

const NSFS_MAGIC = 0x6e736673;

const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 0x100000;
const MNT_DETACH = 2;
const LOCK_EX = 2;

/**
 * Creates a network namespace with a name, as `ip netns add` does, and opens it. It stays until
 * `deleteNamed`, whether or not it is closed.
 * @throws {NamespaceNameError} for what cannot be a name
 * @throws {KernelError} EEXIST where the name is taken, EPERM without CAP_SYS_ADMIN
 */
export function createNamed(name: string): NetworkNamespace {
  const path = join(NETNS_DIRECTORY, checkName(name));
  shareDirectory();
  const { O_RDONLY, O_CREAT, O_EXCL } = constants;
  const operation = 'create network namespace';
  closeSync(checkFile(operation, path, () => openSync(path, O_RDONLY | O_CREAT | O_EXCL, 0)));
  let mounted = false;
  try {
    return runInNew(() => {
      check(libc.mount('/proc/thread-self/ns/net', path, 'none', MS_BIND), operation, path);
      mounted = true;
      return NetworkNamespace.current();
    });
  } catch (error) {
    if (mounted) libc.umount2(path, MNT_DETACH);
    unlinkSync(path);
    throw error;
  }
}

/**
 * Takes the name of a network namespace away, as `ip netns delete` does. The namespace itself dies
 * once nothing else holds it: no process, no descriptor, no socket made inside.
 * @throws {NamespaceNameError} for what cannot be a name
 * @throws {KernelError} ENOENT where there is no such name
 */
export function deleteNamed(name: string): void {
  const path = join(NETNS_DIRECTORY, checkName(name));
  let result = 0;
  // Mounts can lie on top of each other; EINVAL says that none is left.
  while (result >= 0) result = libc.umount2(path, MNT_DETACH);
  if (result !== -EINVAL) check(result, 'delete network namespace', path);
  checkFile('delete network namespace', path, () => unlinkSync(path));
}

/** The names of the network namespaces of this host, sorted; files that are none are left out. */
export function listNamed(): string[] {
  return checkFile('list network namespaces', NETNS_DIRECTORY, namesInDirectory).sort();
}

function namesInDirectory(): string[] {
  try {
    return readdirSync(NETNS_DIRECTORY).filter((name) => isNamespace(join(NETNS_DIRECTORY, name)));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * Makes the directory a shared mount: names that come and go later are then seen in mount namespaces
 * that exist already, and a deleted name is not kept alive there. The lock is `ip netns`'s own.
 */
function shareDirectory(): void {
  const operation = 'prepare directory';
  const directory = NETNS_DIRECTORY;
  checkFile(operation, directory, () => mkdirSync(directory, { recursive: true, mode: 0o755 }));
  const lock = checkFile(operation, directory, () => openSync(directory, constants.O_DIRECTORY));
  try {
    check(libc.flock(lock, LOCK_EX), 'lock directory', directory);
    if (libc.mount('', directory, 'none', MS_SHARED | MS_REC) >= 0) return;
    check(libc.mount(directory, directory, 'none', MS_BIND | MS_REC), operation, directory);
    check(libc.mount('', directory, 'none', MS_SHARED | MS_REC), operation, directory);
  } finally {
    closeSync(lock);
  }
}
