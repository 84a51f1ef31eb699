import type { NetweirError } from '@netweir/api';
import type { DiscoveredSpace, Discovery } from '@netweir/discovery';
import { netweirErrorOf, type Reachable } from '@netweir/impair';
import { keyOf, keyOfEntry, keyOfPlace, reachable, reachPeer } from './reach.ts';
import type { Settings } from './settings.ts';

/** What tc does comes as several events, and netweir's own changes as many. */
const SETTLE_MS = 20;

export interface ElsewhereWatchOptions {
  readonly discovery: Discovery;
  readonly settings: Pick<Settings, 'readableEntries' | 'changedElsewhere'>;
  /** Told of an interface where somebody else has changed what netweir set, or where that is over. */
  readonly onChange: (at: Reachable) => void;
  readonly onProblem: (error: NetweirError) => void;
}

/** Looks at what netweir has set whenever the kernel tells that somebody changed traffic control there. */
export class ElsewhereWatch {
  readonly #options: ElsewhereWatchOptions;
  readonly #due = new Map<string, Reachable>();
  /** By interface, what was told last. */
  readonly #told = new Map<string, string>();
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ElsewhereWatchOptions) {
    this.#options = options;
    this.#stop = options.discovery.onTrafficControl((space, ifindex) => this.#note(space, ifindex));
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
    this.#due.clear();
  }

  #note(space: DiscoveredSpace, ifindex: number): void {
    const one = space.interfaces.get(ifindex);
    if (!one) return;
    const at = reachable(space, one);
    // What is done at one end of a veth may be the setting of the other.
    const peer = reachPeer(this.#options.discovery, at);
    for (const end of peer ? [at, peer] : [at]) this.#due.set(keyOf(end), end);
    this.#timer ??= setTimeout(() => this.#look(), SETTLE_MS).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const { discovery, settings, onChange, onProblem } = this.#options;
    const due = [...this.#due];
    this.#due.clear();
    try {
      const entries = settings.readableEntries();
      const ours = new Set(entries.flatMap((one) => [keyOfPlace(one.place), keyOfEntry(one)]));
      for (const [key, at] of due) {
        if (discovery.space(at.space)?.namespace !== at.namespace) continue;
        const change = ours.has(key) ? settings.changedElsewhere(at) : null;
        if (change === (this.#told.get(key) ?? null)) continue;
        if (change === null) this.#told.delete(key);
        else this.#told.set(key, change);
        onChange(at);
      }
    } catch (error) {
      onProblem(netweirErrorOf(error));
    }
  }
}
