import type { Container } from '@netweir/api';
import * as z from 'zod';
import {
  ContainerId,
  type Engine,
  type EngineEvent,
  MAX_LIST_BYTES,
  MIB,
} from '../engine/engine.ts';
import { EngineError } from '../engine/engine-error.ts';
import type { HttpClient } from '../engine/http-client.ts';
import {
  attachments,
  Inspected,
  type NetworkKind,
  type Surroundings,
  toContainer,
} from '../engine/inspected.ts';
import { Known } from '../engine/known.ts';
import { cleanOrNull } from '../engine/text.ts';

/** docker/engine api: the option of a bridge network, and what the bridge is called without it. */
const BRIDGE_NAME = 'com.docker.network.bridge.name';
const BRIDGE_ID_LENGTH = 12;

const Listed = z.array(z.object({ Id: ContainerId }));

const Network = z.object({
  Id: z.string(),
  Driver: z.string(),
  Internal: z.boolean(),
  Options: z.object({ [BRIDGE_NAME]: z.string().optional() }).nullish(),
});

const Info = z.object({ SecurityOptions: z.array(z.string()).nullish() });

const ACTIONS = [
  ...['create', 'start', 'restart', 'die', 'pause', 'unpause', 'rename', 'destroy', 'update'],
  ...['connect', 'disconnect'],
];

/** How Docker is asked: the Docker Engine API, of which this is a version that it knows. */
export class DockerEngine implements Engine {
  readonly runtime = 'docker';
  readonly #client: HttpClient;
  readonly #prefix: string;
  readonly #around: { readonly endpoint: string; readonly rootless: boolean };
  readonly #networks: Known<NetworkKind>;

  constructor(
    client: HttpClient,
    version: string,
    around: { readonly endpoint: string; readonly rootless: boolean },
  ) {
    this.#client = client;
    this.#prefix = `/v${version}`;
    this.#around = around;
    this.#networks = new Known(() => this.#readNetworks());
  }

  /** @throws {EngineError} */
  static async isRootless(client: HttpClient): Promise<boolean> {
    const { SecurityOptions } = await client.get('/info', Info, { maxBytes: MIB });
    return SecurityOptions?.some((option) => option.split(',').includes('name=rootless')) === true;
  }

  eventsPath(sinceSeconds: number): string {
    const filters = JSON.stringify({ type: ['container', 'network'], event: ACTIONS });
    return `${this.#prefix}/events?since=${sinceSeconds}&filters=${encodeURIComponent(filters)}`;
  }

  async list(): Promise<string[]> {
    const path = `${this.#prefix}/containers/json?all=1`;
    const listed = await this.#client.get(path, Listed, { maxBytes: MAX_LIST_BYTES });
    return listed.map(({ Id }) => Id);
  }

  async inspect(id: string): Promise<Container | undefined> {
    const inspected = await inspect(this.#client, `${this.#prefix}/containers/${id}/json`, id);
    if (!inspected) return undefined;
    // A network that a stopped container was never attached to is told without its id.
    const ids = attachments(inspected).flatMap(([, { NetworkID }]) => NetworkID || []);
    const networks = await this.#networks.having(ids);
    const kindOf: Surroundings['kindOf'] = (_, { NetworkID }) => networks.get(NetworkID ?? '');
    return toContainer(inspected, { ...this.#around, runtime: this.runtime, pod: null, kindOf });
  }

  concerns({ Type, Action, Actor }: EngineEvent): string | undefined {
    if (!ACTIONS.includes(Action)) return undefined;
    return Type === 'container' ? Actor.ID : (Actor.Attributes?.container ?? undefined);
  }

  async #readNetworks(): Promise<Map<string, NetworkKind>> {
    const path = `${this.#prefix}/networks`;
    const networks = await this.#client.get(path, z.array(Network), { maxBytes: MAX_LIST_BYTES });
    return new Map(networks.map((network) => [network.Id, kindOfNetwork(network)]));
  }
}

/** The answer to an inspection, of either API; undefined where there is no such container. */
export async function inspect(
  client: HttpClient,
  path: string,
  id: string,
): Promise<Inspected | undefined> {
  try {
    const inspected = await client.get(path, Inspected, { maxBytes: MIB });
    if (inspected.Id === id) return inspected;
    throw new EngineError('unintelligible', `GET ${path}`, 'the answer is about another container');
  } catch (error) {
    if (error instanceof EngineError && isGone(error)) return undefined;
    throw error;
  }
}

/** Podman says so with status 500 where the container went while it was asked for. */
function isGone({ status, message }: EngineError): boolean {
  return status === 404 || (status === 500 && message.endsWith('no such container'));
}

function kindOfNetwork({ Id, Driver, Internal, Options }: z.infer<typeof Network>): NetworkKind {
  const own = Driver === 'bridge' ? `br-${Id.slice(0, BRIDGE_ID_LENGTH)}` : null;
  return {
    driver: cleanOrNull(Driver),
    internal: Internal,
    bridge: cleanOrNull(Options?.[BRIDGE_NAME]) ?? own,
  };
}
