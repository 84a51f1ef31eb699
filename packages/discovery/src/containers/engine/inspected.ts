import { isIP } from 'node:net';
import type { Container, ContainerNetwork, PublishedPort } from '@netweir/api';
import * as z from 'zod';
import { isoTime } from '../iso-time.ts';
import { shortId } from '../short-id.ts';
import { ContainerId } from './engine.ts';
import { cleanOrNull, cleanText, limitedLabels } from './text.ts';

const Text = z.string().nullish();
/** linux/threads.h */
const PID_MAX_LIMIT = 0x400000;
const MAX_NETWORKS = 256;
const MAX_PORTS = 1024;

type Maybe<T> = T | null | undefined;

/** How a container is attached to a network. */
export interface Endpoint {
  readonly NetworkID?: Maybe<string>;
  readonly IPAddress?: Maybe<string>;
  readonly GlobalIPv6Address?: Maybe<string>;
  readonly Gateway?: Maybe<string>;
  readonly IPv6Gateway?: Maybe<string>;
  readonly MacAddress?: Maybe<string>;
}

/** GET /containers/{id}/json of the Docker Engine API, and of libpod, where they are alike. */
export interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Created?: Maybe<string>;
  /** Only libpod. */
  readonly ImageName?: Maybe<string>;
  /** Only libpod: the id of a pod. */
  readonly Pod?: Maybe<string>;
  readonly State: { readonly Status: string; readonly Pid: number };
  readonly Config?: Maybe<{
    readonly Image?: Maybe<string>;
    readonly Labels?: Maybe<Record<string, string>>;
  }>;
  readonly HostConfig?: Maybe<{ readonly NetworkMode?: Maybe<string> }>;
  readonly NetworkSettings?: Maybe<{
    readonly Networks?: Maybe<Record<string, Endpoint>>;
    readonly Ports?: Maybe<Record<string, Maybe<readonly Binding[]>>>;
  }>;
}

interface Binding {
  readonly HostIp?: Maybe<string>;
  readonly HostPort?: Maybe<string>;
}

const Endpoint = z.object({
  NetworkID: Text,
  IPAddress: Text,
  GlobalIPv6Address: Text,
  Gateway: Text,
  IPv6Gateway: Text,
  MacAddress: Text,
});

