import type { Container, RuntimeStatus } from '@netweir/api';

/** What one source of containers knows at this moment. */
export interface ContainerView {
  /** How things stand with its socket; null for a source that is none, such as /proc. */
  readonly status: RuntimeStatus | null;
  /** Stopped ones included, in no order. What a source no longer hears of stays until it knows better. */
  readonly containers: readonly Container[];
  /** Whether the first look is not over yet. */
  readonly pending?: boolean;
  /** Namespaces of processes; only /proc tells of them. */
  readonly namespaces?: readonly ProcessNamespace[];
}

/** A network namespace other than ours that a process is in. */
export interface ProcessNamespace {
  /** Its identity, of which `stat` of the file in /proc tells. */
  readonly dev: number;
  readonly ino: number;
  /** The first process in it. */
  readonly pid: number;
  readonly command: string;
}

/**
 * Something that knows containers: the socket of a runtime, or /proc. It follows what happens by itself,
 * through refusals, restarts and rubbish, and never keeps the process alive; no failure of the other side
 * reaches its user but as `status`.
 */
export interface ContainerSource {
  readonly view: ContainerView;
  /** Ends all that it does; `changed` is not called any more. */
  close(): Promise<void>;
}

/** Called whenever a source's view has become another. */
export type ViewChanged = () => void;

/** Which sockets of a runtime are followed: all that are found, these paths or URLs, or none. */
export type Sockets = 'auto' | 'off' | readonly string[];

/** Which containers are looked for. */
export interface ContainerOptions {
  readonly docker: Sockets;
  readonly podman: Sockets;
  readonly containerd: Sockets;
  readonly cri: Sockets;
  /** Whether containers and namespaces that only /proc tells of are shown. */
  readonly processes: boolean;
}

/** All sources that are followed; which they are changes as sockets come and go. */
export interface ContainerSources {
  readonly sources: readonly ContainerSource[];
  close(): Promise<void>;
}

/** Starts to follow containers; `changed` is called whenever a view, or what sources there are, has. */
export type FollowContainers = (changed: ViewChanged) => ContainerSources;
