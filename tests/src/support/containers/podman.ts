import { writeFileSync } from 'node:fs';
import { run } from '../witness.ts';
import { type Machine, makeRoot } from './machine.ts';
import { IMAGE, output, type Runtime } from './runtime.ts';
import { answers, RuntimeDaemon } from './runtime-daemon.ts';

/**
 * What Podman needs where limits cannot be raised and cgroups are of version 1; locks in files, because
 * those in /dev/shm are shared by all Podmans of a machine; ping needs net_raw.
 */
function configuration(machine: Machine): string {
  return `
[containers]
default_ulimits = ["nofile=10000:10000", "nproc=5000:5000"]
default_capabilities = ["CHOWN", "KILL", "NET_BIND_SERVICE", "NET_RAW", "SETGID", "SETUID"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
lock_type = "file"
events_logger = "file"
tmp_dir = "${machine.path('ptmp')}"
[network]
network_backend = "netavark"
network_config_dir = "${machine.path('pnet')}"
`;
}

/** The service of Podman as root, with an image; the containers die with it. */
export class Podman implements Runtime {
  readonly name = 'podman';
  readonly socket: string;
  readonly #daemon: RuntimeDaemon;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(socket: string, daemon: RuntimeDaemon, env: NodeJS.ProcessEnv) {
    this.socket = socket;
    this.#daemon = daemon;
    this.#env = env;
  }

  static async start(machine: Machine): Promise<Podman> {
    const socket = machine.path('podman.sock');
    const env = { CONTAINERS_CONF: machine.path('containers.conf') };
    writeFileSync(env.CONTAINERS_CONF, configuration(machine));
    const folders = ['--root', machine.path('proot'), '--runroot', machine.path('prun')];
    const daemon = new RuntimeDaemon(
      machine,
      'podman',
      [...folders, 'system', 'service', '--time=0', `unix://${socket}`],
      env,
    );
    await daemon.ready(() => answers(socket, '/_ping'));
    const podman = new Podman(socket, daemon, { ...process.env, ...env });
    const root = machine.path('podman-root');
    makeRoot(root);
    const archive = machine.path('podman-root.tar');
    run('tar', '-C', root, '-cf', archive, '.');
    await podman.client('import', archive, IMAGE);
    return podman;
  }

  client(...args: string[]): Promise<string> {
    return output('podman', ['--remote', '--url', `unix://${this.socket}`, ...args], this.#env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client('rm', '--force', '--all', '--time', '0');
    await this.#daemon.stop();
  }
}
