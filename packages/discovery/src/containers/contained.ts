import { statSync } from 'node:fs';
import type { Container } from '@netweir/api';
import { plainName, type SpaceName } from '../space-name.ts';
import { namesOfContainers } from './container-name.ts';
import { mergeContainers } from './merge.ts';
import type { ContainerView, ProcessNamespace } from './source.ts';

/** A namespace that containers or processes are in: its names, and a process that leads to it. */
export interface Contained {
  readonly pid: number;
  readonly names: readonly SpaceName[];
}

/** What the sources tell, put together. */
export interface ContainedNamespaces {
  /** By the namespaces' keys. */
  readonly namespaces: ReadonlyMap<string, Contained>;
  readonly stopped: readonly Container[];
}

/** The network of a container that has none of its own but the host's. */
const HOST_NETWORK = 'host';

/**
 * Which namespaces the containers are in. `keyOf` tells the namespace of a process, undefined where
 * it is gone. A process that is in the host's namespace although its container is not meant to be is
 * another one that has come to its number.
 */
export function containedNamespaces(
  views: readonly ContainerView[],
  hostKey: string,
  keyOf: (pid: number) => string | undefined,
): ContainedNamespaces {
  const containers = mergeContainers(views);
  const namespaces = new Map<string, { pid: number; names: SpaceName[] }>();
  for (const [container, names] of namesOfContainers(containers.filter(isRunning))) {
    const pid = container.pid ?? 0;
    const key = keyOf(pid);
    if (key === undefined || (key === hostKey && !isOnHost(container))) continue;
    const known = namespaces.get(key);
    if (known) known.names.push(...names);
    else namespaces.set(key, { pid, names: [...names] });
  }
  for (const one of views.flatMap((view) => view.namespaces ?? [])) {
    const key = `${one.dev}:${one.ino}`;
    if (namespaces.has(key) || keyOf(one.pid) !== key) continue;
    namespaces.set(key, { pid: one.pid, names: [nameOfProcess(one)] });
  }
  return { namespaces, stopped: containers.filter(({ state }) => state === 'stopped') };
}

/** The key, as NetworkNamespace has it, of the namespace of a process. */
export function keyOfProcess(pid: number): string | undefined {
  // A process may end at any time.
  const stat = statSync(`/proc/${pid}/ns/net`, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

function nameOfProcess({ pid, command }: ProcessNamespace): SpaceName {
  return { ...plainName(`pid:${pid}`, 'pid', `${pid}`), command };
}

function isRunning({ state, pid }: Container): boolean {
  return state !== 'stopped' && pid !== null;
}

function isOnHost({ networks, endpoint }: Container): boolean {
  return endpoint === null || networks.some(({ name }) => name === HOST_NETWORK);
}
