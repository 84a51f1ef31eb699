import {
  type Impairment,
  type ImpairmentReport,
  isNetweirError,
  NetweirError,
  type Operation,
  type RestoreReport,
  type TrafficMatch,
} from '@netweir/api';
import type { Discovery } from '@netweir/discovery';
import {
  type Abilities,
  type Entry,
  Guardian,
  Impairer,
  isAlive,
  Journal,
  netweirErrorOf,
  type Place,
  probeAbilities,
  type Reachable,
} from '@netweir/impair';
import { isLabNode, type LabImpairments } from '../labs/impairments.ts';
import { askedOf } from './asked.ts';
import { guardedAt, isImpossible } from './guard.ts';
import { HostNames, namesIn } from './host-names.ts';
import { Leases } from './leases.ts';
import { mergeReports } from './merge-reports.ts';
import { divideEnds, mirroredMatch, withOtherEnd } from './other-end.ts';
import { OtherEnds } from './other-ends.ts';
import { PROVISIONAL_MS, type Provisional } from './provisional.ts';
import { keyOf, keyOfPlace, namespaceKeyOf, reachPlace } from './reach.ts';
import { refuseUnending } from './unending.ts';

export interface SettingsOptions {
  readonly discovery: Discovery;
  /** Where the journal is kept. */
  readonly stateDirectory: string;
  readonly owner: 'daemon' | 'command';
  /** For the interfaces of labs. */
  readonly labs: LabImpairments;
  /** Whether a process of its own restores where this one is killed. */
  readonly guardian: boolean;
  /** How long a provisional change stays; 30 s if absent. */
  readonly provisionalMs?: number | undefined;
  /** What this kernel can do, where that is not to be tried. */
  readonly abilities?: Abilities | undefined;
  /** Told of an interface whose setting has changed, or is no more, though nobody asked that of it. */
  readonly onChange: (at: Reachable) => void;
  /** Told after that, where it was the lease that ended it. */
  readonly onLeaseEnd: (at: Reachable) => void;
  /** For what happens when nobody waits for an answer. */
  readonly onProblem: (error: NetweirError) => void;
}

type Impairing = Impairer | LabImpairments;

/** What is set on the interfaces of this host, and how it ends: by being cleared, restored, or its lease. */
export class Settings {
  readonly #options: SettingsOptions;
  readonly #leases = new Leases();
  /** What this process has set. */
  readonly #set = new Set<string>();
  readonly #provisional = new Map<string, Provisional>();
  readonly #names = new HostNames({ onChange: (names) => this.#namesChanged(names) });
  readonly #otherEnds: OtherEnds;
  readonly #guardian: Guardian | undefined;
  #abilities: Abilities | undefined;
  #impairer: Impairer | undefined;

  constructor(options: SettingsOptions) {
    this.#options = options;
    const { discovery } = options;
    this.#otherEnds = new OtherEnds({ discovery, entries: () => this.#readableJournal() });
    if (options.guardian) this.#guardian = new Guardian(options);
  }

  report(at: Reachable): ImpairmentReport {
    const report = this.#reportOfBoth(at);
    const until = this.#provisional.get(keyOf(at))?.until;
    return until && until > new Date()
      ? { ...report, provisionalUntil: until.toISOString() }
      : report;
  }

  /** Looks up the host names of rules, so that `apply` knows them. @throws NetweirError */
  async learnNames(impairment: Impairment): Promise<void> {
    await this.#names.learn(namesIn(impairment));
  }

  /** @throws NetweirError */
  apply(at: Reachable, impairment: Impairment, expiresAt: Date | undefined): ImpairmentReport {
    refuseUnending(this.#options.owner, at, impairment);
    this.#otherEnds.refuseInstead(at);
    this.#provisional.delete(keyOf(at));
    const { guard = 'auto', callers = [] } = impairment;
    const guarded = guard === 'off' ? [] : guardedAt(this.#options.discovery, at, callers);
    if (guarded.length === 0) return this.#bring(at, impairment, expiresAt, guarded);
    if (guard === 'provisional') return this.#applyProvisionally(at, impairment, expiresAt);
    try {
      return this.#bring(at, impairment, expiresAt, guarded);
    } catch (error) {
      if (!isImpossible(error)) throw error;
      return this.#applyProvisionally(at, impairment, expiresAt);
    }
  }

  /** What `apply` would do; nothing is changed. @throws NetweirError */
  preview(at: Reachable, impairment: Impairment): Operation[] {
    const { guard, callers = [] } = impairment;
    const guarded = guard ? [] : guardedAt(this.#options.discovery, at, callers);
    const end = this.#otherEnds.neededFor(at, impairment, () => this.abilities());
    if (!end) return this.#previewOne(at, impairment, guarded);
    const { own, other } = divideEnds(impairment);
    return [
      ...this.#previewOne(end, other, guarded.map(mirroredMatch)).map(({ operation, command }) => ({
        operation: `${operation}, the other end in ${end.space}`,
        command,
      })),
      ...(own ? this.#previewOne(at, own, guarded) : []),
    ];
  }

  #previewOne(
    at: Reachable,
    impairment: Impairment,
    guarded: readonly TrafficMatch[],
  ): Operation[] {
    const addresses = this.#names.addressesOf(namesIn(impairment));
    return this.#impairingAt(at).preview(at, { ...impairment, addresses, guarded });
  }

