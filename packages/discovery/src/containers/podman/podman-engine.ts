import type { Container } from '@netweir/api';
import * as z from 'zod';
import { inspect } from '../docker/docker-engine.ts';
import {
  ContainerId,
  type Engine,
  type EngineEvent,
  MAX_LIST_BYTES,
  MIB,
} from '../engine/engine.ts';
import type { HttpClient } from '../engine/http-client.ts';
import { attachments, type NetworkKind, toContainer } from '../engine/inspected.ts';
import { Known } from '../engine/known.ts';
import { cleanOrNull, cleanText, limitedLabels } from '../engine/text.ts';

const Listed = z.array(z.object({ Id: ContainerId }));

const Network = z.object({
  name: z.string(),
  driver: z.string(),
  network_interface: z.string().nullish(),
  internal: z.boolean(),
});

const Pod = z.object({
  Id: z.string(),
  Name: z.string(),
  Labels: z.record(z.string(), z.string()).nullish(),
});

const Info = z.object({ host: z.object({ security: z.object({ rootless: z.boolean() }) }) });

const ACTIONS = new Set([
  ...['create', 'init', 'start', 'restart', 'died', 'cleanup', 'stop', 'pause', 'unpause'],
  ...['rename', 'remove', 'update', 'connect', 'disconnect'],
]);
/** After these, networks may be others under the same names, of which no event tells. */
const CONNECTING = new Set(['init', 'connect']);

/**
 * How Podman is asked: by its own API, libpod, as the Docker-compatible one knows no pods and no
 * names of bridges. The API of each version is served by that version itself.
 */
export class PodmanEngine implements Engine {
  readonly runtime = 'podman';
  readonly #client: HttpClient;
  readonly #prefix: string;
  readonly #around: { readonly endpoint: string; readonly rootless: boolean };
  readonly #networks: Known<NetworkKind>;
  readonly #pods: Known<NonNullable<Container['pod']>>;

  constructor(
    client: HttpClient,
    version: string,
    around: { readonly endpoint: string; readonly rootless: boolean },
  ) {
    this.#client = client;
    this.#prefix = `/v${version}/libpod`;
    this.#around = around;
    this.#networks = new Known(() => this.#readNetworks());
    this.#pods = new Known(() => this.#readPods());
  }

  /** @throws {EngineError} */
  static async isRootless(client: HttpClient, version: string): Promise<boolean> {
    const { host } = await client.get(`/v${version}/libpod/info`, Info, { maxBytes: MIB });
    return host.security.rootless;
  }

  eventsPath(sinceSeconds: number): string {
    const filters = JSON.stringify({ type: ['container', 'network'] });
    return `${this.#prefix}/events?since=${sinceSeconds}&filters=${encodeURIComponent(filters)}`;
  }

  async list(): Promise<string[]> {
    const path = `${this.#prefix}/containers/json?all=true`;
    const listed = await this.#client.get(path, Listed, { maxBytes: MAX_LIST_BYTES });
    return listed.map(({ Id }) => Id);
  }

  async inspect(id: string): Promise<Container | undefined> {
    const inspected = await inspect(this.#client, `${this.#prefix}/containers/${id}/json`, id);
    if (!inspected) return undefined;
    const names = attachments(inspected).map(([name]) => name);
    const [networks, pods] = await Promise.all([
      this.#networks.having(names),
      this.#pods.having(inspected.Pod ? [inspected.Pod] : []),
    ]);
    return toContainer(inspected, {
      ...this.#around,
      runtime: this.runtime,
      pod: pods.get(inspected.Pod ?? '') ?? null,
      kindOf: (name) => networks.get(name),
    });
  }

  /** The actor of a network's event is, other than Docker's, the container. */
  concerns({ Action, Actor }: EngineEvent): string | undefined {
    if (CONNECTING.has(Action)) this.#networks.outdate();
    return ACTIONS.has(Action) ? Actor.ID : undefined;
  }

  async #readNetworks(): Promise<Map<string, NetworkKind>> {
    const path = `${this.#prefix}/networks/json`;
    const networks = await this.#client.get(path, z.array(Network), { maxBytes: MAX_LIST_BYTES });
    return new Map(
      networks.map(({ name, driver, internal, network_interface }) => [
        name,
        {
          driver: cleanOrNull(driver),
          internal,
          bridge: driver === 'bridge' ? cleanOrNull(network_interface) : null,
        },
      ]),
    );
  }

  async #readPods(): Promise<Map<string, NonNullable<Container['pod']>>> {
    const path = `${this.#prefix}/pods/json`;
    const pods = await this.#client.get(path, z.array(Pod), { maxBytes: MAX_LIST_BYTES });
    return new Map(
      pods.map(({ Id, Name, Labels }) => [
        Id,
        { namespace: '', name: cleanText(Name), labels: limitedLabels(Labels), annotations: {} },
      ]),
    );
  }
}
