import { realpathSync, statSync } from 'node:fs';
import { readStat } from '../processes/proc-files.ts';
import type { ContainerSource, ViewChanged } from '../source.ts';
import { PathWatcher } from './path-watcher.ts';

/** A source whose answers come from a socket. */
export interface SocketSource extends ContainerSource {
  /** Something has happened to the socket: who waits before another attempt need not wait longer. */
  retry(): void;
}

/** Makes the source of a socket, by its path without symbolic links. */
export type OpenSocket = (path: string) => SocketSource;

export interface FollowOptions {
  /** There is a source, to tell that the socket is missing, even while it is; for paths somebody gave. */
  readonly always?: boolean;
}

/** How often is looked whether a runtime that is gone has left anything. */
const LOOK_MS = 2000;

interface Entry {
  readonly source: SocketSource;
  /** By which patterns, and paths, it was found. */
  readonly finders: Set<string>;
  /** Where nothing finds it any more: when its containers' processes started, by their ids. */
  orphaned: ReadonlyMap<number, number> | undefined;
}

/**
 * One source for each socket that there is, as they come and go; a socket that several paths lead to
 * has one. The source of a socket that is gone stays as long as processes of its containers are there: a
 * runtime that ends need not end its containers.
 */
export class SocketFollower {
  readonly #changed: ViewChanged;
  readonly #entries = new Map<string, Entry>();
  /** The socket's own path, by finder. */
  readonly #found = new Map<string, string>();
  readonly #watchers = new Set<PathWatcher>();
  readonly #closing = new Set<Promise<void>>();
  #patterns = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `changed` is called when a source is there that was not, or the other way round. */
  constructor(changed: ViewChanged) {
    this.#changed = changed;
  }

  get sources(): readonly ContainerSource[] {
    return [...this.#entries.values()].map(({ source }) => source);
  }

  /**
   * Follows the sockets at an absolute path, in which a component `*` stands for any one name, until the
   * function that is returned is called, which also ends sources that nothing else has found.
   */
  follow(pattern: string, open: OpenSocket, { always = false }: FollowOptions = {}): () => void {
    const prefix = `${this.#patterns++} `;
    if (always) this.#attach(`${prefix}${pattern}`, ownPath(pattern) ?? pattern, open);
    const watcher = new PathWatcher(pattern, (path, there) => {
      const own = there ? ownPath(path) : undefined;
      if (own !== undefined) this.#attach(`${prefix}${path}`, own, open);
      else this.#gone(`${prefix}${path}`, always);
    });
    this.#watchers.add(watcher);
    return () => {
      watcher.close();
      this.#watchers.delete(watcher);
      for (const finder of [...this.#found.keys()]) {
        if (finder.startsWith(prefix)) this.#detach(finder, { evenIfKnowing: true });
      }
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers.clear();
    for (const { source } of this.#entries.values()) this.#end(source);
    this.#entries.clear();
    this.#found.clear();
    await Promise.all(this.#closing);
  }

  #attach(finder: string, own: string, open: OpenSocket): void {
    if (this.#found.get(finder) !== own) this.#detach(finder);
    this.#found.set(finder, own);
    const entry = this.#entries.get(own);
    if (entry) {
      entry.finders.add(finder);
      entry.orphaned = undefined;
      entry.source.retry();
      return;
    }
    this.#entries.set(own, { source: open(own), finders: new Set([finder]), orphaned: undefined });
    this.#changed();
  }

  #gone(finder: string, stays: boolean): void {
    if (!stays) this.#detach(finder);
    else this.#entries.get(this.#found.get(finder) ?? '')?.source.retry();
  }

  #detach(finder: string, { evenIfKnowing = false } = {}): void {
    const own = this.#found.get(finder);
    this.#found.delete(finder);
    const entry = this.#entries.get(own ?? '');
    if (own === undefined || !entry) return;
    entry.finders.delete(finder);
    if (entry.finders.size > 0) return;
    if (entry.source.view.containers.length > 0 && !evenIfKnowing) {
      entry.orphaned = processesOf(entry.source);
      this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
      entry.source.retry();
      return;
    }
    this.#drop(own, entry);
  }

  /** Drops the sources of runtimes that are gone and whose containers are, too. */
  #look(): void {
    let left = 0;
    for (const [own, entry] of this.#entries) {
      if (!entry.orphaned) continue;
      if ([...entry.orphaned].some(([pid, startTime]) => readStat(pid)?.startTime === startTime)) {
        left++;
      } else this.#drop(own, entry);
    }
    if (left > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #drop(own: string, { source }: Entry): void {
    this.#entries.delete(own);
    this.#end(source);
    this.#changed();
  }

  #end(source: SocketSource): void {
    const closing = source.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** When the processes of its containers started, because their ids may be others' later. */
function processesOf({ view }: SocketSource): Map<number, number> {
  const processes = new Map<number, number>();
  for (const { pid } of view.containers) {
    const startTime = pid === null ? undefined : readStat(pid)?.startTime;
    if (pid !== null && startTime !== undefined) processes.set(pid, startTime);
  }
  return processes;
}

/** The path of a socket without symbolic links; undefined where there is none. */
function ownPath(path: string): string | undefined {
  try {
    const own = realpathSync(path);
    return statSync(own).isSocket() ? own : undefined;
  } catch {
    return undefined;
  }
}
