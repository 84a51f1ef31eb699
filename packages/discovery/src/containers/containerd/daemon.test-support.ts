/** A containerd of a test's own, with the Container Runtime Interface, `ctr` as its witness, and one image. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const READY_MS = 20_000;
const BUSYBOX = '/bin/busybox';
const NEEDED = ['/usr/bin/containerd', '/usr/bin/ctr', BUSYBOX, '/usr/lib/cni/bridge'];

export const IMAGE = 'docker.io/netweir/test:1';

/** What is missing on this machine for a containerd to run. */
export function missing(): string | undefined {
  const path = NEEDED.find((needed) => !existsSync(needed));
  return path === undefined ? undefined : `${path} is not installed`;
}

export class Containerd {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'netweir-containerd-'));
  readonly socket: string = join(this.folder, 's');
  /** The bridge of the pods' network. */
  readonly bridge: string = `nwcni${process.pid}`.slice(0, 15);
  #daemon: ChildProcess | undefined;

  static async start(): Promise<Containerd> {
    const containerd = new Containerd();
    containerd.#configure();
    await containerd.run();
    return containerd;
  }

  async run(): Promise<void> {
    const { folder } = this;
    this.#daemon = spawn(
      'containerd',
      [
        ...['--config', join(folder, 'config.toml'), '--address', this.socket],
        ...['--root', join(folder, 'root'), '--state', join(folder, 'state')],
      ],
      { stdio: 'ignore' },
    );
    const end = performance.now() + READY_MS;
    for (;;) {
      try {
        this.ctr('version');
        return;
      } catch (error) {
        if (performance.now() > end) throw error;
        await setTimeout(50);
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#daemon?.exitCode !== null || this.#daemon.signalCode !== null) return;
    const exit = once(this.#daemon, 'exit');
    this.#daemon.kill('SIGTERM');
    await exit;
  }

  /** Runs `ctr`; returns its output. */
  ctr(...args: string[]): string {
    return execFileSync('ctr', ['--address', this.socket, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a container on the host's file system for programs, in namespaces of its own. */
  runContainer(id: string, ...args: string[]): void {
    this.ctr(
      'run',
      '-d',
      ...args,
      '--rootfs',
      join(this.folder, 'rootfs'),
      id,
      '/bin/sleep',
      '1000',
    );
  }

  removeContainer(id: string): void {
    this.ctr('tasks', 'kill', '--signal', 'SIGKILL', id);
    this.ctr('tasks', 'delete', '--force', id);
    this.ctr('containers', 'delete', id);
  }

  /** Gives the interface the image that it makes pods of. */
  importImage(): void {
    const archive = this.#archive();
    this.ctr('-n', 'k8s.io', 'image', 'import', '--snapshotter', 'native', archive);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    try {
      execFileSync('ip', ['link', 'delete', this.bridge], { stdio: 'ignore' });
    } catch {
      // No pod was made.
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #configure(): void {
    const { folder } = this;
    const cni = {
      cniVersion: '0.4.0',
      name: 'netweir',
      plugins: [
        {
          type: 'bridge',
          bridge: this.bridge,
          isGateway: true,
          ipam: {
            type: 'host-local',
            dataDir: join(folder, 'ipam'),
            ranges: [[{ subnet: '10.231.77.0/24' }]],
          },
        },
      ],
    };
    mkdirSync(join(folder, 'cni'));
    writeFileSync(join(folder, 'cni/10-netweir.conflist'), JSON.stringify(cni));
    mkdirSync(join(folder, 'rootfs/bin'), { recursive: true });
    cpSync(BUSYBOX, join(folder, 'rootfs/bin/busybox'));
    symlinkSync('busybox', join(folder, 'rootfs/bin/sleep'));
    // Neither overlayfs on a temporary folder nor a lower oom_score_adj is to be had everywhere; the
    // default limits of open files, which ctr and CRI set, are: none is above those of this process.
    writeFileSync(
      join(folder, 'config.toml'),
      `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${join(folder, 'cni')}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
`,
    );
  }

  /** An image of one layer, in the form of `docker save`. */
  #archive(): string {
    const folder = join(this.folder, 'image');
    mkdirSync(folder);
    execFileSync('tar', ['-C', join(this.folder, 'rootfs'), '-cf', join(folder, 'layer.tar'), '.']);
    const digest = createHash('sha256')
      .update(readFileSync(join(folder, 'layer.tar')))
      .digest('hex');
    const config = {
      architecture: 'amd64',
      os: 'linux',
      config: { Entrypoint: ['/bin/sleep', '100000'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    const manifest = [{ Config: 'config.json', RepoTags: [IMAGE], Layers: ['layer.tar'] }];
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const archive = join(this.folder, 'image.tar');
    const files = ['manifest.json', 'config.json', 'layer.tar'];
    execFileSync('tar', ['-C', folder, '-cf', archive, ...files]);
    return archive;
  }
}
