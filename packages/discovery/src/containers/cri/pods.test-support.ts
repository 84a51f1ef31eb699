/** Makes and removes pods, which the product does not, as the kubelet would. */
import { Client, credentials } from '@grpc/grpc-js';
import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader';
import { message, packages, service } from '../grpc/descriptors.ts';

const RUNTIME = packages({
  'runtime.v1': {
    RuntimeService: service({
      RunPodSandbox: {},
      StopPodSandbox: { name: 'Id', response: 'Empty' },
      RemovePodSandbox: { name: 'Id', response: 'Empty' },
      CreateContainer: {},
      StartContainer: { name: 'Id', response: 'Empty' },
    }),
    RunPodSandboxRequest: message({ config: ['PodConfig', 1] }),
    RunPodSandboxResponse: message({ id: ['string', 1] }),
    CreateContainerRequest: message({
      podSandboxId: ['string', 1],
      config: ['ContainerConfig', 2],
      sandboxConfig: ['PodConfig', 3],
    }),
    CreateContainerResponse: message({ id: ['string', 1] }),
    IdRequest: message({ id: ['string', 1] }),
    Empty: message({}),
    PodConfig: message({
      metadata: ['PodMetadata', 1],
      labels: ['map', 6],
      annotations: ['map', 7],
      linux: ['Empty', 8],
    }),
    PodMetadata: message({ name: ['string', 1], uid: ['string', 2], namespace: ['string', 3] }),
    ContainerConfig: message({
      metadata: ['ContainerMetadata', 1],
      image: ['ImageSpec', 2],
      command: ['string[]', 3],
    }),
    ContainerMetadata: message({ name: ['string', 1] }),
    ImageSpec: message({ image: ['string', 1] }),
  },
});

export class Pods {
  readonly #client: Client;
  readonly #service = fromJSON(RUNTIME)['runtime.v1.RuntimeService'] as ServiceDefinition;

  constructor(socket: string) {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure());
  }

  /** Runs a pod `shop/web` with one container `app`; returns their ids. */
  async run(image: string): Promise<{ pod: string; start(): Promise<string> }> {
    const config = {
      metadata: { name: 'web', uid: `${process.pid}`, namespace: 'shop' },
      labels: { app: 'web' },
      annotations: { note: 'a test' },
      linux: {},
    };
    const pod = await this.#call('RunPodSandbox', { config });
    const start = async (): Promise<string> => {
      const container = await this.#call('CreateContainer', {
        podSandboxId: pod,
        config: { metadata: { name: 'app' }, image: { image }, command: ['/bin/sleep', '1000'] },
        sandboxConfig: config,
      });
      await this.#call('StartContainer', { id: container });
      return container;
    };
    return { pod, start };
  }

  async remove(pod: string): Promise<void> {
    await this.#call('StopPodSandbox', { id: pod });
    await this.#call('RemovePodSandbox', { id: pod });
  }

  close(): void {
    this.#client.close();
  }

  #call(name: string, request: object): Promise<string> {
    const method = this.#service[name];
    if (!method) throw new Error(name);
    const { path, requestSerialize, responseDeserialize } = method;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        (error, answer) => {
          if (error) reject(error);
          else resolve((answer as { id?: string } | undefined)?.id ?? '');
        },
      );
    });
  }
}
