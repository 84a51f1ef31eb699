import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { PathWatcher } from '../sockets/path-watcher.ts';

const MAX_BYTES = 1_048_576;

const Config = z.object({ currentContext: z.string().nullish() });
const Meta = z.object({
  Name: z.string(),
  Endpoints: z.object({ docker: z.object({ Host: z.string() }).nullish() }),
});

/** What `docker context` has stored: a name for an endpoint. */
export interface DockerContext {
  readonly name: string;
  /** A URL as DOCKER_HOST has it. */
  readonly host: string;
  /** Whether `docker` uses it where nothing else is said. */
  readonly isCurrent: boolean;
}

/** The contexts of `docker` in a configuration folder such as ~/.docker, as they come and go. */
export class DockerContexts {
  readonly #hosts = new Map<string, Omit<DockerContext, 'isCurrent'>>();
  readonly #changed: () => void;
  readonly #watchers: readonly PathWatcher[];
  #current: string | undefined;
  #isStarted = false;

  /** `changed` is not called before the constructor has returned. */
  constructor(folder: string, changed: () => void) {
    this.#changed = changed;
    this.#watchers = [
      new PathWatcher(join(folder, 'config.json'), (path, there) => {
        this.#current = (there && read(path, Config)?.currentContext) || undefined;
        this.#tell();
      }),
      new PathWatcher(join(folder, 'contexts/meta/*/meta.json'), (path, there) => {
        const meta = there ? read(path, Meta) : undefined;
        const host = meta?.Endpoints.docker?.Host;
        if (meta && host) this.#hosts.set(path, { name: meta.Name, host });
        else this.#hosts.delete(path);
        this.#tell();
      }),
    ];
    this.#isStarted = true;
  }

  get contexts(): DockerContext[] {
    const isCurrent = (name: string): boolean => name === this.#current;
    return [...this.#hosts.values()].map((one) => ({ ...one, isCurrent: isCurrent(one.name) }));
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }

  #tell(): void {
    if (this.#isStarted) this.#changed();
  }
}

/** What a file says; undefined where it cannot be read or says something else, as `docker` may be writing it. */
function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > MAX_BYTES) return undefined;
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
