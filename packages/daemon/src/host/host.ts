import { hostname, release } from 'node:os';
import {
  type Capabilities,
  type Change,
  type EventMessage,
  type Impairment,
  type ImpairmentReport,
  type InterfaceRef,
  type Inventory,
  isNetweirError,
  type LinkState,
  type Netweir,
  NetweirError,
  type Probe,
  type ProbeRequest,
  parseDuration,
  type RestoreReport,
} from '@netweir/api';
import { Discovery, type DiscoveryChange } from '@netweir/discovery';
import {
  type Abilities,
  type Entry,
  examineHost,
  Impairer,
  Journal,
  netweirErrorOf,
  type Place,
  probeAbilities,
  type Reachable,
  setLink,
} from '@netweir/impair';
import { VERSION } from '../version.ts';
import { Leases } from './leases.ts';
import { entryLookup, presentChange, presentSpace, withToolsOwners } from './present.ts';
import { Probes } from './probes.ts';
import { findSpace, keyOf, keyOfPlace, reach, reachPlace } from './reach.ts';

const COUNTER_INTERVAL_MS = 1000;

export interface HostOptions {
  /** Where the journal is kept. */
  readonly stateDirectory: string;
  /** A daemon's settings end with it, a command's stay until they are cleared or expire. */
  readonly owner: 'daemon' | 'command';
  /** For what happens when nobody waits for an answer: a lease that could not be ended. */
  readonly onProblem?: (error: NetweirError) => void;
}

/** netweir on this host, in this process. */
export interface Host extends Netweir {
  /**
   * Ends probes, events and a command's leases, which restores; with `restore`, puts back first whatever
   * this process has set.
   */
  close(options?: { restore: boolean }): Promise<void>;
}

/**
 * Opens netweir on this host. A daemon first puts back what a former one left when it was killed,
 * and whatever has expired.
 *
 * @throws NetweirError
 */
export async function openHost(options: HostOptions): Promise<Host> {
  try {
    const host = new LocalHost(options, await Discovery.open());
    if (options.owner === 'daemon') host.recover();
    return host;
  } catch (error) {
    throw netweirErrorOf(error);
  }
}

class LocalHost implements Host {
  readonly #options: HostOptions;
  readonly #discovery: Discovery;
  readonly #leases = new Leases();
  readonly #watchers = new Set<(changes: Change[]) => void>();
  readonly #probes = new Probes((change) => this.#emit([change]));
  readonly #set = new Set<string>();
  /** Of the spaces where something was set, to know them by when they are gone. */
  readonly #namespaceKeys = new Map<string, string>();
  #abilities: Abilities | undefined;
  #impairer: Impairer | undefined;
  #stopPolling: (() => void) | undefined;

  constructor(options: HostOptions, discovery: Discovery) {
    this.#options = options;
    this.#discovery = discovery;
    discovery.onChanges((changes) => this.#discovered(changes));
  }

  async inventory(): Promise<Inventory> {
    this.#discovery.readCounters();
    const entryOf = entryLookup(this.#readableEntries());
    return {
      hostname: hostname(),
      kernel: release(),
      spaces: this.#discovery.spaces().map((space) => presentSpace(space, entryOf)),
      unreadable: [...this.#discovery.unreadable()].map(([name, { message }]) => ({
        name,
        reason: message,
      })),
      probes: this.#probes.list(),
    };
  }

