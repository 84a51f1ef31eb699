import { closeSync, existsSync, fchmodSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { check, checkFile } from '../errors.ts';
import * as libc from '../libc.ts';

// linux/sched.h, linux/mount.h
const CLONE_FS = 0x200;
const CLONE_NEWNS = 0x20000;
const MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8;
const MS_BIND = 4096;
const MS_REC = 16_384;
const MS_PRIVATE = 1 << 18;
const MNT_DETACH = 2;

const OWN_NAMESPACE = '/proc/thread-self/ns/mnt';
/** Where the file system of the files is mounted until each of them is where it belongs. */
const SCAFFOLD = '/sys';
const READABLE = 0o644;

/**
 * A mount namespace (mount_namespaces(7)) in which some files have another content. Nothing of it is seen
 * outside. It lives as long as this process, or as a program in it. To be used on one thread, which has a
 * file system context of its own from then on: `process.chdir` no longer changes the directory of other
 * threads, such as those of the promises of node:fs.
 */
export class MountNamespace {
  readonly #fd: number;
  /** By path. */
  readonly #files = new Map<string, number>();
  #open = true;

  /**
   * @param files contents by absolute path; a file that this machine does not have is left out
   * @throws {KernelError} EPERM or EACCES where nothing may be mounted
   */
  constructor(files: Readonly<Record<string, string>>) {
    try {
      const create = (): number => libc.unshare(CLONE_NEWNS);
      this.#fd = elsewhere('create', create, () => {
        // At once: until then what is mounted here may appear outside as well.
        mount('none', '/', null, MS_REC | MS_PRIVATE);
        this.#replace(files);
        return openNamespace();
      });
    } catch (error) {
      for (const fd of this.#files.values()) closeSync(fd);
      throw error;
    }
  }

  /** Where it can be opened, by this process. */
  get path(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  /**
   * Runs `action` inside; what it spawns starts there, by default in the current directory's path. It
   * must start no thread.
   */
  run<T>(action: () => T): T {
    return runInside(this.#fd, action);
  }

  /** Changes a file's content, also for programs that run already. */
  write(path: string, content: string): void {
    const fd = this.#files.get(path);
    if (fd === undefined) return;
    const bytes = Buffer.from(content);
    writeSync(fd, bytes, 0, bytes.length, 0);
    ftruncateSync(fd, bytes.length);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const fd of [this.#fd, ...this.#files.values()]) closeSync(fd);
  }

  #replace(files: Readonly<Record<string, string>>): void {
    mount('netweir', SCAFFOLD, 'tmpfs', MS_NOSUID_NODEV_NOEXEC);
    const there = Object.entries(files).filter(([path]) => existsSync(path));
    for (const [index, [path, content]] of there.entries()) {
      const place = `${SCAFFOLD}/${index}`;
      const fd = openSync(place, 'wx', READABLE);
      this.#files.set(path, fd);
      fchmodSync(fd, READABLE);
      this.write(path, content);
      mount(place, path, null, MS_BIND);
    }
    check(libc.umount2(SCAFFOLD, MNT_DETACH), 'unmount', SCAFFOLD);
  }
}

/**
 * As `MountNamespace.run`, in one that another process has, by a file that leads to it.
 * @throws {KernelError}
 */
export function runInMounts<T>(path: string, action: () => T): T {
  const fd = checkFile('open mount namespace', path, () => openSync(path, 'r'));
  try {
    return runInside(fd, action);
  } finally {
    closeSync(fd);
  }
}

/** Moves the calling thread into a mount namespace for good. @throws {KernelError} */
export function enterMounts(path: string): void {
  const directory = process.cwd();
  const fd = checkFile('open mount namespace', path, () => openSync(path, 'r'));
  try {
    check(enterFd(fd), 'enter mount namespace', path);
    libc.chdir(directory);
  } finally {
    closeSync(fd);
  }
}

function runInside<T>(fd: number, action: () => T): T {
  const enter = (): number => enterFd(fd);
  return elsewhere('enter', enter, (directory) => {
    // Where the directory is gone this is the root.
    libc.chdir(directory);
    return action();
  });
}

/** Moves this thread, runs `action`, which is given where it was, and brings it back. */
function elsewhere<T>(verb: string, move: () => number, action: (directory: string) => T): T {
  const directory = process.cwd();
  const home = openNamespace();
  try {
    check(move(), `${verb} mount namespace`, 'this thread');
    try {
      return action(directory);
    } finally {
      goBack(home, directory);
    }
  } finally {
    closeSync(home);
  }
}

/** Threads that this one has started since the last time share its file system context again. */
function enterFd(fd: number): number {
  const result = libc.unshare(CLONE_FS);
  return result < 0 ? result : libc.setns(fd, CLONE_NEWNS);
}

function openNamespace(): number {
  return checkFile('open mount namespace', OWN_NAMESPACE, () => openSync(OWN_NAMESPACE, 'r'));
}

function mount(source: string, target: string, type: string | null, flags: number): void {
  check(libc.mount(source, target, type, flags), 'mount', target);
}

/** A thread that cannot get back would have everything else see other files: better no process. */
function goBack(home: number, directory: string): void {
  const result = libc.setns(home, CLONE_NEWNS);
  if (result < 0) {
    writeSync(2, `cannot return to mount namespace: ${libc.strerror(-result)}\n`);
    libc.abort();
  }
  libc.chdir(directory);
}
