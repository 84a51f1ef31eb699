import type { ContainerRuntime } from '@netweir/api';
import { followContainerd } from '../containerd/events.ts';
import { GrpcSource } from '../grpc/grpc-source.ts';
import type { SocketSource } from '../sockets/socket-follower.ts';
import type { ViewChanged } from '../source.ts';
import { CriReader } from './cri-reader.ts';
import { CRI } from './descriptors.ts';

/** Where runtimes serve the interface unless they are told otherwise. */
export const CRI_SOCKETS: readonly string[] = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/k3s/containerd/containerd.sock',
  '/run/cri-dockerd.sock',
];

const POLL_MS = 2000;
/** containerd's namespace for what the interface asked for. */
const K8S_NAMESPACE = 'k8s.io';

/**
 * The pods of a runtime that serves the Kubernetes Container Runtime Interface, version 1, with their
 * containers; the sandbox of a pod counts as one, named as the pod. A socket that does not serve the
 * interface has no status.
 */
export function openCriSource(socketPath: string, changed: ViewChanged): SocketSource {
  const runtime = runtimeOf(socketPath);
  const reader = new CriReader(socketPath, runtime);
  return new GrpcSource(
    socketPath,
    {
      descriptors: CRI,
      runtime,
      pollMs: POLL_MS,
      read: (channel) => reader.read(channel),
      follow(channel, reading, handler) {
        // containerd 1.x gives each event of the interface to one caller only: the kubelet would miss it.
        if (reading.runtime === 'containerd') {
          return followContainerd(channel, handler, K8S_NAMESPACE);
        }
        return channel.stream('runtime.v1.RuntimeService/GetContainerEvents', {}, handler);
      },
    },
    changed,
  );
}

function runtimeOf(path: string): ContainerRuntime {
  if (path.includes('crio')) return 'cri-o';
  return path.includes('docker') ? 'docker' : 'containerd';
}
