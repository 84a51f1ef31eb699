import { type Descriptors, message, packages, service } from '../grpc/descriptors.ts';

/**
 * The part that is used of containerd's API (github.com/containerd/containerd/api), the same since 1.0:
 * the services namespaces, containers, tasks and events, version 1.
 */
export const CONTAINERD: Descriptors = packages({
  'google.protobuf': {
    Timestamp: message({ seconds: ['int64', 1], nanos: ['int32', 2] }),
  },
  'containerd.services.namespaces.v1': {
    Namespaces: service({ List: { name: 'ListNamespaces' } }),
    ListNamespacesRequest: message({}),
    ListNamespacesResponse: message({ namespaces: ['Namespace[]', 1] }),
    Namespace: message({ name: ['string', 1] }),
  },
  'containerd.services.containers.v1': {
    Containers: service({ List: { name: 'ListContainers' } }),
    ListContainersRequest: message({}),
    ListContainersResponse: message({ containers: ['Container[]', 1] }),
    Container: message({
      id: ['string', 1],
      labels: ['map', 2],
      image: ['string', 3],
      createdAt: ['google.protobuf.Timestamp', 8],
    }),
  },
  'containerd.services.tasks.v1': {
    Tasks: service({ List: { name: 'ListTasks' } }),
    ListTasksRequest: message({}),
    ListTasksResponse: message({ tasks: ['containerd.v1.types.Process[]', 1] }),
  },
  'containerd.v1.types': {
    Process: message({
      containerId: ['string', 1],
      id: ['string', 2],
      pid: ['uint32', 3],
      status: ['Status', 4],
    }),
    Status: {
      values: { UNKNOWN: 0, CREATED: 1, RUNNING: 2, STOPPED: 3, PAUSED: 4, PAUSING: 5 },
    },
  },
  'containerd.services.events.v1': {
    Events: service({ Subscribe: { response: 'Envelope', isStream: true } }),
    SubscribeRequest: message({ filters: ['string[]', 1] }),
    Envelope: message({ namespace: ['string', 2], topic: ['string', 3] }),
  },
});

/** containerd.services.containers.v1.Container */
export interface ContainerdContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly createdAt: { readonly seconds: number; readonly nanos: number } | null;
}

/** containerd.v1.types.Process; `status` is a number where it is newer than the descriptors. */
export interface ContainerdTask {
  readonly containerId: string;
  readonly id: string;
  readonly pid: number;
  readonly status: string | number;
}
