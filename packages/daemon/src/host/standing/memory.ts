import {
  type Container,
  type Forgotten,
  type Impairment,
  type Interface,
  idsOfContainer,
  matchesGlob,
  meansContainer,
  podName,
  type Target,
} from '@netweir/api';

/** What a person set on an interface of a container. */
export interface Remembered {
  readonly impairment: Impairment;
  readonly expiresAt: Date | undefined;
}

type Attached = Pick<Interface, 'name' | 'network'>;

/** Where it was set: on the interface itself, or at the host's end of its veth pair. */
type Point = 'container' | 'host';

interface Entry {
  readonly container: Container;
  readonly interface: string;
  readonly at: Point;
  readonly remembered: Remembered;
}

const MAX_ENTRIES = 1000;

/**
 * What people set on interfaces of containers, for when these are started anew. An interface is known
 * again by its network, or by its name where it is in none; a container by its runtime and name, or by
 * its pod. Of more than 1,000 the oldest are forgotten.
 */
export class Memory {
  readonly #entries = new Map<string, Entry>();

  put(
    container: Container,
    one: Attached,
    remembered: Remembered,
    point: Point = 'container',
  ): void {
    this.delete(container, one, point);
    const [key] = keysOf(container, one, point);
    this.#entries.set(key, { container, interface: one.name, at: point, remembered });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** What is still to be done to an interface: a lease goes on while its container does not run. */
  find(container: Container, one: Attached, point: Point = 'container'): Remembered | undefined {
    for (const key of keysOf(container, one, point)) {
      const found = this.#entries.get(key);
      if (!found) continue;
      if (isOpen(found)) return found.remembered;
      this.#entries.delete(key);
    }
    return undefined;
  }

  delete(container: Container, one: Attached, point: Point = 'container'): void {
    for (const key of keysOf(container, one, point)) this.#entries.delete(key);
  }

  /** A container has another name now, by which alone it is known from now on. */
  rename(before: Container, now: Container): void {
    const from = prefixOf(before);
    const to = prefixOf(now);
    if (from === to) return;
    for (const [key, entry] of [...this.#entries]) {
      if (!key.startsWith(from)) continue;
      this.#entries.delete(key);
      this.#entries.set(`${to}${key.slice(from.length)}`, { ...entry, container: now });
    }
  }

  /** Forgets what a target means, but for what is known of these; without a target everything. */
  forget(target: Target | undefined, kept: readonly Container[]): Forgotten {
    const forgotten: Forgotten = [];
    const keptPrefixes = new Set(kept.map(prefixOf));
    for (const [key, entry] of this.#entries) {
      const { container, interface: name, at } = entry;
      if (target && (keptPrefixes.has(prefixOf(container)) || !isMeant(target, entry))) continue;
      this.#entries.delete(key);
      if (isOpen(entry))
        forgotten.push({ space: idsOfContainer(container)[0], interface: name, at });
    }
    return forgotten;
  }

  clear(): void {
    this.#entries.clear();
  }
}

function isOpen({ remembered: { expiresAt } }: Entry): boolean {
  return expiresAt === undefined || expiresAt.getTime() > Date.now();
}

function isMeant({ space, interface: glob = '*' }: Target, entry: Entry): boolean {
  return meansContainer(space, entry.container) && matchesGlob(entry.interface, glob);
}

/** The best first. */
function keysOf(
  container: Container,
  { name, network }: Attached,
  point: Point,
): [string, ...string[]] {
  const prefix = prefixOf(container);
  const byName = `${prefix}${JSON.stringify([point, 'interface', name])}`;
  if (!network) return [byName];
  return [`${prefix}${JSON.stringify([point, 'network', network.name])}`, byName];
}

/** Of the keys of one container, and of no other. */
function prefixOf({ runtime, pod, name }: Container): string {
  return JSON.stringify(pod ? [runtime, 'pod', podName(pod)] : [runtime, 'name', name]);
}
