import { homedir } from 'node:os';
import { join } from 'node:path';
import { DockerContexts } from './docker/docker-contexts.ts';
import { type EngineEndpoint, parseEndpoint, unixEndpoint } from './engine/endpoint.ts';
import { EngineSource } from './engine/engine-source.ts';
import { unusableSource } from './engine/unusable-source.ts';
import { SocketFollower } from './sockets/socket-follower.ts';
import type { ContainerOptions, ContainerSource, ContainerSources, ViewChanged } from './source.ts';

type Runtime = EngineEndpoint['runtime'];

/** Where engines are looked for. */
export interface EnginePlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of root, and of who runs netweir. */
  readonly homes: readonly string[];
  /** Folders in which runtimes have their sockets: /run, and /var/run where that is another. */
  readonly runFolders: readonly string[];
}

/** Where they are on every host. */
export const ENGINE_PLACES: EnginePlaces = {
  environment: process.env,
  homes: ['/root', homedir()],
  runFolders: ['/run', '/var/run'],
};

/**
 * Follows Docker and Podman: one source for each socket or loopback port. Found by itself are those that
 * DOCKER_HOST, CONTAINER_HOST and the contexts of `docker` name, root's in /run and those of users below
 * /run/user; what DOCKER_HOST, CONTAINER_HOST, the current context or the options name has a source even
 * while it is not there. `changed` is not called before this has returned.
 */
export function followEngines(
  options: Pick<ContainerOptions, 'docker' | 'podman'>,
  changed: ViewChanged,
  places: EnginePlaces = ENGINE_PLACES,
): ContainerSources {
  let isStarted = false;
  const engines = new Engines(() => {
    if (isStarted) changed();
  });
  if (options.docker === 'auto') engines.followDocker(places);
  else if (options.docker !== 'off') engines.followGiven(options.docker, 'docker');
  if (options.podman === 'auto') engines.followPodman(places);
  else if (options.podman !== 'off') engines.followGiven(options.podman, 'podman');
  isStarted = true;
  return engines;
}

/** By the text that names an endpoint: what ends the following of it. */
type Followed = Map<string, () => void>;

class Engines implements ContainerSources {
  readonly #changed: ViewChanged;
  readonly #sockets: SocketFollower;
  /** Those that are at no socket. */
  readonly #others = new Map<string, ContainerSource>();
  readonly #contexts: DockerContexts[] = [];
  readonly #closing = new Set<Promise<void>>();

  constructor(changed: ViewChanged) {
    this.#changed = changed;
    this.#sockets = new SocketFollower(changed);
  }

  get sources(): readonly ContainerSource[] {
    return [...this.#sockets.sources, ...this.#others.values()];
  }

  followGiven(texts: readonly string[], runtime: Runtime): void {
    for (const text of texts) this.#follow(text, runtime, { always: true });
  }

  followDocker({ environment, homes, runFolders }: EnginePlaces): void {
    const { DOCKER_HOST, DOCKER_CONFIG, XDG_RUNTIME_DIR } = environment;
    if (DOCKER_HOST) this.#follow(DOCKER_HOST, 'docker', { always: true });
    for (const folder of runFolders) this.#follow(join(folder, 'docker.sock'), 'docker');
    for (const folder of userFolders(runFolders, XDG_RUNTIME_DIR)) {
      this.#follow(join(folder, 'docker.sock'), 'docker');
    }
    const folders = homes.map((home) => join(home, '.docker'));
    for (const folder of new Set([...folders, ...(DOCKER_CONFIG ? [DOCKER_CONFIG] : [])])) {
      this.#followContexts(folder);
    }
  }

  followPodman({ environment, runFolders }: EnginePlaces): void {
    const { CONTAINER_HOST, XDG_RUNTIME_DIR } = environment;
    if (CONTAINER_HOST) this.#follow(CONTAINER_HOST, 'podman', { always: true });
    for (const folder of [...runFolders, ...userFolders(runFolders, XDG_RUNTIME_DIR)]) {
      this.#follow(join(folder, 'podman/podman.sock'), 'podman');
    }
  }

  async close(): Promise<void> {
    for (const contexts of this.#contexts) contexts.close();
    for (const source of this.#others.values()) this.#end(source);
    this.#others.clear();
    await Promise.all([this.#sockets.close(), ...this.#closing]);
  }

  #follow(text: string, runtime: Runtime, { always = false } = {}): () => void {
    const endpoint = parseEndpoint(text, runtime);
    if ('address' in endpoint && 'path' in endpoint.address) {
      const open = (path: string) => new EngineSource(unixEndpoint(path, runtime), this.#changed);
      return this.#sockets.follow(endpoint.address.path, open, { always });
    }
    if (!always || this.#others.has(endpoint.url)) return () => undefined;
    const source =
      'address' in endpoint
        ? new EngineSource(endpoint, this.#changed)
        : unusableSource(endpoint, runtime);
    this.#others.set(endpoint.url, source);
    return () => {
      this.#others.delete(endpoint.url);
      this.#end(source);
      this.#changed();
    };
  }

  #followContexts(folder: string): void {
    const followed: Followed = new Map();
    const contexts = new DockerContexts(folder, () => this.#applyContexts(contexts, followed));
    this.#contexts.push(contexts);
    this.#applyContexts(contexts, followed);
  }

  #applyContexts({ contexts }: DockerContexts, followed: Followed): void {
    const wanted = new Map(contexts.map(({ host, isCurrent }) => [`${isCurrent} ${host}`, host]));
    for (const [key, stop] of followed) {
      if (wanted.has(key)) continue;
      followed.delete(key);
      stop();
    }
    for (const { host, isCurrent } of contexts) {
      const key = `${isCurrent} ${host}`;
      if (!followed.has(key))
        followed.set(key, this.#follow(host, 'docker', { always: isCurrent }));
    }
  }

  #end(source: ContainerSource): void {
    const closing = source.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** The folders of users, each of whom may run an engine. */
function userFolders(runFolders: readonly string[], runtimeFolder: string | undefined): string[] {
  const folders = runFolders.map((folder) => join(folder, 'user/*'));
  return runtimeFolder ? [...folders, runtimeFolder] : folders;
}
