import { CONTAINERD_SOCKETS, openContainerdSource } from './containerd/containerd-source.ts';
import { CRI_SOCKETS, openCriSource } from './cri/cri-source.ts';
import { followEngines } from './follow-engines.ts';
import { ProcessSource } from './processes/process-source.ts';
import { type OpenSocket, SocketFollower } from './sockets/socket-follower.ts';
import type {
  ContainerOptions,
  ContainerSource,
  ContainerSources,
  FollowContainers,
  Sockets,
  ViewChanged,
} from './source.ts';

/** Follows all containers that the options do not leave out, whoever runs them. */
export function followContainers(options: ContainerOptions): FollowContainers {
  return (changed) => {
    const parts: ContainerSources[] = [
      followEngines(options, changed),
      followSockets(options.containerd, CONTAINERD_SOCKETS, openContainerdSource, changed),
      followSockets(options.cri, CRI_SOCKETS, openCriSource, changed),
      ...(options.processes ? [asSources(new ProcessSource(changed))] : []),
    ];
    return {
      get sources(): ContainerSource[] {
        return parts.flatMap(({ sources }) => sources);
      },
      close: async () => {
        await Promise.all(parts.map((part) => part.close()));
      },
    };
  };
}

function followSockets(
  sockets: Sockets,
  known: readonly string[],
  open: (path: string, changed: ViewChanged) => ReturnType<OpenSocket>,
  changed: ViewChanged,
): ContainerSources {
  const follower = new SocketFollower(changed);
  const paths = sockets === 'auto' ? known : sockets === 'off' ? [] : sockets;
  for (const path of paths) {
    follower.follow(path, (own) => open(own, changed), { always: sockets !== 'auto' });
  }
  return follower;
}

function asSources(source: ContainerSource): ContainerSources {
  return { sources: [source], close: () => source.close() };
}
