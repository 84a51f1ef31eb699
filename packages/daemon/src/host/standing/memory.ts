import { type Container, type Impairment, type Interface, podName } from '@netweir/api';

/** What a person set on an interface of a container. */
export interface Remembered {
  readonly impairment: Impairment;
  readonly expiresAt: Date | undefined;
}

type Attached = Pick<Interface, 'name' | 'network'>;

const MAX_ENTRIES = 1000;

/**
 * What people set on interfaces of containers, for when these are started anew. An interface is known
 * again by its network, or by its name where it is in none; a container by its runtime and name, or by
 * its pod. Of more than 1,000 the oldest are forgotten.
 */
export class Memory {
  readonly #entries = new Map<string, Remembered>();

  put(container: Container, one: Attached, remembered: Remembered): void {
    this.delete(container, one);
    const [key] = keysOf(container, one);
    this.#entries.set(key, remembered);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** What is still to be done to an interface: a lease goes on while its container does not run. */
  find(container: Container, one: Attached): Remembered | undefined {
    for (const key of keysOf(container, one)) {
      const found = this.#entries.get(key);
      if (!found) continue;
      if (found.expiresAt === undefined || found.expiresAt.getTime() > Date.now()) return found;
      this.#entries.delete(key);
    }
    return undefined;
  }

  delete(container: Container, one: Attached): void {
    for (const key of keysOf(container, one)) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** The best first. */
function keysOf(container: Container, { name, network }: Attached): [string, ...string[]] {
  const { runtime, pod } = container;
  const identity = pod ? [runtime, 'pod', podName(pod)] : [runtime, 'name', container.name];
  const byName = JSON.stringify([...identity, 'interface', name]);
  return network ? [JSON.stringify([...identity, 'network', network.name]), byName] : [byName];
}
