import { type ChildProcess, execFileSync, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkNamespace } from '@netweir/kernel';
import { run, until } from '../witness.ts';

const END_DEADLINE_MS = 5000;

/**
 * A network stack and a folder of their own for container daemons and for the netweir that is to see them.
 * To all of them it is the host: bridges, addresses and rules of a firewall that a daemon makes go with it,
 * and several of them can be there at a time.
 */
export class Machine implements Disposable {
  readonly namespace: NetworkNamespace = NetworkNamespace.anonymous();
  /** Short, as paths of sockets are limited. */
  readonly directory: string = mkdtempSync(join(tmpdir(), 'nwm-'));

  constructor() {
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Runs a program inside to its end and gives what it printed. */
  run(command: string, ...args: string[]): string {
    return this.namespace.run<string>(() => run(command, ...args));
  }

  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return this.namespace.spawn(command, args, options);
  }

  /** Ends the processes that are left inside, and takes away everything that they had. */
  [Symbol.dispose](): void {
    for (const pid of this.#processes()) kill(pid);
    for (const mount of mountsBelow(this.directory)) run('umount', '--lazy', mount);
    rmSync(this.directory, { recursive: true, force: true });
    this.namespace.close();
  }

  /** Resolves when no process is left inside; fails where one stays. */
  async empty(): Promise<void> {
    await until('all processes inside end', END_DEADLINE_MS, () => this.#processes().length === 0);
  }

  #processes(): number[] {
    const inside = `net:[${this.namespace.identity.ino}]`;
    return pids().filter((pid) => pid !== process.pid && networkNamespaceOf(pid) === inside);
  }
}

/** A folder with busybox, its commands, and nothing else; the root file system of every container. */
export function makeRoot(path: string): void {
  execFileSync('mkdir', ['-p', join(path, 'bin')]);
  execFileSync('cp', ['/bin/busybox', join(path, 'bin', 'busybox')]);
  for (const name of ['sh', 'sleep', 'ping', 'ip', 'nc', 'true']) {
    symlinkSync('busybox', join(path, 'bin', name));
  }
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number);
}

/** As `net:[4026531840]`; undefined for a process that is gone. */
export function networkNamespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** The deepest first. */
function mountsBelow(directory: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${directory}/`))
    .reverse();
}
