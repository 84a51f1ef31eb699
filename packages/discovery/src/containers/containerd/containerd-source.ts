import type { Container } from '@netweir/api';
import type { GrpcChannel } from '../grpc/channel.ts';
import { type Dialect, GrpcSource } from '../grpc/grpc-source.ts';
import type { SocketSource } from '../sockets/socket-follower.ts';
import type { ViewChanged } from '../source.ts';
import { describeContainer } from './container.ts';
import { CONTAINERD, type ContainerdContainer, type ContainerdTask } from './descriptors.ts';
import { followContainerd } from './events.ts';

/** Where containerd listens unless it is told otherwise. */
export const CONTAINERD_SOCKETS: readonly string[] = [
  '/run/containerd/containerd.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/docker/containerd/containerd.sock',
];

const SERVICES = 'containerd.services';
const POLL_MS = 2000;

/**
 * The containers of a containerd, in all its namespaces: those of ctr and nerdctl, and under their own
 * ids those of Docker (`moby`) and of Kubernetes (`k8s.io`).
 */
export function openContainerdSource(socketPath: string, changed: ViewChanged): SocketSource {
  const dialect: Dialect = {
    descriptors: CONTAINERD,
    runtime: 'containerd',
    pollMs: POLL_MS,
    async read(channel) {
      const { namespaces } = await channel.call<{ namespaces: { name: string }[] }>(
        `${SERVICES}.namespaces.v1.Namespaces/List`,
      );
      const containers: Container[] = [];
      for (const { name } of namespaces) {
        containers.push(...(await readNamespace(channel, name, socketPath)));
      }
      return { runtime: 'containerd', containers };
    },
    follow: (channel, _, handler) => followContainerd(channel, handler),
  };
  return new GrpcSource(socketPath, dialect, changed);
}

async function readNamespace(
  channel: GrpcChannel,
  namespace: string,
  endpoint: string,
): Promise<Container[]> {
  const metadata = { 'containerd-namespace': namespace };
  const [{ containers }, { tasks }] = await Promise.all([
    channel.call<{ containers: ContainerdContainer[] }>(
      `${SERVICES}.containers.v1.Containers/List`,
      {},
      metadata,
    ),
    channel.call<{ tasks: ContainerdTask[] }>(`${SERVICES}.tasks.v1.Tasks/List`, {}, metadata),
  ]);
  const taskOf = new Map(tasks.map((task) => [task.containerId || task.id, task]));
  return containers.map((container) =>
    describeContainer(container, taskOf.get(container.id), endpoint),
  );
}
