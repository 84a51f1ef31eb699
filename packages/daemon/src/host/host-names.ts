import { lookup } from 'node:dns/promises';
import { type Impairment, isHostName, NetweirError } from '@netweir/api';

/** Names get other addresses within minutes at the earliest. */
const REFRESH_MS = 30_000;

export type HostAddresses = Readonly<Record<string, readonly string[]>>;

export interface HostNamesOptions {
  /** Told of names that have other addresses than before. */
  readonly onChange: (names: ReadonlySet<string>) => void;
  /** As the system does if absent: by /etc/hosts and DNS. */
  readonly lookUp?: (name: string) => Promise<readonly string[]>;
  readonly refreshMs?: number;
}

/** The host names in rules, and what they stand for: looked up when they are first used and again and again. */
export class HostNames {
  readonly #options: HostNamesOptions;
  readonly #known = new Map<string, readonly string[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HostNamesOptions) {
    this.#options = options;
  }

  /** Looks up what is not known yet. @throws NetweirError `invalid-request` for a name that nobody knows */
  async learn(names: ReadonlySet<string>): Promise<void> {
    const unknown = [...names].filter((name) => !this.#known.has(name));
    await Promise.all(unknown.map(async (name) => this.#known.set(name, await this.#find(name))));
    if (this.#known.size > 0) this.#keepFresh();
  }

  /** Of names that `learn` has been told of; those of others are looked up soon. */
  addressesOf(names: ReadonlySet<string>): HostAddresses {
    const unknown = new Set([...names].filter((name) => !this.#known.has(name)));
    if (unknown.size > 0) void this.#learnLater(unknown);
    return Object.fromEntries([...names].map((name) => [name, this.#known.get(name) ?? []]));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #keepFresh(): void {
    const { refreshMs = REFRESH_MS } = this.#options;
    this.#timer ??= setInterval(() => void this.#refresh(), refreshMs).unref();
  }

  async #learnLater(names: ReadonlySet<string>): Promise<void> {
    for (const name of names) this.#known.set(name, []);
    this.#keepFresh();
    await this.#refresh();
  }

  /** What cannot be looked up now stays what it was. */
  async #refresh(): Promise<void> {
    const changed = new Set<string>();
    await Promise.all(
      [...this.#known].map(async ([name, before]) => {
        const found = await this.#find(name).catch(() => before);
        if (found.join() === before.join()) return;
        this.#known.set(name, found);
        changed.add(name);
      }),
    );
    if (changed.size > 0) this.#options.onChange(changed);
  }

  async #find(name: string): Promise<readonly string[]> {
    const { lookUp = bySystem } = this.#options;
    try {
      return (await lookUp(name)).toSorted();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new NetweirError('invalid-request', `${name} cannot be looked up: ${reason}`, {
        cause,
        remedy: 'Write it as it is in DNS or /etc/hosts, or give addresses.',
      });
    }
  }
}

/** The host names that an impairment's rules have. */
export function namesIn({ rules = [] }: Pick<Impairment, 'rules'>): ReadonlySet<string> {
  return new Set(rules.flatMap(({ match }) => (match.remote ?? []).filter(isHostName)));
}

async function bySystem(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}
