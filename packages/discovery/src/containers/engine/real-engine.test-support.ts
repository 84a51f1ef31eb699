import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NetworkNamespace } from '@netweir/kernel';
import { followEngines } from '../follow-engines.ts';
import type { ContainerSources, ContainerView } from '../source.ts';
import { until } from './fake-engine.test-support.ts';

const START_MS = 30_000;
const IMAGE = 'busybox';

/** Limits that may not be raised, and cgroups of version 1, ask for this. */
const CONTAINERS_CONF = `
[containers]
default_ulimits = ["nofile=10000:10000", "nproc=5000:5000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
lock_type = "file"
events_logger = "file"
`;

/** A real engine in a folder and a network namespace of its own, and a source that follows it. */
export class RealEngine {
  readonly runtime: 'docker' | 'podman';
  readonly folder: string = mkdtempSync(join(tmpdir(), 'nwe-'));
  readonly socket: string = join(this.folder, 'engine.sock');
  readonly sources: ContainerSources;
  /** When `changed` was called last, in milliseconds since 1970. */
  changedMs = 0;
  readonly #namespace: NetworkNamespace = NetworkNamespace.anonymous();
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  constructor(runtime: 'docker' | 'podman') {
    this.runtime = runtime;
    this.#env = { ...process.env, CONTAINERS_CONF: join(this.folder, 'containers.conf') };
    const net = join(this.folder, 'net');
    const own = `[network]\nnetwork_backend = "netavark"\nnetwork_config_dir = "${net}"\n`;
    writeFileSync(join(this.folder, 'containers.conf'), CONTAINERS_CONF + own);
    this.sources = followEngines({ docker: 'off', podman: 'off', [runtime]: [this.socket] }, () => {
      this.changedMs = performance.timeOrigin + performance.now();
    });
  }

  get view(): ContainerView {
    const [source] = this.sources.sources;
    if (!source) throw new Error('no source');
    return source.view;
  }

  async start(): Promise<void> {
    const [command, ...args] = this.runtime === 'docker' ? this.#dockerd() : this.#podman();
    // dockerd waits for the containerd that died with the last one, where nobody has reaped it.
    rmSync(this.#path('exec/containerd/containerd.pid'), { force: true });
    this.#namespace.run(() => execFileSync('ip', ['link', 'set', 'lo', 'up']));
    this.#process = this.#namespace.spawn(command ?? '', args, { env: this.#env, stdio: 'ignore' });
    await this.reaches('current');
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async ended(): Promise<void> {
    await until(() => this.#process?.exitCode !== null || this.#process.signalCode !== null);
  }

  async makeImage(): Promise<void> {
    const root = join(this.folder, 'image/bin');
    mkdirSync(root, { recursive: true });
    execFileSync('cp', ['/bin/busybox', root]);
    execFileSync('ln', ['-s', 'busybox', join(root, 'sleep')]);
    const archive = join(this.folder, 'image.tar');
    execFileSync('tar', ['-C', join(this.folder, 'image'), '-cf', archive, '.']);
    await this.client('import', archive, IMAGE);
  }

  /** Starts a container that sleeps. */
  async run(name: string, ...options: string[]): Promise<void> {
    await this.client('run', '-d', '--name', name, ...options, IMAGE, 'sleep', '1000');
  }

  /** Calls the engine's own command. */
  async client(...args: string[]): Promise<string> {
    const url = `unix://${this.socket}`;
    const to = this.runtime === 'docker' ? ['-H', url] : ['--remote', '--url', url];
    const { stdout } = await promisify(execFile)(this.runtime, [...to, ...args], {
      env: this.#env,
    });
    return stdout.trim();
  }

  /** Since the runtime's own time of the last event of this kind. */
  async sinceEventMs(action: string): Promise<number> {
    const ago = `${Math.floor(Date.now() / 1000) - 30}`;
    const now = `${Math.floor(Date.now() / 1000) + 1}`;
    const filter = ['--filter', `event=${action}`, '--format', '{{json .}}'];
    const lines = await this.client('events', '--since', ago, '--until', now, ...filter);
    const last = JSON.parse(lines.split('\n').at(-1) ?? '');
    const eventMs = this.runtime === 'docker' ? last.timeNano / 1e6 : Date.parse(last.Time);
    return this.changedMs - eventMs;
  }

  async reaches(state: string): Promise<void> {
    const what = () => JSON.stringify(this.view.status);
    await until(() => this.view.status?.state === state, what, START_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sources.close();
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    await this.ended();
    for (const pid of this.#processes()) process.kill(pid, 'SIGKILL');
    await until(() => this.#processes().length === 0);
    const mounts = execFileSync('findmnt', ['-rno', 'TARGET'], { encoding: 'utf8' }).split('\n');
    for (const path of mounts.filter((path) => path.startsWith(`${this.folder}/`)).reverse()) {
      execFileSync('umount', ['--lazy', path]);
    }
    this.#namespace.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #dockerd(): string[] {
    const folders = ['--data-root', join(this.folder, 'data'), '--exec-root', this.#path('exec')];
    return ['dockerd', ...folders, '-p', this.#path('pid'), '-H', `unix://${this.socket}`];
  }

  #podman(): string[] {
    const folders = ['--root', this.#path('data'), '--runroot', this.#path('run')];
    const temporary = ['--tmpdir', this.#path('tmp')];
    const service = ['system', 'service', '--time=0', `unix://${this.socket}`];
    return ['podman', ...folders, ...temporary, ...service];
  }

  #path(name: string): string {
    return join(this.folder, name);
  }

  /** Of the engine and of what it has started, except for those in containers, which end with these. */
  #processes(): number[] {
    const inside = `net:[${this.#namespace.identity.ino}]`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && networkOf(name) === inside)
      .map(Number)
      .filter((pid) => pid !== process.pid);
  }
}

function networkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
