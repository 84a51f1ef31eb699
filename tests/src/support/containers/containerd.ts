import { writeFileSync } from 'node:fs';
import { type Machine, makeRoot } from './machine.ts';
import { output } from './runtime.ts';
import { RuntimeDaemon } from './runtime-daemon.ts';

/** containerd without images, whose containers have a folder as their root file system. */
export class Containerd implements AsyncDisposable {
  readonly socket: string;
  readonly #daemon: RuntimeDaemon;
  readonly #root: string;

  private constructor(machine: Machine, socket: string, daemon: RuntimeDaemon) {
    this.socket = socket;
    this.#daemon = daemon;
    this.#root = machine.path('containerd-root');
    makeRoot(this.#root);
  }

  static async start(machine: Machine): Promise<Containerd> {
    const socket = machine.path('containerd.sock');
    const configuration = machine.path('containerd.toml');
    writeFileSync(
      configuration,
      `version = 2
root = "${machine.path('cdata')}"
state = "${machine.path('cstate')}"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "${socket}"
`,
    );
    const daemon = new RuntimeDaemon(machine, 'containerd', ['--config', configuration], {});
    const client = () => output('ctr', ['--address', socket, 'version']);
    await daemon.ready(() => client().then(Boolean, () => false));
    return new Containerd(machine, socket, daemon);
  }

  client(...args: string[]): Promise<string> {
    return output('ctr', ['--address', this.socket, ...args]);
  }

  /** Starts a container that sleeps, in a network namespace of its own with nothing but lo. */
  async start(id: string, ...options: string[]): Promise<number> {
    await this.client(
      'run',
      '--detach',
      '--rootfs',
      ...options,
      this.#root,
      id,
      '/bin/sleep',
      '1000',
    );
    const [, pid] = /\s(\d+)\s+RUNNING/u.exec(await this.#taskOf(id)) ?? [];
    return Number(pid);
  }

  async remove(id: string): Promise<void> {
    if (await this.#taskOf(id)) await this.client('task', 'rm', '--force', id);
    await this.client('container', 'rm', id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ids = await this.client('container', 'ls', '--quiet');
    for (const id of ids.split('\n').filter(Boolean)) await this.remove(id);
    await this.#daemon.stop();
  }

  async #taskOf(id: string): Promise<string> {
    const tasks = await this.client('task', 'ls');
    return tasks.split('\n').find((line) => line.startsWith(`${id} `)) ?? '';
  }
}
