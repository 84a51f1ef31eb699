import type { Config, RuntimeConfig } from '@netweir/api';
import type { ContainerOptions, Sockets } from '@netweir/discovery';

const NONE: ContainerOptions = {
  docker: 'off',
  podman: 'off',
  containerd: 'off',
  cri: 'off',
  processes: false,
};

/** Which containers are looked for: all that can be found, but for what the configuration says. */
export function containerOptionsOf({ containers = {} }: Config): ContainerOptions {
  if (containers.enabled === false) return NONE;
  return {
    docker: socketsOf(containers.docker),
    podman: socketsOf(containers.podman),
    containerd: socketsOf(containers.containerd),
    cri: socketsOf(containers.cri),
    processes: containers.processes?.enabled ?? true,
  };
}

function socketsOf({ enabled = true, socket = 'auto' }: RuntimeConfig = {}): Sockets {
  if (!enabled) return 'off';
  return typeof socket === 'string' && socket !== 'auto' ? [socket] : (socket as 'auto' | string[]);
}
