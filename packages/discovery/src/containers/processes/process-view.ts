import type { Container } from '@netweir/api';
import { shortId } from '../short-id.ts';
import type { ContainerView, ProcessNamespace } from '../source.ts';
import type { ContainerCgroup } from './container-of-cgroup.ts';

/** A process that is in a network namespace other than ours. */
export interface NamespacedProcess {
  readonly pid: number;
  /** In clock ticks since the start of the machine. */
  readonly startTime: number;
  /** The inode number of its network namespace. */
  readonly ino: number;
  readonly command: string;
  readonly container: ContainerCgroup | undefined;
  readonly freezerFile: string | undefined;
}

/** What /proc knows of containers, and of namespaces whether or not a container is in them. */
export interface ProcessView extends ContainerView {
  /** Those that have processes, by inode number; ours is left out. */
  readonly namespaces: readonly ProcessNamespace[];
}

/** Names a container among all that processes tell of. */
function containerKey({ runtime, id }: ContainerCgroup): string {
  return `${runtime} ${id}`;
}

/** The first process of each container. */
export function firstOfContainers(
  processes: Iterable<NamespacedProcess>,
): Map<string, NamespacedProcess> {
  return firsts(processes, ({ container }) => container && containerKey(container));
}

/** `frozen` holds the keys of the containers that are paused. */
export function viewOf(
  processes: readonly NamespacedProcess[],
  dev: number,
  frozen: ReadonlySet<string>,
): ProcessView {
  const containers = [...firstOfContainers(processes)].flatMap(([key, { container, pid }]) =>
    container ? [describe(container, pid, frozen.has(key))] : [],
  );
  const namespaces = [...firsts(processes, ({ ino }) => ino).values()]
    .map(({ ino, pid, command }) => ({ dev, ino, pid, command }))
    .sort((a, b) => a.ino - b.ino);
  return { status: null, containers: containers.sort(byId), namespaces };
}

function firsts<K>(
  processes: Iterable<NamespacedProcess>,
  keyOf: (process: NamespacedProcess) => K | undefined,
): Map<K, NamespacedProcess> {
  const found = new Map<K, NamespacedProcess>();
  for (const process of processes) {
    const key = keyOf(process);
    if (key === undefined) continue;
    const first = found.get(key);
    if (!first || isBefore(process, first)) found.set(key, process);
  }
  return found;
}

function isBefore(a: NamespacedProcess, b: NamespacedProcess): boolean {
  return a.startTime < b.startTime || (a.startTime === b.startTime && a.pid < b.pid);
}

function byId(a: Container, b: Container): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

function describe(container: ContainerCgroup, pid: number, isPaused: boolean): Container {
  return {
    runtime: container.runtime,
    endpoint: null,
    id: container.id,
    name: container.name ?? shortId(container.id),
    image: null,
    state: isPaused ? 'paused' : 'running',
    pid,
    createdAt: null,
    labels: {},
    compose: null,
    pod: null,
    rootless: container.rootless,
    networks: [],
    ports: [],
  };
}
