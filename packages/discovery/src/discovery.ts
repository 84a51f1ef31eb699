import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Container, RuntimeStatus } from '@netweir/api';
import {
  getLink,
  InvalidValueError,
  KernelError,
  NETNS_DIRECTORY,
  type NetlinkSocket,
  NetworkNamespace,
  type SocketHandle,
  SocketReader,
} from '@netweir/kernel';
import type { FollowContainers } from './containers/source.ts';
import { ContainerTracker, type Tracked } from './containers/tracker.ts';
import { CounterClock, readCounters } from './counters.ts';
import { hostNamespaceInode } from './enter/rootless.ts';
import type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from './model.ts';
import { monitor } from './monitor.ts';
import { NamespaceDirectory } from './namespace-directory.ts';
import { Registry } from './registry.ts';
import { Space } from './space.ts';
import { SpaceBook } from './space-book.ts';
import { fileNameOf, type LabNodeName } from './space-name.ts';

/** linux/errno-base.h */
const ENOENT = 2;
const ENODEV = 19;

/** Events that belong together come together: to wait this long saves most of the reading. */
const SETTLE_MS = 4;
/** After a reading as much time is left to others as it took, so that a flood of changes blocks nobody. */
const LONGEST_REST_MS = 100;

/** What is followed besides the host's namespace and the named ones. */
export interface DiscoveryOptions {
  /** Containers; none if absent. */
  readonly containers?: FollowContainers;
}

/** What is told about changes, in the order in which they are to be applied. */
export type ChangeListener = (changes: DiscoveryChange[]) => void;

/** Is told of an interface whose qdiscs, classes or filters somebody has changed, netweir itself included. */
export type TrafficControlListener = (space: DiscoveredSpace, ifindex: number) => void;

/**
 * The network namespaces of this host, the one of this process, all named ones and those of containers,
 * with their interfaces: a snapshot that events keep current. Nothing is polled but counters, and those only for
 * who asks. It does not keep the process alive.
 */
export class Discovery {
  readonly #registry = new Registry();
  readonly #reader = new SocketReader();
  readonly #monitors = new Map<Space, SocketHandle>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #tcListeners = new Set<TrafficControlListener>();
  readonly #clock = new CounterClock(() => this.readCounters());
  readonly #directory: NamespaceDirectory;
  readonly #host = NetworkNamespace.current();
  readonly #book = new SpaceBook(this.#host.key);
  readonly #spaces = new Map<string, Space>();
  /** By their keys, namespaces that processes are in and that could not be opened. */
  readonly #unreadable = new Map<string, { readonly id: string; readonly error: KernelError }>();
  #containers: ContainerTracker | undefined;
  #tracked: Tracked | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restUntilMs = 0;
  #closed = false;

