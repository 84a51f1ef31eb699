import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type Config, createClient, type Netweir } from '@netweir/api';
import { unixSocketTransport } from '@netweir/api/node';
import type { NetworkNamespace } from '@netweir/kernel';

/** The command as it is installed, from the root of the working tree. */
export const NETWEIR: string = resolve(import.meta.dirname, '../../../packages/cli/bin/netweir');

const START_DEADLINE_MS = 30_000;

/** Where a netweir runs, and with what. */
export interface SiteOptions {
  /** The namespace that is its host; this process's by default. */
  readonly namespace?: NetworkNamespace;
  readonly config?: Config;
  /** A command that runs the command that follows, such as strace with its options. */
  readonly wrapper?: readonly string[];
}

/** A state directory, socket and configuration that no other netweir uses. */
export class Site implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'netweir-test-'));
  readonly socketPath: string = join(this.directory, 'netweir.sock');
  readonly #configPath: string = join(this.directory, 'config.json5');
  readonly #namespace: NetworkNamespace | undefined;
  readonly #wrapper: readonly string[];
  readonly environment: NodeJS.ProcessEnv = {
    ...process.env,
    NETWEIR_SOCKET: this.socketPath,
    NETWEIR_STATE: join(this.directory, 'state'),
    NETWEIR_CONFIG: this.#configPath,
    NO_COLOR: '1',
  };

  constructor({ namespace, config = {}, wrapper = [] }: SiteOptions = {}) {
    this.#namespace = namespace;
    this.#wrapper = wrapper;
    writeFileSync(this.#configPath, JSON.stringify(config));
  }

  /** Starts netweir with these arguments. */
  spawn(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const inside = { ...options, env: this.environment };
    const [program = process.execPath, ...rest] = [...this.#wrapper, process.execPath];
    const all = [...rest, NETWEIR, ...args];
    return this.#namespace
      ? this.#namespace.spawn(program, all, inside)
      : spawn(program, all, inside);
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A daemon as a process of its own, started by `netweir up`. */
export class Daemon implements AsyncDisposable {
  readonly netweir: Netweir;
  /** The page's address, with its token. */
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #exit: Promise<number | null>;

  private constructor(site: Site, child: ChildProcess, url: string) {
    this.netweir = createClient(unixSocketTransport(site.socketPath));
    this.url = url;
    this.#process = child;
    this.#exit = new Promise((resolve) => child.once('exit', resolve));
  }

  static async start(site: Site, ...flags: string[]): Promise<Daemon> {
    const child = site.spawn(['up', '--port', '0', '--json', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { url } = JSON.parse(await firstLine(child)) as { url: string };
    return new Daemon(site, child, url);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** As an operator's Ctrl+C; gives the exit code. */
  async stop(): Promise<number | null> {
    this.#process.kill('SIGINT');
    return this.#exit;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.stop();
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the daemon has no standard output');
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  try {
    for await (const line of lines) return line;
    throw new Error(
      `the daemon ended with ${child.exitCode ?? child.signalCode} before it listened`,
    );
  } finally {
    clearTimeout(timer);
  }
}
