import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRoot } from './containers/machine.ts';
import { answers } from './containers/runtime-daemon.ts';
import { NETWEIR } from './daemon.ts';
import { run, until } from './witness.ts';

const UID = 1234;
const USER = `netweir-${UID}`;
const AS_USER = [`--reuid=${UID}`, `--regid=${UID}`, '--init-groups'];
const RUNTIME_DIR = `/run/user/${UID}`;
const SOCKET = `${RUNTIME_DIR}/podman/podman.sock`;
/** Where systemd has the control groups of a user. */
const GROUP = `/sys/fs/cgroup/user.slice/user-${UID}.slice/user@${UID}.service`;
const IMAGE = 'netweir-test';
/** An emulated processor takes its time. */
const START_DEADLINE_MS = 60_000;

/** Locks in files, as those in /dev/shm are shared by all Podmans of a machine; ping needs net_raw. */
const CONFIGURATION = `
[containers]
default_capabilities = ["CHOWN", "KILL", "NET_BIND_SERVICE", "NET_RAW", "SETGID", "SETUID"]
[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
lock_type = "file"
events_logger = "file"
[network]
network_backend = "netavark"
`;

/** How a program ended, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Podman as an ordinary user of the kernel VM has it, with a login, control groups and an image. */
export class RootlessPodman implements AsyncDisposable {
  readonly #home: string = mkdtempSync(join(tmpdir(), 'netweir-home-'));
  readonly #children: ChildProcess[] = [];
  readonly #login: number;

  private constructor() {
    addUser(this.#home);
    this.#login = this.#spawn('sh', ['-c', LOGIN]);
  }

  /** Only in the kernel VM, as it changes /etc. */
  static async start(): Promise<RootlessPodman> {
    assert.ok(existsSync('/run/kernel-vm'), 'this is not the kernel VM');
    const podman = new RootlessPodman();
    const comm = `/proc/${podman.#login}/comm`;
    await until('the user has a login', START_DEADLINE_MS, () => {
      return readFileSync(comm, 'utf8') === 'sleep\n';
    });
    podman.#import();
    return podman;
  }

  /** Runs Podman's own command as the user, and gives what it printed. */
  podman(...args: string[]): string {
    const [command = '', ...rest] = this.#inLogin('podman', ...args);
    // What goes on running may hold the other streams open.
    return execFileSync(command, rest, {
      encoding: 'utf8',
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    }).trimEnd();
  }

  /** Starts a container that sleeps, on a network of the user's, and gives its process. */
  startContainer(name: string, network: string): number {
    this.podman('run', '--detach', '--name', name, '--network', network, IMAGE, 'sleep', '10000');
    return Number(this.podman('inspect', '--format', '{{.State.Pid}}', name));
  }

  /** Starts the user's Podman API. */
  async serve(): Promise<void> {
    const [command = '', ...args] = this.#inLogin('podman', 'system', 'service', '--time=0');
    this.#spawn(command, args);
    await until('Podman answers', START_DEADLINE_MS, () => answers(SOCKET, '/_ping'));
  }

  /** netweir as the user, at a shell of its own. */
  netweir(...args: string[]): Ended {
    const line = [...AS_USER, process.execPath, NETWEIR, ...args];
    return spawnSync('setpriv', line, { encoding: 'utf8', env: this.#environment });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.podman('rm', '--force', '--all', '--time', '0');
    for (const child of this.#children) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    process.kill(Number(readFileSync(`${RUNTIME_DIR}/libpod/tmp/pause.pid`, 'utf8')), 'SIGKILL');
    run('rm', '-rf', this.#home);
  }

  get #environment(): NodeJS.ProcessEnv {
    const PATH = `${process.env.PATH}:/usr/sbin`;
    return { HOME: this.#home, USER, PATH, XDG_RUNTIME_DIR: RUNTIME_DIR };
  }

  #inLogin(...command: string[]): string[] {
    const join = `echo $$ >${GROUP}/init/cgroup.procs && exec "$@"`;
    const enter = ['nsenter', '-t', `${this.#login}`, '--cgroup', '--mount', '--wd=/'];
    return ['sh', '-c', join, 'sh', ...enter, 'setpriv', ...AS_USER, ...command];
  }

  #spawn(command: string, args: readonly string[]): number {
    const child = spawn(command, args, { env: this.#environment, stdio: 'ignore' });
    this.#children.push(child);
    return child.pid ?? assert.fail(`${command} cannot be started`);
  }

  #import(): void {
    const root = join(this.#home, 'root');
    makeRoot(root);
    run('tar', '-C', root, '-cf', `${root}.tar`, '.');
    this.podman('import', `${root}.tar`, IMAGE);
  }
}

/** Keeps what a login by systemd gives: a view of the control groups that begins at the user's. */
const LOGIN = `echo $$ >${GROUP}/cgroup.procs && exec unshare --cgroup --mount sh -c '
  umount /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && echo $$ >/sys/fs/cgroup/init/cgroup.procs && exec sleep 3600'`;

function addUser(home: string): void {
  appendFileSync('/etc/passwd', `${USER}:x:${UID}:${UID}::${home}:/bin/sh\n`);
  appendFileSync('/etc/group', `${USER}:x:${UID}:\n`);
  for (const file of ['/etc/subuid', '/etc/subgid']) {
    appendFileSync(file, `${USER}:100000:65536\n`);
  }
  const configuration = join(home, '.config/containers');
  for (const folder of [configuration, RUNTIME_DIR, `${GROUP}/init`]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(configuration, 'containers.conf'), CONFIGURATION);
  writeFileSync(join(configuration, 'storage.conf'), '[storage]\ndriver = "vfs"\n');
  run('chown', '-R', `${UID}:${UID}`, home, RUNTIME_DIR, GROUP);
  chmodSync(RUNTIME_DIR, 0o700);
  chmodSync('/dev/net/tun', 0o666);
}
