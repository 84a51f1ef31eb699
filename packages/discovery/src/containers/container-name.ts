import type { Container, ContainerRuntime, SpaceKind } from '@netweir/api';
import { plainName, type SpaceName } from '../space-name.ts';

/** A container's id is as unique when it is as short as `docker ps` shows it. */
const SHORT_ID_LENGTH = 12;
/** Podman's pods are in no namespace of Kubernetes; this stands in its place. */
const PODMAN_PODS = 'podman';

const KINDS: Readonly<Record<ContainerRuntime, SpaceKind>> = {
  docker: 'docker',
  podman: 'podman',
  containerd: 'containerd',
  'cri-o': 'containerd',
  lxc: 'lxc',
  'systemd-nspawn': 'nspawn',
};

/**
 * The names that running containers, the oldest first, give to the spaces that they are in. A name that
 * two of them have, as with Docker's daemons of two users, is the older one's; the other has its id.
 */
export function namesOfContainers(
  containers: readonly Container[],
): Map<Container, readonly SpaceName[]> {
  const taken = new Map<string, string>();
  const names = new Map<Container, readonly SpaceName[]>();
  for (const container of containers) {
    const own = ownName(container, taken);
    const pod = podName(container);
    names.set(container, pod ? [pod, own] : [own]);
  }
  return names;
}

function ownName(container: Container, taken: Map<string, string>): SpaceName {
  const { runtime, name, id } = container;
  const kind = KINDS[runtime];
  const wanted = container.pod && runtime !== 'podman' ? short(id) : name;
  const holder = taken.get(`${kind}:${wanted}`);
  const given = holder === undefined || holder === id ? wanted : short(id);
  taken.set(`${kind}:${given}`, id);
  return { ...plainName(`${kind}:${given}`, kind, given), containers: [container] };
}

function podName(container: Container): SpaceName | undefined {
  const { pod, runtime } = container;
  if (!pod) return undefined;
  const name = `${runtime === 'podman' ? PODMAN_PODS : pod.namespace}/${pod.name}`;
  return { ...plainName(`pod:${name}`, 'pod', name), containers: [container] };
}

function short(id: string): string {
  return id.slice(0, SHORT_ID_LENGTH);
}
