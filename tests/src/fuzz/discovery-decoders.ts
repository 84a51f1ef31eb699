import { readFileSync } from 'node:fs';
import { fromJSON } from '@grpc/proto-loader';
import { Container, validate } from '@netweir/api';
import { describeContainer as describeContainerd } from '../../../packages/discovery/dist/containers/containerd/container.js';
import {
  CONTAINERD,
  type ContainerdContainer,
  type ContainerdTask,
} from '../../../packages/discovery/dist/containers/containerd/descriptors.js';
import {
  describeContainer as describeCri,
  describePod,
  describeSandbox,
  digestStatus,
} from '../../../packages/discovery/dist/containers/cri/container.js';
import {
  CRI,
  type CriContainer,
  type PodSandbox,
  type VerboseStatus,
} from '../../../packages/discovery/dist/containers/cri/descriptors.js';
import { readVerboseInfo } from '../../../packages/discovery/dist/containers/cri/verbose-info.js';
import { parseEndpoint } from '../../../packages/discovery/dist/containers/engine/endpoint.js';
import { EngineEvent } from '../../../packages/discovery/dist/containers/engine/engine.js';
import {
  Inspected,
  toContainer,
} from '../../../packages/discovery/dist/containers/engine/inspected.js';
import { Lines } from '../../../packages/discovery/dist/containers/engine/lines.js';
import { containerOfCgroup } from '../../../packages/discovery/dist/containers/processes/container-of-cgroup.js';
import { type Decoder, ofBytes, ofJson, ofText } from './decoder.ts';

const golden = (file: string): string =>
  readFileSync(new URL(`../../../packages/discovery/golden/${file}`, import.meta.url), 'utf8');

const ID = 'a1'.repeat(32);
const INSPECTED = ['docker', 'podman'].flatMap((engine) => {
  const containers: unknown = JSON.parse(golden(`${engine}/containers.json`));
  return Object.values(containers as object);
});
const EVENTS = ['docker', 'podman'].flatMap((engine) =>
  golden(`${engine}/events.ndjson`)
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, 8),
);
const VERBOSE = {
  pid: 7,
  cniResult: {
    Interfaces: {
      lo: { IPConfigs: [{ IP: '127.0.0.1', Gateway: '' }], Mac: '', Sandbox: '' },
      cni0: { IPConfigs: null, Mac: '5e:00:00:00:00:01', Sandbox: '' },
      eth0: { IPConfigs: [{ IP: '10.88.0.2', Gateway: '10.88.0.1' }], Sandbox: '/run/netns/a' },
    },
  },
};
const CGROUPS = [
  `0::/system.slice/docker-${ID}.scope\n`,
  `12:cpu:/docker/${ID}\n1:name=systemd:/docker/${ID}\n`,
  `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container\n`,
  `0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-${ID}.scope\n`,
  '0::/lxc.payload.web/init.scope\n',
  '0::/machine.slice/machine-a\\x2db.scope/payload\n',
  '0::/default/redis\n',
];

const SURROUNDINGS = {
  runtime: 'docker',
  endpoint: 'unix:///run/docker.sock',
  rootless: false,
  pod: null,
  kindOf: () => ({ driver: 'bridge', internal: false, bridge: 'br-1' }),
} as const;

type Method = {
  requestSerialize(value: object): Buffer;
  responseDeserialize(bytes: Buffer): object;
};
const OPTIONS = { longs: Number, enums: String, defaults: true };
const definitions = { ...fromJSON(CRI, OPTIONS), ...fromJSON(CONTAINERD, OPTIONS) };

/** What a server of a method's answers sends, and how a client reads it. */
function answers(name: string, values: readonly object[]) {
  const [service = '', method = ''] = name.split('/');
  const methods = definitions[service] as unknown as Record<
    string,
    Method & { responseSerialize(value: object): Buffer }
  >;
  const found = methods[method];
  if (!found) throw new Error(name);
  return {
    seeds: values.map((value) => Uint8Array.from(found.responseSerialize(value))),
    /** Undefined for what is no message: the library then fails the call. */
    read: (bytes: Uint8Array): object | undefined => {
      try {
        return found.responseDeserialize(Buffer.from(bytes));
      } catch {
        return undefined;
      }
    },
  };
}

const METADATA = { name: 'web', namespace: 'shop', uid: 'u' };
const LABELS = { 'io.kubernetes.pod.name': 'web', 'io.kubernetes.pod.namespace': 'shop' };
const ORIGIN = {
  runtime: 'containerd',
  endpoint: 'unix:///run/containerd/containerd.sock',
} as const;

