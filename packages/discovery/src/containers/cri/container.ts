import type { Container, ContainerNetwork, ContainerRuntime } from '@netweir/api';
import { limitLabels, limitName } from '../grpc/limits.ts';
import { isoTime } from '../iso-time.ts';
import type { CriContainer, PodSandbox, VerboseStatus } from './descriptors.ts';
import { readVerboseInfo, type VerboseInfo } from './verbose-info.ts';

const ADDRESS_LIMIT = 64;
/** The interface does not tell what the network is called. */
const NETWORK_NAME = 'cni';

/** Whose containers they are, and who told of them. */
export interface Origin {
  readonly runtime: ContainerRuntime;
  readonly endpoint: string;
}

/** What is known of a pod: its sandbox, and its network, which all its containers share. */
export interface Pod {
  readonly sandbox: PodSandbox;
  readonly info: VerboseInfo;
  readonly networks: readonly ContainerNetwork[];
}

/** What is kept of a verbose status, which has a hundred kilobytes. */
export interface StatusDigest {
  readonly addresses: string[];
  readonly info: VerboseInfo;
}

/** The status of a sandbox, or of a container, which has no network of its own. */
export function digestStatus({ status, info }: VerboseStatus): StatusDigest {
  const { ip = '', additionalIps = [] } = status?.network ?? {};
  const addresses = [ip, ...additionalIps.map((other) => other.ip)]
    .filter((address) => address !== '')
    .slice(0, ADDRESS_LIMIT)
    .map(limitName);
  return { addresses, info: readVerboseInfo(info) };
}

/** `digest` is undefined where the runtime has forgotten the sandbox since it listed it. */
export function describePod(sandbox: PodSandbox, digest: StatusDigest | undefined): Pod {
  const { addresses, info } = digest ?? digestStatus({ status: null, info: {} });
  return { sandbox, info, networks: addresses.length === 0 ? [] : [networkOf(addresses, info)] };
}

/** The sandbox itself, which holds the pod's network namespace even where it has no other container. */
export function describeSandbox(pod: Pod, origin: Origin): Container {
  const { sandbox, info } = pod;
  const isReady = sandbox.state === 'SANDBOX_READY';
  return {
    ...common(pod, origin),
    id: limitName(sandbox.id),
    name: limitName(sandbox.metadata?.name || sandbox.id),
    image: null,
    state: isReady ? 'running' : 'stopped',
    pid: isReady ? info.pid : null,
    createdAt: isoTime(sandbox.createdAt / 1e6),
    labels: limitLabels(sandbox.labels),
  };
}

/** A container in a pod, or in one that the runtime does not tell of any more. */
export function describeContainer(
  container: CriContainer,
  pid: number | null,
  pod: Pod | undefined,
  origin: Origin,
): Container {
  const isRunning = container.state === 'CONTAINER_RUNNING';
  const image = container.image?.userSpecifiedImage || container.image?.image || container.imageRef;
  return {
    ...common(pod, origin),
    id: limitName(container.id),
    name: limitName(container.metadata?.name || container.id),
    image: image === '' ? null : limitName(image),
    state: isRunning ? 'running' : 'stopped',
    pid: isRunning ? pid : null,
    createdAt: isoTime(container.createdAt / 1e6),
    labels: limitLabels(container.labels),
  };
}

function common(pod: Pod | undefined, { runtime, endpoint }: Origin) {
  const sandbox = pod?.sandbox;
  return {
    runtime,
    endpoint,
    compose: null,
    rootless: false,
    ports: [],
    networks: [...(pod?.networks ?? [])],
    pod: sandbox
      ? {
          namespace: limitName(sandbox.metadata?.namespace ?? ''),
          name: limitName(sandbox.metadata?.name || sandbox.id),
          labels: limitLabels(sandbox.labels),
          annotations: limitLabels(sandbox.annotations),
        }
      : null,
  };
}

function networkOf(addresses: string[], { mac, gateways, bridge }: VerboseInfo): ContainerNetwork {
  return {
    name: NETWORK_NAME,
    driver: null,
    internal: false,
    bridge: bridge === null ? null : limitName(bridge),
    addresses,
    gateways: gateways.map(limitName),
    mac: mac === null ? null : limitName(mac),
  };
}
