import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';

/** Longer files are cut: a command line may have megabytes. */
const READ_LIMIT = 16_384;
const buffer = Buffer.allocUnsafe(READ_LIMIT);

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted from behind the command's name. */
const START_TIME_FIELD = 19;

/** The numbers of a network namespace, which nsfs gives it for its life. */
export interface NamespaceNumbers {
  readonly dev: number;
  readonly ino: number;
}

/** The network namespace of this process's main thread. */
export function ownNamespace(): NamespaceNumbers {
  const { dev, ino } = statSync('/proc/self/ns/net');
  return { dev, ino };
}

export function listPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/**
 * The inode number of a process's network namespace, read without taking hold of it; undefined where
 * the process has ended, is a zombie, or is another user's.
 */
export function namespaceInode(pid: number): number | undefined {
  try {
    const ino = Number(readlinkSync(`/proc/${pid}/ns/net`).slice('net:['.length, -1));
    return Number.isSafeInteger(ino) ? ino : undefined;
  } catch {
    return undefined;
  }
}

/** When a process started, in clock ticks since the start of the machine, and what it calls itself. */
export function readStat(pid: number): { startTime: number; name: string } | undefined {
  const text = readStart(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const nameEnd = text.lastIndexOf(')');
  const startTime = Number(text.slice(nameEnd + 2).split(' ')[START_TIME_FIELD]);
  return { startTime, name: text.slice(text.indexOf('(') + 1, nameEnd) };
}

export function readCommandLine(pid: number): string {
  return readStart(`/proc/${pid}/cmdline`) ?? '';
}

export function readCgroup(pid: number): string {
  return readStart(`/proc/${pid}/cgroup`) ?? '';
}

/** The start of a file as text; undefined where it cannot be read, since processes end at any time. */
export function readStart(path: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, READ_LIMIT, null));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