  async capabilities(): Promise<Capabilities> {
    const examined = examineHost(this.#options.stateDirectory, () => this.#probedAbilities());
    return { version: VERSION, ...examined };
  }

  async impairment(ref: InterfaceRef): Promise<ImpairmentReport> {
    return this.#impairing().report(reach(this.#discovery, ref));
  }

  async setImpairment(ref: InterfaceRef, impairment: Impairment): Promise<ImpairmentReport> {
    const at = reach(this.#discovery, ref);
    const leaseMs = impairment.for === undefined ? undefined : leaseOf(impairment.for);
    const expiresAt = leaseMs === undefined ? undefined : new Date(Date.now() + leaseMs);
    const report = this.#impairing().apply(at, impairment, expiresAt);
    this.#set.add(keyOf(at));
    this.#namespaceKeys.set(at.space, at.namespace.key);
    if (expiresAt) this.#lease(keyOf(at), expiresAt);
    else this.#leases.cancel(keyOf(at));
    this.#tell(at);
    return report;
  }

  async clearImpairment(ref: InterfaceRef): Promise<ImpairmentReport> {
    return this.#clear(reach(this.#discovery, ref));
  }

  async setLink(ref: InterfaceRef, state: LinkState): Promise<void> {
    const at = reach(this.#discovery, ref);
    setLink(at, state);
    this.#discovery.refresh(at.space, at.ifindex);
  }

  async restore(): Promise<RestoreReport> {
    return this.#restoreWhere(() => true);
  }

  async putProbe(id: string, request: ProbeRequest): Promise<Probe> {
    return this.#probes.put(id, request, findSpace(this.#discovery, request.space));
  }

  async deleteProbe(id: string): Promise<void> {
    this.#probes.delete(id);
  }

  async watch(
    onMessage: (message: EventMessage) => void,
    _onEnd: (error?: Error) => void,
  ): Promise<() => void> {
    let sequence = 0;
    onMessage({ type: 'snapshot', sequence: sequence++, inventory: await this.inventory() });
    const watcher = (changes: Change[]): void =>
      onMessage({ type: 'changes', sequence: sequence++, changes });
    this.#watchers.add(watcher);
    this.#stopPolling ??= this.#discovery.pollCounters(COUNTER_INTERVAL_MS);
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size > 0) return;
      this.#stopPolling?.();
      this.#stopPolling = undefined;
    };
  }

  async close({ restore }: { restore: boolean } = { restore: false }): Promise<void> {
    // The leases of a command end with it, as its engine does: nobody else would take them away.
    if (this.#options.owner === 'command' && this.#set.size > 0) {
      this.#complain(this.#restoreWhere((entry) => this.#endsWithThis(entry)));
    }
    this.#leases.cancelAll();
    if (restore && this.#set.size > 0) {
      this.#complain(this.#restoreWhere(({ place }) => this.#set.has(keyOfPlace(place))));
    }
    this.#watchers.clear();
    await this.#impairer?.close();
    await this.#probes.close();
    await this.#discovery.close();
  }

  /** Puts back what a daemon left when it was killed and what has expired; takes over the other leases. */
  recover(): void {
    const expired = ({ setting }: Entry): boolean =>
      setting.expiresAt !== null && Date.parse(setting.expiresAt) <= Date.now();
    this.#restoreWhere((entry) => entry.setting.owner === 'daemon' || expired(entry));
    for (const { place, setting } of this.#impairing().entries()) {
      if (setting.expiresAt !== null) this.#lease(keyOfPlace(place), new Date(setting.expiresAt));
    }
  }

  #clear(at: Reachable): ImpairmentReport {
    try {
      const report = this.#impairing().clear(at);
      this.#forget(at);
      return report;
    } catch (error) {
      if (isNetweirError(error) && error.code === 'changed-elsewhere') this.#forget(at);
      throw error;
    }
  }

