import { type Container, type ContainerRuntime, podName, type SpaceKind } from '@netweir/api';
import { plainName, type SpaceName } from '../space-name.ts';
import { shortId } from './short-id.ts';

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
    const pod = nameOfPod(container);
    names.set(container, pod ? [pod, own] : [own]);
  }
  return names;
}

function ownName(container: Container, taken: Map<string, string>): SpaceName {
  const { runtime, name, id } = container;
  const kind = KINDS[runtime];
  const wanted = container.pod && runtime !== 'podman' ? shortId(id) : name;
  const holder = taken.get(`${kind}:${wanted}`);
  const given = holder === undefined || holder === id ? wanted : shortId(id);
  taken.set(`${kind}:${given}`, id);
  return { ...plainName(`${kind}:${given}`, kind, given), containers: [container] };
}

function nameOfPod(container: Container): SpaceName | undefined {
  if (!container.pod) return undefined;
  const name = podName(container.pod);
  return { ...plainName(`pod:${name}`, 'pod', name), containers: [container] };
}