  /** Makes a provisional change last. @throws NetweirError */
  confirm(at: Reachable): ImpairmentReport {
    const found = this.#provisional.get(keyOf(at));
    if (!found) return this.report(at);
    this.#provisional.delete(keyOf(at));
    return this.#bring(at, found.impairment, found.expiresAt, []);
  }

  /** By a lease: it ends where this process is killed, too. */
  #applyProvisionally(
    at: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
  ): ImpairmentReport {
    const key = keyOf(at);
    const entry = this.#entries().find(({ place }) => keyOfPlace(place) === key);
    const latest = new Date(Date.now() + (this.#options.provisionalMs ?? PROVISIONAL_MS));
    const until = expiresAt && expiresAt < latest ? expiresAt : latest;
    this.#bring(at, { ...impairment, persist: false }, until, []);
    const former = entry && askedOf(entry);
    this.#provisional.set(key, { until, impairment, expiresAt, former });
    return this.report(at);
  }

  #bring(
    at: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
    guarded: readonly TrafficMatch[],
  ): ImpairmentReport {
    const end = this.#otherEnds.neededFor(at, impairment, () => this.abilities());
    if (end) return this.#bringByBoth(at, end, impairment, expiresAt, guarded);
    const report = this.#bringOne(at, impairment, expiresAt, guarded);
    this.#clearOtherEnd(at);
    return report;
  }

  /** First the other end: where it cannot do its part, nothing is changed. */
  #bringByBoth(
    at: Reachable,
    end: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
    guarded: readonly TrafficMatch[],
  ): ImpairmentReport {
    this.#otherEnds.refuseTaken(at, end);
    const { own, other } = divideEnds(impairment);
    this.#bringOne(end, other, expiresAt, guarded.map(mirroredMatch), keyOf(at));
    try {
      if (own) this.#bringOne(at, own, expiresAt, guarded);
      else this.#impairing().clear(at);
    } catch (error) {
      this.#clearOtherEnd(at);
      throw error;
    }
    this.#options.onChange(end);
    return this.#reportOfBoth(at);
  }

  #reportOfBoth(at: Reachable): ImpairmentReport {
    const report = this.#impairingAt(at).report(at);
    const end = this.#otherEnds.usedFor(at);
    return end ? withOtherEnd(report, this.#impairing().report(end)) : report;
  }

  #clearOtherEnd(at: Reachable, options?: { readonly replace?: boolean | undefined }): void {
    const end = this.#otherEnds.usedFor(at);
    if (!end) return;
    this.#impairing().clear(end, options);
    this.#end(end);
  }

  #bringOne(
    at: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
    guarded: readonly TrafficMatch[],
    insteadOf?: string,
  ): ImpairmentReport {
    const addresses = this.#names.addressesOf(namesIn(impairment));
    const wanted = { ...impairment, addresses, guarded, insteadOf };
    const report = this.#impairingAt(at).apply(at, wanted, expiresAt);
    this.#set.add(keyOf(at));
    if (!report.persist && !isLabNode(at)) this.#guardian?.watch();
    if (expiresAt) this.#lease(keyOf(at), expiresAt);
    else this.#leases.cancel(keyOf(at));
    return report;
  }

  /** What somebody else has changed there; null where nobody has. @throws NetweirError */
  changedElsewhere(at: Reachable): string | null {
    return isLabNode(at) ? null : this.#impairing().changedElsewhere(at);
  }

  /** @throws NetweirError */
  clear(at: Reachable, options?: { readonly replace?: boolean | undefined }): ImpairmentReport {
    try {
      this.#clearOtherEnd(at, options);
      const report = this.#impairingAt(at).clear(at, options);
      this.#end(at);
      return report;
    } catch (error) {
      const isOver = !this.#entries().some(({ place }) => keyOfPlace(place) === keyOf(at));
      if (isNetweirError(error) && error.code === 'changed-elsewhere' && isOver) this.#end(at);
      throw error;
    }
  }

  /** A lab itself has put something there, which no lease ends. */
  replaced(at: Reachable): void {
    this.#options.labs.replaced(keyOf(at));
    this.#forget(keyOf(at));
  }

  /** All open entries; none of the journal for who may not read it, and still sees what the kernel says. */
  readableEntries(): Entry[] {
    return [...this.#readableJournal(), ...this.#options.labs.entries()];
  }

  /** Puts back every entry that `which` accepts. */
  restore(which: (entry: Entry) => boolean = () => true): RestoreReport {
    return this.#restoreWhere(which).report;
  }

  /** Puts back what a killed process left and what has expired; takes over the other leases. */
  recover(): void {
    this.#restoreWhere(({ setting: { expiresAt, holder } }) => {
      const isExpired = expiresAt !== null && Date.parse(expiresAt) <= Date.now();
      return isExpired || (holder !== undefined && !isAlive(holder));
    });
    const places = this.#impairing()
      .entries()
      .map(({ place }) => place);
    this.dropGone(new Set(places.map(namespaceKeyOf)));
    for (const { place, setting } of this.#impairing().entries()) {
      if (setting.expiresAt !== null) this.#lease(keyOfPlace(place), new Date(setting.expiresAt));
    }
  }

  /** Lets go of a namespace, or of one interface of it: nothing of ours may keep it alive. */
  leave(namespaceKey: string, ifindex?: number): void {
    this.#impairer?.leave(namespaceKey, ifindex);
    this.#options.labs.leave(namespaceKey, ifindex);
  }

  /**
   * Drops the journal's entries of what is gone in these namespaces; returns those that are not known
   * any more but still there, because processes are in them.
   */
  dropGone(namespaceKeys: ReadonlySet<string>): Set<string> {
    const left = new Set<string>();
    const gone = new Map<number, string>();
    const opened: { close(): void }[] = [];
    const known = new Set(this.#options.discovery.spaces().map(({ namespace }) => namespace.key));
    try {
      for (const { id, place } of this.#readableJournal()) {
        const namespaceKey = namespaceKeyOf(place);
        if (!namespaceKeys.has(namespaceKey)) continue;
        const at = reachPlace(this.#options.discovery, place, opened);
        if (typeof at === 'string') gone.set(id, keyOfPlace(place));
        else if (!known.has(namespaceKey)) left.add(namespaceKey);
      }
      if (gone.size > 0) this.#drop(gone);
    } catch (error) {
      this.#options.onProblem(netweirErrorOf(error));
    } finally {
      for (const one of opened) one.close();
    }
    return left;
  }

  /** Does now what would keep the first impairment waiting. */
  prepare(): void {
    try {
      this.abilities();
    } catch (error) {
      this.#options.onProblem(netweirErrorOf(error));
    }
  }

  abilities(): Abilities {
    this.#abilities ??= this.#options.abilities ?? probeAbilities();
    return this.#abilities;
  }

  /** The leases of a command end with it, as its engine does, which restores; with `restore`, all that this process has set. */
  async close({ restore }: { restore: boolean }): Promise<void> {
    // Nobody else would end them.
    if (this.#options.owner === 'command' && this.#set.size > 0) {
      this.#complain(this.restore((entry) => this.#isHeld(entry)));
    }
    this.#leases.cancelAll();
    this.#names.close();
    if (restore && this.#set.size > 0) {
      this.#complain(this.restore((entry) => this.#isHeld(entry)));
    }
    await this.#impairer?.close();
    this.#guardian?.farewell();
  }

  /** Gives the rules with these names their new addresses; nothing else is touched. */
  #namesChanged(names: ReadonlySet<string>): void {
    const places = new Map<string, Entry>();
    for (const entry of this.#entries()) {
      const isMeant = [...namesIn(entry.setting)].some((name) => names.has(name));
      if (isMeant) places.set(keyOfPlace(entry.place), entry);
    }
    for (const entry of places.values()) this.#reapply(entry, askedOf(entry));
  }

  #reapply(entry: Entry, { impairment, expiresAt }: ReturnType<typeof askedOf>): void {
    const opened: { close(): void }[] = [];
    try {
      const at = reachPlace(this.#options.discovery, entry.place, opened);
      if (typeof at === 'string') return;
      const engine = entry.kind === 'hook' ? 'userspace' : 'auto';
      const { guarded = [], insteadOf } = entry.setting;
      this.#bringOne(at, { ...impairment, engine }, expiresAt, guarded, insteadOf);
    } catch (error) {
      this.#options.onProblem(netweirErrorOf(error));
    } finally {
      for (const one of opened) one.close();
    }
  }

  #readableJournal(): Entry[] {
    try {
      return this.#impairing().entries();
    } catch (error) {
      const code = isNetweirError(error) ? error.code : undefined;
      if (code === 'journal-failed' || code === 'not-permitted') return [];
      throw error;
    }
  }

  #end(at: Reachable): void {
    this.#forget(keyOf(at));
    this.#options.onChange(at);
  }

  /** No lease has to end it any more. */
  #forget(key: string): void {
    this.#provisional.delete(key);
    this.#leases.cancel(key);
    this.#set.delete(key);
  }

  /** By the entries' ids: something else may be in the same place by now. */
  #drop(gone: ReadonlyMap<number, string>): void {
    const keys = new Set(gone.values());
    this.#impairing().restore(
      () => 'it is gone',
      ({ id }) => gone.has(id),
    );
    for (const { place } of this.#impairing().entries()) keys.delete(keyOfPlace(place));
    for (const key of keys) this.#forget(key);
  }

  /**
   * Ends what was set at `expiresAt`, whatever the clock says by then. Another process may have cleared
   * it meanwhile, or given it another end.
   */
  #lease(key: string, expiresAt: Date): void {
    this.#leases.set(key, expiresAt, () => {
      try {
        const isIt = ({ place }: Entry): boolean => keyOfPlace(place) === key;
        const now = this.#entries().find(isIt)?.setting.expiresAt ?? null;
        if (now === null) return;
        if (now === expiresAt.toISOString()) this.#endLease(key, isIt);
        else this.#lease(key, new Date(now));
      } catch (error) {
        this.#options.onProblem(netweirErrorOf(error));
      }
    });
  }

  #endLease(key: string, isIt: (entry: Entry) => boolean): void {
    const former = this.#provisional.get(key)?.former;
    this.#provisional.delete(key);
    const entry = former && this.#entries().find(isIt);
    if (former && entry) {
      this.#reapply(entry, former);
      return;
    }
    const { report, ended } = this.#restoreWhere(isIt);
    this.#complain(report);
    for (const at of ended) this.#options.onLeaseEnd(at);
  }

  /** Whether nobody else would end it. */
  #isHeld(entry: Entry): boolean {
    return this.#all().some((one) => one.holds(entry));
  }

  #complain({ failed }: RestoreReport): void {
    for (const { space, interface: name, error } of failed) {
      this.#options.onProblem(
        new NetweirError('kernel-refused', `${space}/${name} was not restored: ${error}`),
      );
    }
  }

  #restoreWhere(which: (entry: Entry) => boolean): {
    readonly report: RestoreReport;
    readonly ended: readonly Reachable[];
  } {
    const { labs } = this.#options;
    const reached = new Map<string, Reachable>();
    const opened: { close(): void }[] = [];
    const reach = (place: Place): Reachable | string => {
      const at = reachPlace(this.#options.discovery, place, opened);
      if (typeof at !== 'string') reached.set(keyOf(at), at);
      return at;
    };
    try {
      const reports = this.#all().map((one) => one.restore(reach, which));
      const report = mergeReports(reports);
      for (const { place } of this.#impairing().entries()) reached.delete(keyOfPlace(place));
      for (const key of reached.keys()) if (labs.isSet(key)) reached.delete(key);
      const ended = [...reached.values()];
      for (const at of ended) this.#end(at);
      return { report, ended };
    } finally {
      for (const one of opened) one.close();
    }
  }

  #entries(): Entry[] {
    return this.#all().flatMap((one) => one.entries());
  }

  #all(): readonly Impairing[] {
    return [this.#impairing(), this.#options.labs];
  }

  #impairingAt(at: Reachable): Impairing {
    return isLabNode(at) ? this.#options.labs : this.#impairing();
  }

  #impairing(): Impairer {
    this.#impairer ??= new Impairer({
      journal: new Journal(this.#options.stateDirectory),
      abilities: () => this.abilities(),
      owner: this.#options.owner,
      onEngineFailure: (error) => this.#options.onProblem(error),
    });
    return this.#impairer;
  }
}
