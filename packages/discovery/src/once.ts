import { join } from 'node:path';
import { KernelError, NETNS_DIRECTORY, NetworkNamespace } from '@netweir/kernel';
import type { DiscoveredSpace } from './model.ts';
import { namesIn, openNamespace } from './namespace-directory.ts';
import { Registry } from './registry.ts';
import { Space } from './space.ts';
import { HOST, namedByFile } from './space-name.ts';

/** linux/errno-base.h */
const EINTR = 4;
/** Each includes the attempts of the socket. */
const ATTEMPTS = 8;

/** What is there at one moment. */
export interface Snapshot {
  /** The host first, then the others by name. */
  readonly spaces: readonly DiscoveredSpace[];
  /** Closes the spaces' sockets. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Reads everything once, without events: for a command that runs once. Names that lead to no namespace,
 * or to one that cannot be opened, are left out.
 * @throws {KernelError} EINTR where interfaces come and go too fast to be listed
 */
export function discoverOnce(): Snapshot {
  const registry = new Registry();
  const close = () => registry.close();
  try {
    registry.add(new Space([HOST], NetworkNamespace.current()));
    for (const name of namesIn(NETNS_DIRECTORY)) {
      const namespace = openNamespace(join(NETNS_DIRECTORY, name));
      if (namespace instanceof NetworkNamespace)
        registry.add(new Space([namedByFile(name)], namespace));
    }
    for (let attempt = 0; attempt < ATTEMPTS && !registry.complete; attempt++) registry.flush();
    if (!registry.complete) {
      throw new KernelError({ operation: 'list interfaces', target: 'this host', errno: EINTR });
    }
    return { spaces: registry.spaces(), close, [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}
