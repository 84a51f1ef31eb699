import type { Container } from '@netweir/api';
import { limitLabels, limitName } from '../grpc/limits.ts';
import { isoTime } from '../iso-time.ts';
import type { ContainerdContainer, ContainerdTask } from './descriptors.ts';

/** A socket below here is a user's own. */
const USER_RUNTIME_DIRECTORY = /^\/run\/user\/[1-9]\d*\//u;

/** What a container is in the words of the API; without a task it is not running. */
export function describeContainer(
  { id, labels, image, createdAt }: ContainerdContainer,
  task: ContainerdTask | undefined,
  endpoint: string,
): Container {
  const state = stateOf(task);
  const project = labels['com.docker.compose.project'];
  const service = labels['com.docker.compose.service'];
  return {
    runtime: 'containerd',
    endpoint,
    id: limitName(id),
    name: limitName(labels['nerdctl/name'] || id),
    image: image === '' ? null : limitName(image),
    state,
    pid: state === 'stopped' ? null : task?.pid || null,
    createdAt: createdAt && isoTime(createdAt.seconds * 1000 + createdAt.nanos / 1e6),
    labels: limitLabels(labels),
    compose:
      project && service ? { project: limitName(project), service: limitName(service) } : null,
    pod: podOf(labels),
    rootless: USER_RUNTIME_DIRECTORY.test(endpoint),
    networks: [],
    ports: [],
  };
}

/** A task that was created has its namespaces already, and its first program not yet. */
function stateOf(task: ContainerdTask | undefined): Container['state'] {
  if (task?.status === 'PAUSED' || task?.status === 'PAUSING') return 'paused';
  return task?.status === 'RUNNING' || task?.status === 'CREATED' ? 'running' : 'stopped';
}

/** The labels that containerd's own CRI puts on containers. */
function podOf(labels: Readonly<Record<string, string>>): Container['pod'] {
  const namespace = labels['io.kubernetes.pod.namespace'];
  const name = labels['io.kubernetes.pod.name'];
  if (namespace === undefined || name === undefined) return null;
  return { namespace: limitName(namespace), name: limitName(name), labels: {}, annotations: {} };
}
