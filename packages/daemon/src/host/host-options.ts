import type { Config, Netweir, NetweirError } from '@netweir/api';
import type { Abilities } from '@netweir/impair';

export interface HostOptions {
  /** Where the journal is kept. */
  readonly stateDirectory: string;
  /** A daemon's settings end with it, a command's stay until they are cleared or expire. */
  readonly owner: 'daemon' | 'command';
  /** Whether a process of its own restores where this one is killed; not if absent. */
  readonly guardian?: boolean;
  /** How long a provisional change stays; 30 s if absent. */
  readonly provisionalMs?: number | undefined;
  /** What this kernel can do, where that is not to be tried. */
  readonly abilities?: Abilities;
  /** What was configured; only a daemon applies its rules. */
  readonly config?: Config;
  /** For what happens when nobody waits for an answer: a lease that could not be ended. */
  readonly onProblem?: (error: NetweirError) => void;
}

/** netweir on this host, in this process. */
export interface Host extends Netweir {
  /** Takes other rules and label settings; all else in a configuration counts from the start on. */
  configure(config: Config): void;
  /**
   * Ends probes, events and a command's leases, which restores; with `restore`, puts back first whatever
   * this process has set.
   */
  close(options?: { restore: boolean }): Promise<void>;
}
