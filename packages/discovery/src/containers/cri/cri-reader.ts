import type { Container, ContainerRuntime } from '@netweir/api';
import { type GrpcChannel, GrpcError } from '../grpc/channel.ts';
import type { Reading } from '../grpc/grpc-source.ts';
import {
  describeContainer,
  describePod,
  describeSandbox,
  digestStatus,
  type Origin,
  type Pod,
  type StatusDigest,
} from './container.ts';
import type { CriContainer, PodSandbox, VerboseStatus } from './descriptors.ts';

/** google.rpc.Code */
const NOT_FOUND = 5;
/** Calls that are under way at once. */
const PARALLEL_CALLS = 8;

const SERVICE = 'runtime.v1.RuntimeService';
const RUNTIMES: Readonly<Record<string, ContainerRuntime>> = {
  containerd: 'containerd',
  'cri-o': 'cri-o',
  docker: 'docker',
};

/**
 * Reads the pods and containers of a runtime. The status of each takes a call of its own, which is made
 * again only where the state has become another: neither a sandbox nor a container starts twice.
 */
export class CriReader {
  readonly #endpoint: string;
  readonly #fallback: ContainerRuntime;
  #statuses = new Map<string, StatusDigest>();

  /** `fallback` is whose socket it is where it answers with a name that is not known. */
  constructor(endpoint: string, fallback: ContainerRuntime) {
    this.#endpoint = endpoint;
    this.#fallback = fallback;
  }

  /** @throws {GrpcError} */
  async read(channel: GrpcChannel): Promise<Reading> {
    const { runtimeName } = await channel.call<{ runtimeName: string }>(`${SERVICE}/Version`);
    const [{ items }, { containers }] = await Promise.all([
      channel.call<{ items: PodSandbox[] }>(`${SERVICE}/ListPodSandbox`),
      channel.call<{ containers: CriContainer[] }>(`${SERVICE}/ListContainers`),
    ]);
    const runtime =
      (Object.hasOwn(RUNTIMES, runtimeName) ? RUNTIMES[runtimeName] : undefined) ?? this.#fallback;
    const origin: Origin = { runtime, endpoint: this.#endpoint };
    const kept = new Map<string, StatusDigest>();
    const pods = await inParallel(items, async (sandbox) => {
      const request = { podSandboxId: sandbox.id, verbose: true };
      const method = `${SERVICE}/PodSandboxStatus`;
      return describePod(sandbox, await this.#status(channel, method, request, sandbox, kept));
    });
    const described = await this.#containers(channel, containers, pods, origin, kept);
    this.#statuses = kept;
    return {
      runtime,
      containers: [...pods.map((pod) => describeSandbox(pod, origin)), ...described],
    };
  }

  async #containers(
    channel: GrpcChannel,
    containers: readonly CriContainer[],
    pods: readonly Pod[],
    origin: Origin,
    kept: Map<string, StatusDigest>,
  ): Promise<Container[]> {
    const podOf = new Map(pods.map((pod) => [pod.sandbox.id, pod]));
    return inParallel(containers, async (container) => {
      const isRunning = container.state === 'CONTAINER_RUNNING';
      const request = { containerId: container.id, verbose: true };
      const method = `${SERVICE}/ContainerStatus`;
      const status = isRunning
        ? await this.#status(channel, method, request, container, kept)
        : undefined;
      const pod = podOf.get(container.podSandboxId);
      return describeContainer(container, status?.info.pid ?? null, pod, origin);
    });
  }

  /** Undefined for what has gone since it was listed. */
  async #status(
    channel: GrpcChannel,
    method: string,
    request: object,
    { id, state }: { id: string; state: string | number },
    kept: Map<string, StatusDigest>,
  ): Promise<StatusDigest | undefined> {
    const key = `${state} ${id}`;
    try {
      const status =
        this.#statuses.get(key) ?? digestStatus(await channel.call<VerboseStatus>(method, request));
      kept.set(key, status);
      return status;
    } catch (error) {
      if (error instanceof GrpcError && error.code === NOT_FOUND) return undefined;
      throw error;
    }
  }
}

async function inParallel<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += PARALLEL_CALLS) {
    results.push(...(await Promise.all(items.slice(at, at + PARALLEL_CALLS).map(act))));
  }
  return results;
}