  private constructor() {
    this.#directory = new NamespaceDirectory(NETNS_DIRECTORY, {
      appeared: (name, namespace) => this.#appeared(name, namespace),
      disappeared: (name) => this.#disappeared(name),
    });
  }

  /**
   * Resolves with the snapshot complete, as far as the runtimes have answered after a second.
   * @throws {KernelError} such as EPERM, EMFILE
   */
  static async open({ containers }: DiscoveryOptions = {}): Promise<Discovery> {
    const discovery = new Discovery();
    try {
      // Where it is not the host's, this process's own namespace is of no use to anybody.
      if (hostNamespaceInode() === undefined) discovery.#appear(discovery.#host);
      discovery.#directory.start();
      if (containers) await discovery.#follow(containers);
      discovery.#flush();
      while (!discovery.#registry.complete) {
        await setTimeout(SETTLE_MS);
        discovery.#flush();
      }
      return discovery;
    } catch (error) {
      await discovery.close();
      throw error;
    }
  }

  /** The host first, where `enterRootless` has not left it behind; then the others by kind and name. */
  spaces(): readonly DiscoveredSpace[] {
    return this.#registry.spaces();
  }

  /** The space that any of its names means. */
  space(id: string): DiscoveredSpace | undefined {
    return this.#registry.get(id);
  }

  find(spaceId: string, interfaceName: string): DiscoveredInterface | undefined {
    for (const known of this.#registry.get(spaceId)?.interfaces.values() ?? []) {
      if (known.name === interfaceName) return known;
    }
    return undefined;
  }

  /**
   * Makes sure that a space and an interface are what has these names at this moment: after a renaming,
   * or a new namespace in the place of another, events may not have been read yet. For who is about to
   * change what a name means.
   * @throws {KernelError}
   */
  catchUp(id: string, interfaceName: string): void {
    const name = fileNameOf(id);
    if (name !== undefined) this.#directory.check(name);
    else this.#containers?.check();
    if (this.#registry.peek(id) && !this.#registry.get(id)) this.#flush();
    const space = this.#registry.get(id);
    if (!space) return;
    const known = this.find(id, interfaceName)?.ifindex;
    if (known !== indexOf(space.netlink, interfaceName)) this.refresh(id);
  }

  /** Names of namespaces that could not be opened, and why; they are no spaces. */
  unreadable(): ReadonlyMap<string, KernelError> {
    const others = [...this.#unreadable.values()].map(({ id, error }) => [id, error] as const);
    return new Map([...this.#directory.unreadable, ...others]);
  }

  /** How things stand with the runtimes' sockets. */
  runtimes(): readonly RuntimeStatus[] {
    return this.#tracked?.runtimes ?? [];
  }

  /** Containers that do not run. */
  stopped(): readonly Container[] {
    return this.#tracked?.stopped ?? [];
  }

  /** Has `listener` called with changes as they are seen; returns what ends that. */
  onChanges(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Has `listener` called as the kernel tells of such changes; returns what ends that. */
  onTrafficControl(listener: TrafficControlListener): () => void {
    this.#tcListeners.add(listener);
    return () => this.#tcListeners.delete(listener);
  }

  /**
   * Reads all counters every `intervalMs` milliseconds, or more often where another holder wants it,
   * until the returned function is called; those that differ are told as changes.
   */
  pollCounters(intervalMs: number): () => void {
    return this.#clock.hold(intervalMs);
  }

  /** Reads all counters at once, and tells those that differ before it returns. */
  readCounters(): void {
    this.#emit(this.#registry.spaces().flatMap(readCounters));
  }

  /**
   * Reads a space, or one interface of it, at once, and tells the changes before it returns: for who has
   * just changed something. Does nothing for a space that is not known.
   * @throws {KernelError}
   */
  refresh(spaceId: string, ifindex?: number): void {
    const space = this.#registry.get(spaceId);
    if (!space) return;
    if (ifindex === undefined) this.#registry.spaceChanged(space);
    else this.#registry.interfaceChanged(space, ifindex, { qdiscsChanged: true });
    this.#flush();
  }

  /**
   * Makes namespaces that this process holds spaces of the names `lab:LAB/NODE`, and tells them before it
   * returns. The handles stay the caller's.
   * @throws {KernelError} such as EMFILE; then none of them is one
   */
  nameNodes(nodes: ReadonlyMap<LabNodeName, NetworkNamespace>): void {
    try {
      for (const [name, { fd, key }] of nodes) {
        this.#book.putNode(name, key);
        this.#appear(NetworkNamespace.openPath(`/proc/self/fd/${fd}`));
      }
    } catch (error) {
      this.unnameNodes(nodes.keys());
      throw error;
    }
    this.#flush();
  }

  /** Lets go of the namespaces that had these names, and tells it before it returns. */
  unnameNodes(names: Iterable<LabNodeName>): void {
    // A program of a node, which has ended with it, may still be known to lead there.
    this.#containers?.check();
    for (const name of names) {
      const key = this.#book.deleteNode(name);
      if (key !== undefined) this.#renew(key);
    }
    this.#flush();
  }

  /** Closes everything; the spaces are of no use afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#directory.close();
    this.#clock.stop();
    await this.#containers?.close();
    clearTimeout(this.#timer);
    await this.#reader.close();
    this.#registry.close();
    this.#host.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The file now leads to this namespace, which may have other names already. */
  #appeared(name: string, namespace: NetworkNamespace): void {
    this.#book.putFile(name, namespace.key);
    try {
      this.#appear(namespace);
    } catch (error) {
      this.#book.deleteFile(name);
      throw error;
    }
  }

  #disappeared(name: string): void {
    const key = this.#book.deleteFile(name);
    if (key !== undefined) this.#renew(key);
  }

  async #follow(follow: FollowContainers): Promise<void> {
    const changed = (now: Tracked): void => this.#contain(now);
    this.#containers = new ContainerTracker(follow, this.#host.key, changed);
    await this.#containers.start();
  }

  /** Makes the spaces what is told of containers. */
  #contain(now: Tracked): void {
    const { namespaces, stopped, runtimes } = now;
    const changed = this.#book.contain(namespaces);
    for (const key of new Set([...changed, ...this.#unreadable.keys()])) this.#renew(key);
    const changes: DiscoveryChange[] = [];
    if (!isDeepStrictEqual(runtimes, this.runtimes())) changes.push({ type: 'runtimes', runtimes });
    if (!isDeepStrictEqual(stopped, this.stopped())) changes.push({ type: 'stopped', stopped });
    this.#tracked = now;
    this.#emit(changes);
  }

  /** Has a namespace the names that lead to it by now: none may be left, or the first have come. */
  #renew(key: string): void {
    this.#unreadable.delete(key);
    const [first, ...others] = this.#book.namesOf(key);
    const space = this.#spaces.get(key);
    if (space && first) this.#registry.rename(space, [first, ...others]);
    else if (space) this.#remove(space);
    else if (first) this.#openProcess(key, first.id);
    this.#schedule();
  }

  #openProcess(key: string, id: string): void {
    const pid = this.#book.pidOf(key);
    if (pid === undefined) return;
    try {
      const namespace = NetworkNamespace.openPid(pid);
      if (namespace.key === key) this.#appear(namespace);
      else namespace.close();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      if (error.errno !== ENOENT) this.#unreadable.set(key, { id, error });
    }
  }

  /** Takes over a namespace that has names in the book; one that is known by others gets these as well. */
  #appear(namespace: NetworkNamespace): void {
    const { key } = namespace;
    if (this.#spaces.has(key)) {
      namespace.close();
      this.#renew(key);
      return;
    }
    const [first, ...others] = this.#book.namesOf(key);
    if (!first) throw new Error(`network namespace ${key} has no name`);
    this.#add(new Space([first, ...others], namespace));
  }

  #remove(space: Space): void {
    const handle = this.#monitors.get(space);
    if (handle !== undefined) this.#reader.remove(handle);
    this.#monitors.delete(space);
    this.#spaces.delete(space.key);
    this.#registry.remove(space);
  }

  /** Events first, so that nothing changes unseen between the reading and them. */
  #add(space: Space): void {
    try {
      this.#monitors.set(space, this.#monitor(space));
    } catch (error) {
      space.close();
      throw error;
    }
    this.#spaces.set(space.key, space);
    this.#registry.add(space);
    this.#schedule();
  }

  #monitor(space: Space): SocketHandle {
    return monitor(this.#reader, space.namespace, {
      interfaceChanged: (ifindex, what) => {
        this.#registry.interfaceChanged(space, ifindex, what);
        this.#schedule();
      },
      trafficControlChanged: (ifindex) => {
        for (const listener of this.#tcListeners) listener(space, ifindex);
      },
      nsidChanged: (event) => {
        this.#registry.nsidChanged(space, event);
        this.#schedule();
      },
      lost: () => {
        this.#registry.lost(space);
        this.#schedule();
      },
    });
  }

  #schedule(): void {
    if (this.#closed) return;
    const delayMs = Math.max(SETTLE_MS, this.#restUntilMs - performance.now());
    this.#timer ??= startTimer(() => this.#flush(), delayMs).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const startMs = performance.now();
    const changes = this.#registry.flush();
    const endMs = performance.now();
    this.#restUntilMs = endMs + Math.min(endMs - startMs, LONGEST_REST_MS);
    if (this.#registry.pending) this.#schedule();
    this.#emit(changes);
  }

  #emit(changes: DiscoveryChange[]): void {
    if (changes.length === 0) return;
    for (const listener of [...this.#listeners]) listener(changes);
  }
}

/** The index of the interface that the kernel knows by this name; undefined where there is none. */
function indexOf(netlink: NetlinkSocket, name: string): number | undefined {
  try {
    return netlink.query(getLink({ name }))[0]?.ifindex;
  } catch (error) {
    const isNone = error instanceof KernelError && error.errno === ENODEV;
    if (isNone || error instanceof InvalidValueError) return undefined;
    throw error;
  }
}
