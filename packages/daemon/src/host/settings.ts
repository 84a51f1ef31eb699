import {
  type Impairment,
  type ImpairmentReport,
  isNetweirError,
  NetweirError,
  type Operation,
  type RestoreReport,
  type TrafficMatch,
} from '@netweir/api';
import {
  type Abilities,
  type Entry,
  Guardian,
  isAlive,
  netweirErrorOf,
  type Reachable,
} from '@netweir/impair';
import { isLabNode } from '../labs/impairments.ts';
import { type AskedOf, askedOf } from './asked.ts';
import { guardedAt, isImpossible } from './guard.ts';
import { HostNames, namesIn } from './host-names.ts';
import { Impairers, type ImpairersOptions } from './impairers.ts';
import { Leases } from './leases.ts';
import { PROVISIONAL_MS, type Provisional } from './provisional.ts';
import { keyOf, keyOfEntry, reachPeer, reachPlace } from './reach.ts';
import { refuseUnending } from './unending.ts';

export interface SettingsOptions extends ImpairersOptions {
  /** Whether a process of its own restores where this one is killed. */
  readonly guardian: boolean;
  /** How long a provisional change stays; 30 s if absent. */
  readonly provisionalMs?: number | undefined;
  /** Told of an interface whose setting has changed, or is no more, though nobody asked that of it. */
  readonly onChange: (at: Reachable) => void;
  /** Told after that, where it was the lease that ended it. */
  readonly onLeaseEnd: (at: Reachable) => void;
}

/** What is set on the interfaces of this host, and how it ends: by being cleared, restored, or its lease. */
export class Settings {
  readonly #options: SettingsOptions;
  readonly #impairers: Impairers;
  readonly #leases = new Leases();
  /** What this process has set. */
  readonly #set = new Set<string>();
  readonly #provisional = new Map<string, Provisional>();
  readonly #names = new HostNames({ onChange: (names) => this.#namesChanged(names) });
  readonly #guardian: Guardian | undefined;

  constructor(options: SettingsOptions) {
    this.#options = options;
    this.#impairers = new Impairers(options);
    if (options.guardian) this.#guardian = new Guardian(options);
  }

