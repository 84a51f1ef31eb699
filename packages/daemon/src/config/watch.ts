import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { type Config, NetweirError } from '@netweir/api';
import { netweirErrorOf } from '@netweir/impair';
import type { ConfigFile } from './files.ts';
import { loadConfig } from './load.ts';

/** Editors write a file in several steps. */
const SETTLE_MS = 100;

export interface ConfigWatchOptions {
  readonly files: readonly ConfigFile[];
  /** What was read last. */
  readonly config: Config;
  /** Told of another configuration; never of one that is broken. */
  readonly onChange: (config: Config) => void;
  readonly onProblem: (error: NetweirError) => void;
}

/** Follows the files of a configuration, whose folders must be there to be followed. */
export class ConfigWatch implements Disposable {
  readonly #options: ConfigWatchOptions;
  readonly #watchers: readonly FSWatcher[];
  #config: Config;
  #lastProblem: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
    this.#config = options.config;
    const folders = new Set(options.files.map(({ path }) => dirname(path)));
    this.#watchers = [...folders].flatMap((folder) => this.#watch(folder) ?? []);
  }

  /** Reads the files at once, whether or not they have changed. */
  reload(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const config = loadConfig(this.#options.files);
      this.#lastProblem = undefined;
      // The order of the rules matters, too.
      if (JSON.stringify(config) === JSON.stringify(this.#config)) return;
      this.#config = config;
      this.#options.onChange(config);
    } catch (error) {
      const problem = netweirErrorOf(error);
      if (problem.message !== this.#lastProblem) this.#options.onProblem(problem);
      this.#lastProblem = problem.message;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#schedule());
      watcher.on('error', (cause) => this.#cannotWatch(folder, cause));
      return watcher;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') this.#cannotWatch(folder, cause);
      return undefined;
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.reload(), SETTLE_MS).unref();
  }

  #cannotWatch(folder: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#options.onProblem(
      new NetweirError('invalid-config', `${folder} cannot be watched: ${reason}`, {
        cause,
        remedy: 'Send SIGHUP to the daemon after a change of its configuration.',
      }),
    );
  }
}
