import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, join } from 'node:path';

/** Called with a path that matches, each time that something may have happened to it. */
export type PathSink = (path: string, there: boolean) => void;

/**
 * A directory may be mounted on just after it was made, as systemd does below /run/user, of which
 * inotify does not tell: it follows the directory below.
 */
const MOUNT_CHECKS_MS = [1, 4, 16, 64, 256, 1024];
/** Where inotify's limits (fs.inotify.max_user_watches) are used up. */
const POLL_MS = 5000;

/**
 * Follows the paths that match a pattern, in which a component `*` stands for any one name, by inotify.
 * No part of a path need exist yet. What is there at the start is told before the constructor returns.
 */
export class PathWatcher {
  readonly #root: Directory;

  constructor(pattern: string, sink: PathSink) {
    this.#root = new Directory('/', pattern.split('/').filter(Boolean), sink);
    this.#root.check();
  }

  /** The sink is not called any more. */
  close(): void {
    this.#root.close();
  }
}

/** One directory on the way, and what of the rest of the pattern is in it. */
class Directory {
  readonly #path: string;
  readonly #wanted: string;
  readonly #rest: readonly string[];
  readonly #sink: PathSink;
  readonly #below = new Map<string, Directory>();
  readonly #found = new Set<string>();
  #timers: NodeJS.Timeout[] = [];
  #watcher: FSWatcher | undefined;
  #identity: string | undefined;

  constructor(path: string, rest: readonly string[], sink: PathSink) {
    this.#path = path;
    this.#wanted = rest[0] ?? '';
    this.#rest = rest.slice(1);
    this.#sink = sink;
  }

  get exists(): boolean {
    return this.#identity !== undefined;
  }

  /** Looks at everything again; the directory may be another than before, or none. */
  check(): void {
    const identity = identityOf(this.#path);
    if (identity !== this.#identity || (identity !== undefined && !this.#watcher)) {
      this.#follow(identity);
    }
    for (const name of new Set([...this.#names(), ...this.#below.keys(), ...this.#found])) {
      this.#examine(name);
    }
  }

  close(): void {
    this.#stop();
    for (const directory of this.#below.values()) directory.close();
    this.#below.clear();
  }

  #follow(identity: string | undefined): void {
    const isNew = identity !== this.#identity;
    this.#stop();
    this.#identity = identity;
    if (identity === undefined) return;
    try {
      this.#watcher = watch(this.#path, { persistent: false }, (_, name) => this.#heard(name));
      this.#watcher.on('error', () => this.#lost());
    } catch (error) {
      if (isOutOfWatches(error)) this.#after(POLL_MS, () => this.check());
    }
    if (isNew) for (const delayMs of MOUNT_CHECKS_MS) this.#after(delayMs, () => this.#compare());
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }

  #heard(name: string | null): void {
    if (name === null || name === basename(this.#path)) this.#compare();
    if (name !== null && this.#matches(name)) this.#examine(name);
  }

  #lost(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#after(POLL_MS, () => this.check());
  }

  #compare(): void {
    if (identityOf(this.#path) !== this.#identity) this.check();
  }

  #matches(name: string): boolean {
    return this.#wanted === '*' || this.#wanted === name;
  }

  #names(): string[] {
    if (this.#wanted !== '*') return [this.#wanted];
    try {
      return readdirSync(this.#path);
    } catch {
      // What may not be listed, or is gone by now, has no names for us.
      return [];
    }
  }

  #examine(name: string): void {
    const path = join(this.#path, name);
    if (this.#rest.length === 0) {
      this.#tell(name, path);
      return;
    }
    const below = this.#below.get(name) ?? new Directory(path, this.#rest, this.#sink);
    this.#below.set(name, below);
    below.check();
    if (below.exists) return;
    below.close();
    this.#below.delete(name);
  }

  #tell(name: string, path: string): void {
    const there = exists(path);
    const known = this.#found.delete(name);
    if (there) this.#found.add(name);
    if (there || known) this.#sink(path, there);
  }

  #after(delayMs: number, action: () => void): void {
    this.#timers.push(setTimeout(action, delayMs).unref());
  }
}

/** Which directory a path leads to; undefined where it leads to none, or to none that we may see. */
function identityOf(path: string): string | undefined {
  try {
    const stat = statSync(path);
    return stat.isDirectory() ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return undefined;
  }
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isOutOfWatches(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && !['ENOENT', 'EACCES'].includes(`${error.code}`)
  );
}