const containerd = answers('containerd.services.containers.v1.Containers/List', [
  {
    containers: [
      {
        id: 'redis',
        labels: LABELS,
        image: 'redis:7',
        createdAt: { seconds: 1_700_000_000, nanos: 5 },
      },
      { id: ID, labels: { 'nerdctl/name': 'web' }, image: 'nginx' },
    ],
  },
]);
const tasks = answers('containerd.services.tasks.v1.Tasks/List', [
  { tasks: [{ containerId: 'redis', id: 'redis', pid: 7, status: 2 }] },
]);
const sandboxes = answers('runtime.v1.RuntimeService/ListPodSandbox', [
  {
    items: [
      {
        id: ID,
        metadata: METADATA,
        state: 0,
        createdAt: 1.7e18,
        labels: LABELS,
        annotations: LABELS,
      },
    ],
  },
]);
const criContainers = answers('runtime.v1.RuntimeService/ListContainers', [
  {
    containers: [
      {
        id: ID,
        podSandboxId: ID,
        metadata: METADATA,
        image: { image: 'a' },
        imageRef: 'b',
        state: 1,
        createdAt: 1.7e18,
        labels: LABELS,
      },
    ],
  },
]);
const statuses = answers('runtime.v1.RuntimeService/PodSandboxStatus', [
  {
    status: { network: { ip: '10.88.0.2', additionalIps: [{ ip: 'fd00::2' }] } },
    info: { info: JSON.stringify(VERBOSE) },
  },
]);

export const DISCOVERY_DECODERS: readonly Decoder[] = [
  ofJson({
    name: 'inspected containers of Docker and Podman',
    covers: [],
    seeds: INSPECTED,
    isSlow: true,
    decode: (json) => {
      const { data } = Inspected.safeParse(parseJson(json));
      return data && shown(toContainer(data, SURROUNDINGS));
    },
  }),
  ofText({
    name: 'events of Docker and Podman',
    covers: [],
    seeds: EVENTS,
    isSlow: true,
    decode: (text) => {
      const lines = new Lines(4096).push(Buffer.from(`${text}\n`));
      return lines?.map((line) => EngineEvent.safeParse(parseJson(line)).data)[0];
    },
  }),
  ofJson({
    name: 'readVerboseInfo',
    covers: ['discovery/containers/cri/verbose-info.ts readVerboseInfo'],
    seeds: [VERBOSE],
    isSlow: true,
    decode: (info) => readVerboseInfo({ info }),
  }),
  ofText({
    name: 'containerOfCgroup',
    covers: [],
    seeds: CGROUPS,
    decode: containerOfCgroup,
  }),
  ofText({
    name: 'parseEndpoint',
    covers: ['discovery/containers/engine/endpoint.ts parseEndpoint'],
    seeds: ['/run/docker.sock', 'unix:///run/docker.sock', 'tcp://127.0.0.1:2375', 'tcp://[::1]:1'],
    decode: (text) => parseEndpoint(text, 'docker'),
  }),
  ofBytes({
    name: 'containers of containerd',
    covers: [],
    seeds: containerd.seeds,
    isSlow: true,
    decode: (bytes) => {
      const read = containerd.read(bytes) as { containers: ContainerdContainer[] } | undefined;
      return read?.containers.map((one) => shown(describeContainerd(one, undefined, '/run/c')));
    },
  }),
  ofBytes({
    name: 'tasks of containerd',
    covers: [],
    seeds: tasks.seeds,
    isSlow: true,
    decode: (bytes) => {
      const read = tasks.read(bytes) as { tasks: ContainerdTask[] } | undefined;
      const container = { id: 'a', labels: {}, image: '', createdAt: null };
      return read?.tasks.map((task) => shown(describeContainerd(container, task, '/run/c')));
    },
  }),
  ofBytes({
    name: 'pods of the CRI',
    covers: [],
    seeds: sandboxes.seeds,
    isSlow: true,
    decode: (bytes) => {
      const read = sandboxes.read(bytes) as { items: PodSandbox[] } | undefined;
      return read?.items.map((pod) => shown(describeSandbox(describePod(pod, undefined), ORIGIN)));
    },
  }),
  ofBytes({
    name: 'containers of the CRI',
    covers: [],
    seeds: criContainers.seeds,
    isSlow: true,
    decode: (bytes) => {
      const read = criContainers.read(bytes) as { containers: CriContainer[] } | undefined;
      return read?.containers.map((one) => shown(describeCri(one, null, undefined, ORIGIN)));
    },
  }),
  ofBytes({
    name: 'status of a pod of the CRI',
    covers: [],
    seeds: statuses.seeds,
    isSlow: true,
    decode: (bytes) => {
      const read = statuses.read(bytes) as VerboseStatus | undefined;
      return read && digestStatus(read);
    },
  }),
];

/** What the API shows has to be what its schema says. */
function shown(container: Container): Container {
  return validate(Container, container, 'a container');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