export const Inspected: z.ZodType<Inspected> = z.object({
  Id: ContainerId,
  Name: z.string(),
  Created: Text,
  ImageName: Text,
  Pod: Text,
  State: z.object({ Status: z.string(), Pid: z.int().min(0).max(PID_MAX_LIMIT) }),
  Config: z.object({ Image: Text, Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  HostConfig: z.object({ NetworkMode: Text }).nullish(),
  NetworkSettings: z
    .object({
      Networks: z.record(z.string(), Endpoint).nullish(),
      Ports: z
        .record(z.string(), z.array(z.object({ HostIp: Text, HostPort: Text })).nullish())
        .nullish(),
    })
    .nullish(),
});

/** What a network is, apart from who is attached to it. */
export type NetworkKind = Pick<ContainerNetwork, 'driver' | 'internal' | 'bridge'>;

/** What the answer to an inspection does not tell. */
export interface Surroundings {
  readonly runtime: 'docker' | 'podman';
  readonly endpoint: string;
  readonly rootless: boolean;
  readonly pod: Container['pod'];
  readonly kindOf: (name: string, endpoint: Endpoint) => NetworkKind | undefined;
}

export function toContainer(inspected: Inspected, around: Surroundings): Container {
  const { Id: id, State, Config } = inspected;
  const labels = limitedLabels(Config?.Labels);
  const state = stateOf(State.Status, State.Pid);
  return {
    runtime: around.runtime,
    endpoint: around.endpoint,
    id,
    name: nameOf(inspected),
    image: cleanOrNull(inspected.ImageName || Config?.Image),
    state,
    pid: state === 'stopped' || State.Pid === 0 ? null : State.Pid,
    createdAt: isoTime(Date.parse(inspected.Created ?? '')),
    labels,
    compose: composeOf(labels),
    pod: around.pod,
    rootless: around.rootless,
    networks: networksOf(inspected, around.kindOf),
    ports: isGuest(inspected) ? [] : portsOf(inspected),
  };
}

/** The networks that a container says it is attached to, by their names there. */
export function attachments(inspected: Inspected): [string, Endpoint][] {
  if (isGuest(inspected)) return [];
  const networks = Object.entries(inspected.NetworkSettings?.Networks ?? {});
  return networks.slice(0, MAX_NETWORKS);
}

/** Whether it is in the network namespace of another container, whose networks Podman repeats for it. */
function isGuest({ HostConfig }: Inspected): boolean {
  return HostConfig?.NetworkMode?.startsWith('container:') === true;
}

function nameOf({ Name, Id }: Inspected): string {
  const name = Name.replace(/^\//, '');
  return name === '' || name.length > 255 || /\p{Cc}/u.test(name) ? shortId(Id) : name;
}

/** Between two states, as when it restarts, a process tells whether there is something to see. */
function stateOf(status: string, pid: number): Container['state'] {
  if (status === 'paused') return 'paused';
  if (STOPPED.has(status) || pid === 0) return 'stopped';
  return 'running';
}

const STOPPED = new Set(['created', 'configured', 'exited', 'dead', 'stopped']);

/** docker compose, and podman-compose before it took over the labels of the former. */
function composeOf(labels: Readonly<Record<string, string>>): Container['compose'] {
  for (const prefix of ['com.docker.compose', 'io.podman.compose']) {
    const project = labels[`${prefix}.project`];
    const service = labels[`${prefix}.service`];
    if (project && service) return { project: cleanText(project), service: cleanText(service) };
  }
  return null;
}

function networksOf(inspected: Inspected, kindOf: Surroundings['kindOf']): ContainerNetwork[] {
  const networks = attachments(inspected).map(([name, endpoint]) => ({
    name: cleanText(name),
    ...(kindOf(name, endpoint) ?? { driver: null, internal: false, bridge: null }),
    addresses: addressesOf(endpoint.IPAddress, endpoint.GlobalIPv6Address),
    gateways: addressesOf(endpoint.Gateway, endpoint.IPv6Gateway),
    mac: macOf(endpoint.MacAddress),
  }));
  const isOnHost = networks.length === 0 && inspected.HostConfig?.NetworkMode === 'host';
  return isOnHost ? [HOST] : networks;
}

/** Docker calls it a network; Podman names only the mode. */
const HOST: ContainerNetwork = {
  name: 'host',
  driver: 'host',
  internal: false,
  bridge: null,
  addresses: [],
  gateways: [],
  mac: null,
};

function addressesOf(...texts: (string | null | undefined)[]): string[] {
  return texts.flatMap((text) => (text && isIP(text) !== 0 ? [text] : []));
}

function macOf(text: string | null | undefined): string | null {
  return text && /^[\da-f]{2}(?::[\da-f]{2}){5}$/i.test(text) ? text.toLowerCase() : null;
}

function portsOf({ NetworkSettings }: Inspected): PublishedPort[] {
  const ports = Object.entries(NetworkSettings?.Ports ?? {}).flatMap(([key, bindings]) => {
    const [, digits, protocol] = /^(\d{1,5})\/([a-z]{1,8})$/.exec(key) ?? [];
    if (digits === undefined || protocol === undefined) return [];
    const exposed = { containerPort: Number(digits), protocol, hostAddress: null, hostPort: null };
    if (!bindings?.length) return [exposed];
    return bindings.map(({ HostIp, HostPort }) => ({
      ...exposed,
      hostAddress: HostIp && isIP(HostIp) !== 0 ? HostIp : null,
      hostPort: HostPort && /^\d{1,5}$/.test(HostPort) ? Number(HostPort) : null,
    }));
  });
  return ports.slice(0, MAX_PORTS);
}
