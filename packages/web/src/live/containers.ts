import {
  type Container,
  type ContainerRuntime,
  type Interface,
  podName,
  type Space,
} from '@netweir/api';

/** What people call the runtimes, in the order in which they are listed. */
export const RUNTIME_NAMES: Readonly<Record<ContainerRuntime, string>> = {
  docker: 'Docker',
  podman: 'Podman',
  containerd: 'containerd',
  'cri-o': 'CRI-O',
  lxc: 'LXC',
  'systemd-nspawn': 'systemd-nspawn',
};

export const RUNTIMES: readonly ContainerRuntime[] = Object.keys(
  RUNTIME_NAMES,
) as ContainerRuntime[];

/** The runtimes of the containers in a space, each once. */
export function runtimesOf({ containers }: Space): readonly ContainerRuntime[] {
  return RUNTIMES.filter((runtime) => containers.some((one) => one.runtime === runtime));
}

/** The names of the pods whose containers live in a space, as in the space's id. */
export function podsOf({ containers }: Space): readonly string[] {
  return [...new Set(containers.flatMap(({ pod }) => (pod ? podName(pod) : [])))];
}

/** The first twelve digits, as the runtimes print them. */
export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/u.test(id) ? id.slice(0, 12) : id;
}

/** The loopback never leaves its space: no selection of many takes it along. */
export function isLoopback({ kind }: Interface): boolean {
  return kind === 'loopback';
}

/** `80/tcp` alone where it is exposed only, otherwise with where the host publishes it. */
export function portText(port: Container['ports'][number]): string {
  const { containerPort, protocol, hostAddress, hostPort } = port;
  const inner = `${containerPort}/${protocol}`;
  if (hostPort === null) return inner;
  const address = hostAddress?.includes(':') ? `[${hostAddress}]` : hostAddress;
  return `${address ? `${address}:` : ''}${hostPort} → ${inner}`;
}
