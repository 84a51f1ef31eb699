import { run } from '../witness.ts';
import { type Machine, makeRoot } from './machine.ts';
import { IMAGE, output, type Runtime } from './runtime.ts';
import { answers, RuntimeDaemon } from './runtime-daemon.ts';

/** Docker with a containerd and an image of its own; the containers die with it. */
export class Docker implements Runtime {
  readonly name = 'docker';
  readonly socket: string;
  readonly #daemon: RuntimeDaemon;

  private constructor(socket: string, daemon: RuntimeDaemon) {
    this.socket = socket;
    this.#daemon = daemon;
  }

  static async start(machine: Machine): Promise<Docker> {
    const socket = machine.path('docker.sock');
    const folders = ['--data-root', machine.path('docker'), '--exec-root', machine.path('dexec')];
    const daemon = new RuntimeDaemon(
      machine,
      'dockerd',
      [...folders, '--pidfile', machine.path('docker.pid'), '-H', `unix://${socket}`],
      {},
    );
    await daemon.ready(() => answers(socket, '/_ping'));
    const docker = new Docker(socket, daemon);
    const root = machine.path('docker-root');
    makeRoot(root);
    const archive = machine.path('docker-root.tar');
    run('tar', '-C', root, '-cf', archive, '.');
    await docker.client('import', archive, IMAGE);
    return docker;
  }

  client(...args: string[]): Promise<string> {
    return output('docker', ['-H', `unix://${this.socket}`, ...args]);
  }

  /** Everything goes, also after a failure; that is why nothing is asked of the containers. */
  async [Symbol.asyncDispose](): Promise<void> {
    const containers = await this.client('ps', '--all', '--quiet');
    if (containers) await this.client('rm', '--force', ...containers.split('\n'));
    await this.#daemon.stop();
  }
}
