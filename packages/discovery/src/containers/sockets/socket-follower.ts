import { realpathSync, statSync } from 'node:fs';
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

interface Entry {
  readonly source: SocketSource;
  /** By which patterns, and paths, it was found. */
  readonly finders: Set<string>;
}

/**
 * One source for each socket that there is, as they come and go; a socket that several paths lead to
 * has one. The source of a socket that is gone stays as long as it knows containers: a runtime that ends
 * need not end its containers.
 */
export class SocketFollower {
  readonly #changed: ViewChanged;
  readonly #entries = new Map<string, Entry>();
  /** The socket's own path, by finder. */
  readonly #found = new Map<string, string>();
  readonly #watchers = new Set<PathWatcher>();
  readonly #closing = new Set<Promise<void>>();
  #patterns = 0;

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
      entry.source.retry();
      return;
    }
    this.#entries.set(own, { source: open(own), finders: new Set([finder]) });
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
      entry.source.retry();
      return;
    }
    this.#entries.delete(own);
    this.#end(entry.source);
    this.#changed();
  }

  #end(source: SocketSource): void {
    const closing = source.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
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
