import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetworkNamespace, processListeningAt, setNsid } from '@netweir/kernel';
import type { Finished } from './command.ts';
import { NETWEIR } from './daemon.ts';
import { run, until } from './witness.ts';

const UID = 65_534;
/** Makes root an ordinary user. */
export const AS_USER: readonly string[] = [
  'setpriv',
  `--reuid=${UID}`,
  `--regid=${UID}`,
  '--clear-groups',
];
const DEADLINE_MS = 20_000;

/** A command of the user's that may be interrupted. */
export interface UserCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
}

/** An ordinary user with a home and a login's folder of their own, and nothing else in the environment. */
export class User implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'netweir-user-'));
  readonly socketPath: string = join(this.directory, 'run', 'netweir', 'netweir.sock');
  readonly #children = new Set<ChildProcess>();

  constructor() {
    for (const folder of ['.', 'home', 'run']) {
      const path = join(this.directory, folder);
      mkdirSync(path, { recursive: true });
      chownSync(path, UID, UID);
    }
  }

  /** Starts netweir; `wrapper` is what makes root the user. */
  start(args: readonly string[], wrapper: readonly string[] = AS_USER): UserCommand {
    const [program = '', ...rest] = [...wrapper, process.execPath, NETWEIR, ...args];
    const child = spawn(program, rest, {
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: join(this.directory, 'home'),
        XDG_RUNTIME_DIR: join(this.directory, 'run'),
        SHELL: '/bin/sh',
      },
    });
    this.#children.add(child);
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk) => {
        said[name] += chunk;
      });
    }
    const finished = new Promise<Finished>((resolve) => {
      child.once('close', (code) => resolve({ code, ...said }));
    });
    return { child, finished };
  }

  netweir(...args: string[]): Promise<Finished> {
    return this.start(args).finished;
  }

  /** The process that keeps the user's labs. */
  get daemon(): number {
    return processListeningAt(this.socketPath);
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Tells when everything is gone that a process had: its network namespaces, and all in its user namespace. */
export function observeEnd(pid: number): () => Promise<void> {
  const observer = NetworkNamespace.anonymous();
  const user = readlinkSync(`/proc/${pid}/ns/user`);
  const folder = `/proc/${pid}/fd`;
  const held = readdirSync(folder)
    .map((fd) => join(folder, fd))
    .filter((path) => linkOf(path)?.startsWith('net:['));
  const inodes = new Map(held.map((path) => [linkOf(path), path]));
  using socket = observer.netlink();
  for (const [id, path] of [...inodes.values()].entries()) {
    using namespace = NetworkNamespace.openPath(path);
    socket.request(setNsid(namespace.fd, id));
  }
  const ids = (): number =>
    observer.run<string>(() => run('ip', 'netns', 'list-id')).match(/^nsid/gmu)?.length ?? 0;
  const processes = (): string[] =>
    readdirSync('/proc').filter((name) => linkOf(`/proc/${name}/ns/user`) === user);
  if (ids() < 2 || processes().length === 0) throw new Error(`${pid} keeps no lab`);
  return async () => {
    await until('its processes are gone', DEADLINE_MS, () => processes().length === 0);
    await until('its namespaces are gone', DEADLINE_MS, () => ids() === 0);
    observer.close();
  };
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // It has ended meanwhile, or is no process.
    return undefined;
  }
}