  report(at: Reachable): ImpairmentReport {
    const report = this.#impairers.of(at).report(at);
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
    const { guard = 'auto', callers = [] } = impairment;
    const guarded = guard === 'off' ? [] : guardedAt(this.#options.discovery, at, callers);
    if (guarded.length > 0 && guard === 'provisional') {
      return this.#applyProvisionally(at, impairment, expiresAt);
    }
    try {
      return this.#applyForGood(at, impairment, expiresAt, guarded);
    } catch (error) {
      if (guarded.length === 0 || !isImpossible(error)) throw error;
      return this.#applyProvisionally(at, impairment, expiresAt);
    }
  }

  /** What `apply` would do; nothing is changed. @throws NetweirError */
  preview(at: Reachable, impairment: Impairment): Operation[] {
    const { guard = 'auto', callers = [] } = impairment;
    const guarded = guard !== 'auto' ? [] : guardedAt(this.#options.discovery, at, callers);
    const addresses = this.#names.addressesOf(namesIn(impairment));
    return this.#impairers.of(at).preview(at, { ...impairment, addresses, guarded });
  }

  /** Makes a provisional change last. @throws NetweirError */
  confirm(at: Reachable): ImpairmentReport {
    const found = this.#provisional.get(keyOf(at));
    if (!found) return this.report(at);
    return this.#applyForGood(at, found.impairment, found.expiresAt, []);
  }

  #applyForGood(
    at: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
    guarded: readonly TrafficMatch[],
  ): ImpairmentReport {
    const report = this.#bring(at, impairment, expiresAt, guarded);
    this.#provisional.delete(keyOf(at));
    return report;
  }

  /** By a lease: it ends where this process is killed, too. */
  #applyProvisionally(
    at: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
  ): ImpairmentReport {
    const key = keyOf(at);
    const unconfirmed = this.#provisional.get(key);
    const { former } = unconfirmed ?? { former: askedOf(this.#impairers.entries()).get(key) };
    const latest = new Date(Date.now() + (this.#options.provisionalMs ?? PROVISIONAL_MS));
    const until = expiresAt && expiresAt < latest ? expiresAt : latest;
    this.#bring(at, { ...impairment, persist: false }, until, []);
    this.#provisional.set(key, { until, impairment, expiresAt, former });
    return this.report(at);
  }

  #bring(
    at: Reachable,
    impairment: Impairment,
    expiresAt: Date | undefined,
    guarded: readonly TrafficMatch[],
  ): ImpairmentReport {
    const partner = this.#impairers.partnerOf(at);
    const addresses = this.#names.addressesOf(namesIn(impairment));
    const wanted = { ...impairment, addresses, guarded };
    const report = this.#impairers.of(at).apply(at, wanted, expiresAt);
    this.#set.add(keyOf(at));
    if (!report.persist && !isLabNode(at)) this.#guardian?.watch();
    if (expiresAt) this.#lease(keyOf(at), expiresAt);
    else this.#leases.cancel(keyOf(at));
    const end = partner ?? (report.ingressAt && reachPeer(this.#options.discovery, at));
    if (end) this.#options.onChange(end);
    return report;
  }

  /** What somebody else has changed there; null where nobody has. @throws NetweirError */
  changedElsewhere(at: Reachable): string | null {
    return this.#impairers.changedElsewhere(at);
  }

  /** @throws NetweirError */
  clear(at: Reachable, options?: { readonly replace?: boolean | undefined }): ImpairmentReport {
    const partner = this.#impairers.partnerOf(at);
    try {
      const report = this.#impairers.of(at).clear(at, options);
      this.#end(at);
      if (partner) this.#endUnlessSet(partner);
      return report;
    } catch (error) {
      const isOver = !this.#impairers.isSet(at);
      if (isNetweirError(error) && error.code === 'changed-elsewhere' && isOver) this.#end(at);
      throw error;
    }
  }

  #endUnlessSet(at: Reachable): void {
    if (this.#impairers.isSet(at)) this.#options.onChange(at);
    else this.#end(at);
  }

  /** A lab itself has put something there, which no lease ends. */
  replaced(at: Reachable): void {
    this.#options.labs.replaced(keyOf(at));
    this.#forget(keyOf(at));
  }

  /** All open entries; none of the journal for who may not read it, and still sees what the kernel says. */
  readableEntries(): Entry[] {
    return this.#impairers.readableEntries();
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
    this.dropGone();
    for (const entry of this.#impairers.entries()) {
      const { expiresAt } = entry.setting;
      if (expiresAt !== null) this.#lease(keyOfEntry(entry), new Date(expiresAt));
    }
  }

  /** Lets go of a namespace, or of one interface of it: nothing of ours may keep it alive. */
  leave(namespaceKey: string, ifindex?: number): void {
    this.#impairers.leave(namespaceKey, ifindex);
  }

  /**
   * Drops the journal's entries of what is gone in these namespaces, in all if absent; returns those that are not
   * known any more but still there, because processes are in them.
   */
  dropGone(namespaceKeys?: ReadonlySet<string>): ReadonlySet<string> {
    try {
      const { gone, left } = this.#impairers.dropGone(namespaceKeys);
      for (const key of gone) this.#forget(key);
      return left;
    } catch (error) {
      this.#options.onProblem(netweirErrorOf(error));
      return new Set();
    }
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
    return this.#impairers.abilities();
  }

  /** The leases of a command end with it, as its engine does, which restores; with `restore`, all that this process has set. */
  async close({ restore }: { restore: boolean }): Promise<void> {
    // Nobody else would end them.
    if (this.#options.owner === 'command') this.#restoreHeld();
    this.#leases.cancelAll();
    this.#names.close();
    if (restore) this.#restoreHeld();
    await this.#impairers.close();
    this.#guardian?.farewell();
  }

  #restoreHeld(): void {
    if (this.#set.size === 0) return;
    this.#complain(this.restore((entry) => this.#impairers.isHeld(entry)));
  }

  /** Gives the rules with these names their new addresses; nothing else is touched. */
  #namesChanged(names: ReadonlySet<string>): void {
    for (const asked of askedOf(this.#impairers.entries()).values()) {
      if ([...namesIn(asked.impairment)].some((name) => names.has(name))) this.#reapply(asked);
    }
  }

  /** Whether it is in force again. */
  #reapply({ place, impairment, expiresAt, guarded }: AskedOf): boolean {
    const opened: { close(): void }[] = [];
    try {
      const at = reachPlace(this.#options.discovery, place, opened);
      if (typeof at === 'string') return false;
      this.#bring(at, impairment, expiresAt, guarded);
      return true;
    } catch (error) {
      this.#options.onProblem(netweirErrorOf(error));
      return false;
    } finally {
      for (const one of opened) one.close();
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

  /**
   * Ends what was set at `expiresAt`, whatever the clock says by then. Another process may have cleared
   * it meanwhile, or given it another end.
   */
  #lease(key: string, expiresAt: Date): void {
    this.#leases.set(key, expiresAt, () => {
      try {
        const isIt = (entry: Entry): boolean => keyOfEntry(entry) === key;
        const now = this.#impairers.entries().find(isIt)?.setting.expiresAt ?? null;
        if (now === null) return;
        if (now === expiresAt.toISOString()) this.#endLease(key, isIt);
        else this.#lease(key, new Date(now));
      } catch (error) {
        this.#options.onProblem(netweirErrorOf(error));
      }
    });
  }

  /** Where what was there before a provisional change cannot be had again, the original comes back. */
  #endLease(key: string, isIt: (entry: Entry) => boolean): void {
    const former = this.#provisional.get(key)?.former;
    this.#provisional.delete(key);
    if (former && this.#reapply(former)) return;
    const { report, ended } = this.#restoreWhere(isIt);
    this.#complain(report);
    for (const at of ended) this.#options.onLeaseEnd(at);
  }

  #complain({ failed }: RestoreReport): void {
    for (const { space, interface: name, error } of failed) {
      this.#options.onProblem(
        new NetweirError('kernel-refused', `${space}/${name} was not restored: ${error}`),
      );
    }
  }

  #restoreWhere(which: (entry: Entry) => boolean): ReturnType<Impairers['restore']> {
    const restored = this.#impairers.restore(which);
    for (const at of restored.ended) this.#end(at);
    return restored;
  }
}
