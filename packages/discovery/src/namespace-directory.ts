import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KernelError, NetworkNamespace } from '@netweir/kernel';

/** linux/errno-base.h */
const ENOENT = 2;
const EINVAL = 22;

/** `ip netns add` makes a file and mounts the namespace on it later, of which nothing tells. */
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 1024;

/** Who is told about names. */
export interface NameSink {
  /** A name leads to a namespace, which the sink now owns, unless it throws. */
  appeared(name: string, namespace: NetworkNamespace): void;
  disappeared(name: string): void;
}

/** The names of network namespaces in a directory such as /run/netns, as they come and go (inotify). */
export class NamespaceDirectory {
  /** Names of what is a namespace but could not be opened, or taken by the sink. */
  readonly unreadable: Map<string, KernelError> = new Map();
  readonly #path: string;
  readonly #sink: NameSink;
  readonly #keys = new Map<string, string>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  #parent: FSWatcher | undefined;
  #watcher: FSWatcher | undefined;

  constructor(path: string, sink: NameSink) {
    this.#path = path;
    this.#sink = sink;
  }

  /** Tells the sink about all names, and from then on about changes; the directory need not exist. */
  start(): void {
    this.#parent = watch(dirname(this.#path), { persistent: false }, (_, file) => {
      if (file === basename(this.#path)) this.#restart();
    });
    this.#restart();
  }

  /** Looks at one name at once, for who cannot wait for the event. */
  check(name: string): void {
    this.#examine(name, FIRST_RETRY_MS);
  }

  close(): void {
    this.#parent?.close();
    this.#watcher?.close();
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
  }

  /** The directory may be another than before: what was watched is a directory, not its path. */
  #restart(): void {
    this.#watcher?.close();
    this.#watcher = watchDirectory(this.#path, (name) => this.#examine(name, FIRST_RETRY_MS));
    const names = new Set(namesIn(this.#path));
    for (const name of [...this.#keys.keys()]) if (!names.has(name)) this.#forget(name);
    for (const name of names) this.#examine(name, FIRST_RETRY_MS);
  }

  #examine(name: string, retryMs: number): void {
    clearTimeout(this.#retries.get(name));
    this.#retries.delete(name);
    this.unreadable.delete(name);
    const found = openNamespace(join(this.#path, name));
    if (found instanceof NetworkNamespace) {
      this.#meet(name, found);
      return;
    }
    this.#forget(name);
    if (found === 'not-mounted') this.#retry(name, retryMs);
    else if (found !== 'missing') this.unreadable.set(name, found);
  }

  #meet(name: string, namespace: NetworkNamespace): void {
    if (this.#keys.get(name) === namespace.key) {
      namespace.close();
      return;
    }
    this.#forget(name);
    try {
      this.#sink.appeared(name, namespace);
      this.#keys.set(name, namespace.key);
    } catch (error) {
      namespace.close();
      if (!(error instanceof KernelError)) throw error;
      this.unreadable.set(name, error);
    }
  }

  #forget(name: string): void {
    if (this.#keys.delete(name)) this.#sink.disappeared(name);
  }

  #retry(name: string, delayMs: number): void {
    if (delayMs > LAST_RETRY_MS) return;
    const timer = setTimeout(() => this.#examine(name, delayMs * 2), delayMs);
    this.#retries.set(name, timer.unref());
  }
}

/** The names in a directory of namespaces, sorted; none where there is no such directory. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The namespace that a file leads to, or why there is none. */
export function openNamespace(
  path: string,
): NetworkNamespace | KernelError | 'missing' | 'not-mounted' {
  try {
    return NetworkNamespace.openPath(path);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    if (error.errno === ENOENT) return 'missing';
    return error.errno === EINVAL ? 'not-mounted' : error;
  }
}

function watchDirectory(path: string, changed: (name: string) => void): FSWatcher | undefined {
  try {
    return watch(path, { persistent: false }, (_, name) => {
      if (name !== null) changed(name);
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
