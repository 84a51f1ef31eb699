import type { Container } from '@netweir/api';
import type { ContainerView } from './source.ts';

/**
 * Containers that several sources tell of, each once: Docker runs its containers by containerd, which
 * tells of them too but knows less, as do the processes. What is told by the source that knows most wins.
 */
export function mergeContainers(views: readonly ContainerView[]): Container[] {
  const byId = new Map<string, Container>();
  for (const container of views.flatMap(({ containers }) => containers)) {
    const known = byId.get(container.id);
    if (!known || knowledge(container) > knowledge(known)) byId.set(container.id, container);
  }
  return [...byId.values()].sort(byAge);
}

function knowledge({ runtime, endpoint, pod }: Container): number {
  if (endpoint === null) return 0;
  if (runtime === 'docker' || runtime === 'podman') return 3;
  return pod ? 2 : 1;
}

/** The oldest first; those of unknown age last. */
function byAge(a: Container, b: Container): number {
  const [left, right] = [a, b].map(({ createdAt, id }) => `${createdAt ?? '9'} ${id}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