  /** What netweir set there is gone: no lease has to end it, and nobody sees it any more. */
  #forget(at: Reachable): void {
    this.#leases.cancel(keyOf(at));
    this.#set.delete(keyOf(at));
    this.#tell(at);
  }

  /** Tells the watchers of an interface that netweir changed: the engine's work is no kernel event. */
  #tell(at: Reachable): void {
    this.#discovery.refresh(at.space);
    const space = this.#discovery.space(at.space);
    const found = space?.interfaces.get(at.ifindex);
    if (space && found) this.#discovered([{ type: 'interface', space, interface: found }]);
  }

  /**
   * Ends what was set at `expiresAt`, whatever the clock says by then. Another process may have cleared
   * it meanwhile, or given it another end.
   */
  #lease(key: string, expiresAt: Date): void {
    this.#leases.set(key, expiresAt, () => {
      try {
        const isIt = ({ place }: Entry): boolean => keyOfPlace(place) === key;
        const now = this.#impairing().entries().find(isIt)?.setting.expiresAt ?? null;
        if (now === null) return;
        if (now === expiresAt.toISOString()) this.#complain(this.#restoreWhere(isIt));
        else this.#lease(key, new Date(now));
      } catch (error) {
        this.#options.onProblem?.(netweirErrorOf(error));
      }
    });
  }

  /** Whether the end of this entry is one that this process has to bring about, and no other. */
  #endsWithThis(entry: Entry): boolean {
    const end = this.#leases.endOf(keyOfPlace(entry.place))?.toISOString();
    return this.#impairing().runs(entry) || (end !== undefined && end === entry.setting.expiresAt);
  }

  #complain({ failed }: RestoreReport): void {
    for (const { space, interface: name, error } of failed) {
      this.#options.onProblem?.(
        new NetweirError('kernel-refused', `${space}/${name} was not restored: ${error}`),
      );
    }
  }

  #restoreWhere(which: (entry: Entry) => boolean): RestoreReport {
    const reached: Reachable[] = [];
    const opened: { close(): void }[] = [];
    const reach = (place: Place): Reachable | string => {
      const at = reachPlace(this.#discovery, place, opened);
      if (typeof at !== 'string') reached.push(at);
      return at;
    };
    try {
      const report = this.#impairing().restore(reach, which);
      const open = new Set(
        this.#impairing()
          .entries()
          .map(({ place }) => keyOfPlace(place)),
      );
      for (const at of reached) if (!open.has(keyOf(at))) this.#forget(at);
      return report;
    } finally {
      for (const one of opened) one.close();
    }
  }

  #discovered(changes: readonly DiscoveryChange[]): void {
    for (const change of changes) {
      if (change.type === 'space-removed') this.#leave(change.id);
      if (change.type === 'interface-removed') {
        this.#impairer?.leave(change.space.namespace.key, change.ifindex);
      }
    }
    if (this.#watchers.size === 0) return;
    const onlyCounters = changes.every(({ type }) => type === 'counters');
    const entryOf = entryLookup(onlyCounters ? [] : this.#readableEntries());
    const told = withToolsOwners(changes, entryOf).map((change) => presentChange(change, entryOf));
    this.#emit(told.filter((change) => change !== undefined));
  }

  /** Nothing of ours may keep a namespace alive whose name is gone. */
  #leave(space: string): void {
    this.#probes.deleteOf(space);
    const key = this.#namespaceKeys.get(space);
    if (key !== undefined) this.#impairer?.leave(key);
    this.#namespaceKeys.delete(space);
  }

  #emit(changes: Change[]): void {
    for (const watcher of this.#watchers) watcher(changes);
  }

  #impairing(): Impairer {
    this.#impairer ??= new Impairer({
      journal: new Journal(this.#options.stateDirectory),
      abilities: () => this.#probedAbilities(),
      owner: this.#options.owner,
      onEngineFailure: (error) => this.#options.onProblem?.(error),
    });
    return this.#impairer;
  }

  #probedAbilities(): Abilities {
    this.#abilities ??= probeAbilities();
    return this.#abilities;
  }

  /** Who may not read the journal still sees what the kernel says, only not until when. */
  #readableEntries(): Entry[] {
    try {
      return this.#impairing().entries();
    } catch (error) {
      const code = isNetweirError(error) ? error.code : undefined;
      if (code === 'journal-failed' || code === 'not-permitted') return [];
      throw error;
    }
  }
}

function leaseOf(text: string): number {
  const leaseMs = parseDuration(text) / 1_000_000;
  if (leaseMs >= 1) return leaseMs;
  throw new NetweirError('invalid-quantity', `"${text}" is too short for a lease`, {
    remedy: 'Give at least 1ms; a lease of 5m restores after five minutes.',
  });
}
