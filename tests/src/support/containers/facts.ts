import type { Container } from '@netweir/api';
import type { Runtime } from './runtime.ts';

/** What a runtime's own client and netweir both say of a container, in words that can be compared. */
export interface Facts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: Container['state'];
  readonly pid: number | null;
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: readonly NetworkFacts[];
  readonly ports: readonly string[];
}

export interface NetworkFacts {
  readonly name: string;
  readonly driver: string | null;
  readonly internal: boolean;
  readonly bridge: string | null;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  readonly mac: string | null;
}

interface InspectedEndpoint {
  readonly IPAddress: string;
  readonly GlobalIPv6Address: string;
  readonly Gateway: string;
  readonly IPv6Gateway: string;
  readonly MacAddress: string;
}

interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  readonly ImageName?: string;
  readonly State: { readonly Status: string; readonly Pid: number };
  readonly Config: {
    readonly Image: string;
    readonly Labels: Record<string, string> | null;
  };
  readonly HostConfig: { readonly NetworkMode: string };
  readonly NetworkSettings: {
    readonly Networks: Record<string, InspectedEndpoint> | null;
    readonly Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  };
}

/** `docker network inspect` has the capitals, `podman network inspect` the others. */
interface InspectedNetwork {
  readonly Name?: string;
  readonly Id?: string;
  readonly Driver?: string;
  readonly Internal?: boolean;
  readonly Options?: Record<string, string> | null;
  readonly name?: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly network_interface?: string;
}

type NetworkKinds = ReadonlyMap<string, Pick<NetworkFacts, 'driver' | 'internal' | 'bridge'>>;

/** What `inspect` of the runtime's client says of these containers, by name. */
export async function inspect(
  runtime: Runtime,
  names: readonly string[],
): Promise<ReadonlyMap<string, Facts>> {
  const listed = await runtime.client('network', 'ls', '--quiet');
  const networks = await runtime.client('network', 'inspect', ...listed.split('\n'));
  const kinds = kindsOf(JSON.parse(networks) as InspectedNetwork[]);
  const inspected = await runtime.client('container', 'inspect', ...names);
  const facts = (JSON.parse(inspected) as InspectedContainer[]).map((one) => factsOf(one, kinds));
  return new Map(facts.map((one) => [one.name, one]));
}

function kindsOf(networks: readonly InspectedNetwork[]): NetworkKinds {
  return new Map(
    networks.map((network) => {
      const name = network.Name ?? network.name ?? '';
      const driver = network.Driver ?? network.driver ?? null;
      const internal = network.Internal ?? network.internal ?? false;
      return [name, { driver, internal, bridge: bridgeOf(network, driver) }];
    }),
  );
}

function bridgeOf(network: InspectedNetwork, driver: string | null): string | null {
  if (driver !== 'bridge') return null;
  const named = network.Options?.['com.docker.network.bridge.name'];
  return network.network_interface ?? named ?? `br-${network.Id?.slice(0, 12)}`;
}

function factsOf(inspected: InspectedContainer, kinds: NetworkKinds): Facts {
  const { State, Config, NetworkSettings } = inspected;
  const states: Record<string, Facts['state']> = { running: 'running', paused: 'paused' };
  const isJoined = inspected.HostConfig.NetworkMode.startsWith('container:');
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//u, ''),
    image: inspected.ImageName ?? Config.Image,
    state: states[State.Status] ?? 'stopped',
    pid: State.Pid || null,
    createdMs: Math.floor(Date.parse(inspected.Created)),
    labels: Config.Labels ?? {},
    networks: isJoined ? [] : networksOf(NetworkSettings.Networks ?? {}, kinds),
    ports: isJoined || !State.Pid ? [] : portsOf(NetworkSettings.Ports ?? {}),
  };
}

function networksOf(
  endpoints: Record<string, InspectedEndpoint>,
  kinds: NetworkKinds,
): NetworkFacts[] {
  return Object.entries(endpoints)
    .map(([name, endpoint]) => ({
      name,
      driver: kinds.get(name)?.driver ?? null,
      internal: kinds.get(name)?.internal ?? false,
      bridge: kinds.get(name)?.bridge ?? null,
      addresses: [endpoint.IPAddress, endpoint.GlobalIPv6Address].filter(Boolean).sort(),
      gateways: [endpoint.Gateway, endpoint.IPv6Gateway].filter(Boolean).sort(),
      mac: endpoint.MacAddress || null,
    }))
    .filter(isAttached)
    .sort(byName);
}

function portsOf(ports: Record<string, { HostIp: string; HostPort: string }[] | null>): string[] {
  return Object.entries(ports)
    .flatMap(([port, bindings]) => {
      if (!bindings?.length) return [port];
      return bindings.map(({ HostIp, HostPort }) => `${anyAddress(HostIp)}:${HostPort}->${port}`);
    })
    .filter(isFirst)
    .sort();
}

/** What netweir says of a container, in the same words. */
export function shownFacts(container: Container): Facts {
  const { id, name, image, state, pid, labels } = container;
  return {
    ...{ id, name, image: image ?? '', state, pid, labels },
    createdMs: Math.floor(Date.parse(container.createdAt ?? '')),
    networks: container.networks
      .map((network) => ({
        ...network,
        addresses: network.addresses.map((address) => address.replace(/\/\d+$/u, '')).sort(),
        gateways: network.gateways.toSorted(),
      }))
      .filter(isAttached)
      .sort(byName),
    ports: container.ports
      .map(({ containerPort, protocol, hostAddress, hostPort }) => {
        const port = `${containerPort}/${protocol}`;
        return hostPort === null ? port : `${anyAddress(hostAddress ?? '')}:${hostPort}->${port}`;
      })
      .filter(isFirst)
      .sort(),
  };
}

/** Both families' way to write that any address will do. */
function anyAddress(address: string): string {
  return ['', '0.0.0.0', '::'].includes(address) ? '*' : address;
}

function isAttached({ addresses, mac }: NetworkFacts): boolean {
  return addresses.length > 0 || mac !== null;
}

function isFirst<T>(value: T, index: number, all: readonly T[]): boolean {
  return all.indexOf(value) === index;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
