import { CONTAINERD } from '../containerd/descriptors.ts';
import { type Descriptors, message, packages, service } from '../grpc/descriptors.ts';

const RUNTIME_V1 = {
  RuntimeService: service({
    Version: {},
    ListPodSandbox: {},
    PodSandboxStatus: {},
    ListContainers: {},
    ContainerStatus: {},
    GetContainerEvents: { name: 'GetEvents', response: 'ContainerEventResponse', isStream: true },
  }),
  VersionRequest: message({ version: ['string', 1] }),
  VersionResponse: message({ runtimeName: ['string', 2] }),
  ListPodSandboxRequest: message({}),
  ListPodSandboxResponse: message({ items: ['PodSandbox[]', 1] }),
  PodSandbox: message({
    id: ['string', 1],
    metadata: ['PodSandboxMetadata', 2],
    state: ['PodSandboxState', 3],
    createdAt: ['int64', 4],
    labels: ['map', 5],
    annotations: ['map', 6],
  }),
  PodSandboxMetadata: message({
    name: ['string', 1],
    uid: ['string', 2],
    namespace: ['string', 3],
  }),
  PodSandboxState: { values: { SANDBOX_READY: 0, SANDBOX_NOTREADY: 1 } },
  PodSandboxStatusRequest: message({ podSandboxId: ['string', 1], verbose: ['bool', 2] }),
  PodSandboxStatusResponse: message({ status: ['PodSandboxStatus', 1], info: ['map', 2] }),
  PodSandboxStatus: message({ network: ['PodSandboxNetworkStatus', 5] }),
  PodSandboxNetworkStatus: message({ ip: ['string', 1], additionalIps: ['PodIP[]', 2] }),
  PodIP: message({ ip: ['string', 1] }),
  ListContainersRequest: message({}),
  ListContainersResponse: message({ containers: ['Container[]', 1] }),
  Container: message({
    id: ['string', 1],
    podSandboxId: ['string', 2],
    metadata: ['ContainerMetadata', 3],
    image: ['ImageSpec', 4],
    imageRef: ['string', 5],
    state: ['ContainerState', 6],
    createdAt: ['int64', 7],
    labels: ['map', 8],
  }),
  ContainerMetadata: message({ name: ['string', 1] }),
  ImageSpec: message({ image: ['string', 1], userSpecifiedImage: ['string', 18] }),
  ContainerState: {
    values: {
      CONTAINER_CREATED: 0,
      CONTAINER_RUNNING: 1,
      CONTAINER_EXITED: 2,
      CONTAINER_UNKNOWN: 3,
    },
  },
  ContainerStatusRequest: message({ containerId: ['string', 1], verbose: ['bool', 2] }),
  ContainerStatusResponse: message({ status: ['ContainerStatus', 1], info: ['map', 2] }),
  ContainerStatus: message({}),
  GetEventsRequest: message({}),
  ContainerEventResponse: message({ containerId: ['string', 1] }),
};

/**
 * The part that is used of the Kubernetes Container Runtime Interface (k8s.io/cri-api, runtime/v1), and
 * containerd's own API, whose events stand in for those of the interface.
 */
export const CRI: Descriptors = {
  nested: { ...CONTAINERD.nested, ...packages({ 'runtime.v1': RUNTIME_V1 }).nested },
};

/** runtime.v1.PodSandbox; `createdAt` in nanoseconds. */
export interface PodSandbox {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly namespace: string } | null;
  readonly state: string | number;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** runtime.v1.PodSandboxStatusResponse or ContainerStatusResponse, asked for verbosely. */
export interface VerboseStatus {
  readonly status: {
    readonly network?: {
      readonly ip: string;
      readonly additionalIps: readonly { readonly ip: string }[];
    } | null;
  } | null;
  readonly info: Readonly<Record<string, string>>;
}

/** runtime.v1.Container; `createdAt` in nanoseconds. */
export interface CriContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata: { readonly name: string } | null;
  readonly image: { readonly image: string; readonly userSpecifiedImage: string } | null;
  readonly imageRef: string;
  readonly state: string | number;
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
}
