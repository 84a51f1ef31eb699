import type { Config } from '@netweir/api';
import type { Runtime } from './runtime.ts';

type Containers = NonNullable<Config['containers']>;

const OFF = { enabled: false };

/** What finds no containers anywhere, and shows those that do not run where some are found after all. */
export const NOWHERE: Containers = {
  docker: OFF,
  podman: OFF,
  containerd: OFF,
  cri: OFF,
  processes: OFF,
  show_stopped_containers: true,
};

/** The configuration of a netweir that knows this runtime and no other. */
export function only({ name, socket }: Pick<Runtime, 'name' | 'socket'>): Config {
  return { containers: { ...NOWHERE, [name]: { socket } } };
}
