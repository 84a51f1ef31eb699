import type { Container } from './container.ts';
import { isGlob, matchesGlob } from './glob.ts';
import type { Interface } from './inventory.ts';
import type { ContainerMatch } from './rule.ts';

/**
 * Whether a container has everything that is asked for. The network is no matter of the container,
 * because it may live in the namespace of another one: see {@link isInNetwork}.
 */
export function matchesContainer(match: ContainerMatch, container: Container): boolean {
  const { image, compose, pod } = container;
  return (
    means(match.name, nameFor(match.name, container)) &&
    means(match.image, image) &&
    means(match.project, compose?.project) &&
    means(match.service, compose?.service) &&
    means(match.pod, pod && podName(pod)) &&
    Object.entries(match.labels ?? {}).every(([key, glob]) =>
      [container.labels, pod?.labels].some(
        (labels) => labels && Object.hasOwn(labels, key) && means(glob, labels[key]),
      ),
    )
  );
}

/** Runtimes make up such ids; names that people give do not look like that. */
const RANDOM_ID = /^[0-9a-f]{64}$/u;
/** As `docker ps` shows them. */
const SHORT_ID_LENGTH = 12;

/**
 * Of a container of which only processes or its containerd tell, as of every container of Docker's in its
 * first moments, the name is not known, and the id or its start stands in its place. That says nothing: to
 * a pattern it is as good as empty.
 */
function nameFor(glob: string | undefined, { id, name }: Container): string {
  const isUnknown = RANDOM_ID.test(id) && name.length >= SHORT_ID_LENGTH && id.startsWith(name);
  return isUnknown && glob !== undefined && isGlob(glob) ? '' : name;
}

/** Whether an interface is in the network that is asked for, if one is. */
export function isInNetwork({ network }: ContainerMatch, one: Pick<Interface, 'network'>): boolean {
  return means(network, one.network?.name);
}

/** `NAMESPACE/NAME`, as in the id of a pod's space: Podman's pods are those of `podman`. */
export function podName({ namespace, name }: NonNullable<Container['pod']>): string {
  return `${namespace || 'podman'}/${name}`;
}

function means(glob: string | undefined, text: string | null | undefined): boolean {
  return glob === undefined || (typeof text === 'string' && matchesGlob(text, glob));
}
