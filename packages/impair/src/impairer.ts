import { isDeepStrictEqual } from 'node:util';
import {
  type Direction,
  type EngineChoice,
  type ImpairmentReport,
  isNetweirError,
  isUntouched,
  NetweirError,
  type Operation,
  type RestoreReport,
  type TrafficMatch,
  type TrafficRule,
  type TrafficRuleReport,
} from '@netweir/api';
import { KernelError } from '@netweir/kernel';
import { type Division, divide } from './divide.ts';
import { Elsewhere } from './elsewhere/elsewhere.ts';
import type { Redirection } from './engine/hook.ts';
import { HookImpairer, type HookReport, type HookWayReport } from './hook-impairer.ts';
import { IfbImpairer, type IfbReport } from './ifb-impairer.ts';
import type {
  Entry,
  HookEntry,
  IfbEntry,
  Place,
  RootEntry,
  Setting,
  Way,
} from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { newHolder, tenureOf } from './journal/tenure.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import type { Abilities } from './plan.ts';
import { preview } from './preview.ts';
import { BOOT_ID, findEntry, isSameNamespace, type Reachable } from './reachable.ts';
import { RootImpairer, type RootReport } from './root-impairer.ts';
import type { RuleReport, WayReport } from './tree/tree.ts';
import { type Addresses, type Asked, keyOfMatch, wayOf } from './way.ts';

export interface ImpairerOptions {
  readonly journal: EntryStore;
  /** Asked when the first impairment is put on: who only looks needs no privilege to try. */
  readonly abilities: () => Abilities;
  readonly owner: Setting['owner'];
  /** Told when the userspace engine dies, or loses one interface. */
  readonly onEngineFailure: (error: NetweirError) => void;
  /**
   * How the userspace engine gets at packets: `bpf` if absent. `mirred` is for namespaces that this process
   * made itself: it impairs only what interfaces send, and they send nothing while a dead engine is taken
   * off them.
   */
  readonly redirection?: Redirection;
  /** Whether all interfaces are of networks that netweir made itself: what others do there is not watched. */
  readonly ownsNamespaces?: boolean;
}

/** What is asked for one interface; `engine` is `auto` if absent. */
export interface Wanted {
  readonly egress?: Direction | undefined;
  readonly ingress?: Direction | undefined;
  readonly rules?: readonly TrafficRule[] | undefined;
  readonly engine?: EngineChoice | undefined;
  /** Of the host names in rules. */
  readonly addresses?: Addresses | undefined;
  /** What passes untouched before all rules. */
  readonly guarded?: readonly TrafficMatch[] | undefined;
  /** The other end of its veth, in whose place it is impaired: `DEVICE:INODE:IFINDEX`. */
  readonly insteadOf?: string | undefined;
  /** Whether it outlives this process, which only what the kernel does can. */
  readonly persist?: boolean | undefined;
  /** Go on where what is there cannot be put back as it is. */
  readonly replace?: boolean | undefined;
}

/** What is in force on an interface, by what does it. */
interface InForce {
  readonly root: RootReport;
  readonly ifb: IfbReport;
  readonly hooks: HookReport;
}

const NO_IFB: IfbReport = { way: undefined, entry: undefined };

/** The journal's entries of an interface. */
interface EntriesOf {
  readonly root: RootEntry | undefined;
  readonly ifb: IfbEntry | undefined;
  readonly hook: HookEntry | undefined;
}

/**
 * Puts impairments on interfaces and takes them off, each direction by the kernel's qdiscs or by the
 * userspace engine. Every method throws NetweirError.
 */
export class Impairer {
  readonly #options: ImpairerOptions;
  readonly #holder = newHolder();
  readonly #root: RootImpairer;
  readonly #ifb: IfbImpairer;
  readonly #hooks: HookImpairer;
  readonly #elsewhere: Elsewhere;

  constructor(options: ImpairerOptions) {
    this.#options = options;
    this.#root = new RootImpairer(options);
    this.#ifb = new IfbImpairer(options);
    this.#hooks = new HookImpairer(options);
    this.#elsewhere = new Elsewhere(options.journal);
  }

  /** What the interface does to its packets now, read from the kernel. */
  report(at: Reachable): ImpairmentReport {
    return this.#options.journal.transaction(() => ({
      ...merge(at, this.#inForce(at)),
      changedElsewhere: this.changedElsewhere(at),
    }));
  }

  /**
   * Makes the interface do what is asked and nothing else. What was there before netweir is recorded
   * and on disk before the first change. Where one direction cannot be had, neither is changed.
   */
  apply(at: Reachable, wanted: Wanted, expiresAt: Date | undefined): ImpairmentReport {
    const asked = askedBy(wanted);
    if (!wayOf(asked, 'egress') && !wayOf(asked, 'ingress')) {
      throw new NetweirError('invalid-combination', 'the impairment asks for nothing', {
        remedy:
          'Set at least one of delay, loss, duplicate, corrupt, reorder, rate or slot, or clear the interface.',
      });
    }
    const by = divide(asked, wanted, this.#options);
    // One for all of it: no other process may come between the look and the change.
    return this.#options.journal.transaction(() => this.#apply(at, asked, by, wanted, expiresAt));
  }

  #apply(
    at: Reachable,
    asked: Asked,
    by: Division,
    wanted: Wanted,
    expiresAt: Date | undefined,
  ): ImpairmentReport {
    if (!wanted.replace) this.#refuseChanged(at);
    const held = { owner: this.#options.owner, holder: this.#holder };
    const term = { expiresAt, persist: wanted.persist };
    const setting = { ...asked, ...tenureOf(held, term, by.engine.length > 0) };
    const before = this.#entriesOf(at);
    // What fails at the root leaves it as it was, and nothing else was touched by then.
    const root = by.root ? this.#root.apply(at, setting, wanted.replace) : this.#clearRoot(at);
    try {
      if (by.ifb) this.#ifb.apply(at, setting);
      else this.#ifb.clear(at);
      if (by.engine.length > 0) this.#hooks.apply(at, setting, by.engine);
      else this.#hooks.clear(at);
    } catch (error) {
      try {
        this.#bringBack(at, before);
      } catch (second) {
        throw alsoFailed(error, second);
      }
      throw error;
    }
    this.#remember(at);
    const ifb = by.ifb ? this.#ifb.report(at) : NO_IFB;
    return merge(at, { root, ifb, hooks: this.#hooks.report(at) });
  }

  /** What somebody else has changed at what was set, in words; null where nobody has. */
  changedElsewhere(at: Reachable): string | null {
    if (this.#options.ownsNamespaces) return null;
    return this.#elsewhere.changeOf(at)?.text ?? null;
  }

  /** What `apply` would do, in the words of tc; nothing is changed. */
  preview(at: Reachable, wanted: Wanted): Operation[] {
    try {
      const asked = askedBy(wanted);
      const by = divide(asked, wanted, this.#options);
      const { root, ifb } = this.#entriesOf(at);
      const abilities = this.#options.abilities();
      return preview({ at, asked, by, root, ifb, abilities, mayLose: wanted.replace ?? false });
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }

  /**
   * Puts the original back; an interface that netweir did not touch stays as it is. Where somebody else has
   * changed what was set, that takes `replace`.
   */
  clear(
    at: Reachable,
    { replace = false }: { readonly replace?: boolean | undefined } = {},
  ): ImpairmentReport {
    return this.#options.journal.transaction(() => {
      if (!replace) this.#refuseChanged(at);
      this.#hooks.clear(at);
      this.#ifb.clear(at);
      this.#root.clear(at, replace);
      return this.report(at);
    });
  }

  /** The open entries of this boot. */
  entries(): Entry[] {
    return this.#options.journal.entries().filter(({ place }) => place.bootId === BOOT_ID);
  }

  /**
   * Puts back every entry that `which` accepts. `reach` finds an entry's interface, or says why it
   * cannot be there any more. Entries of an earlier boot are dropped: the kernel forgot them too.
   */
  restore(
    reach: (place: Place) => Reachable | string,
    which: (entry: Entry) => boolean = () => true,
  ): RestoreReport {
    const report: RestoreReport = { restored: [], skipped: [], failed: [] };
    this.#options.journal.transaction((journal) => {
      const isDue = (entry: Entry): boolean => entry.place.bootId !== BOOT_ID || which(entry);
      const due = [...journal.entries.values()].filter(isDue);
      this.#takeIfbs(due, reach);
      for (const entry of due) this.#restoreOne(journal, entry, reach, report);
    });
    return report;
  }

  /** Lets go of a namespace that is gone, or of one interface of it that is. */
  leave(namespaceKey: string, ifindex?: number): void {
    this.#hooks.leave(namespaceKey, ifindex);
  }

  /** Waits until the namespaces that `leave` let go of are gone. */
  async left(): Promise<void> {
    await this.#hooks.left();
  }

  /** Whether an entry tells of what this impairer made, and nobody else will end. */
  holds({ setting }: Entry): boolean {
    return setting.holder === this.#holder;
  }

  /** Ends the engine; what it still does on interfaces ends with it. */
  async close(): Promise<void> {
    await this.#hooks.close();
  }

  #inForce(at: Reachable): InForce {
    return {
      root: this.#root.report(at),
      ifb: this.#ifb.report(at),
      hooks: this.#hooks.report(at),
    };
  }

  /** What somebody else put in place of ours may stay: the engine works beside any root. */
  #clearRoot(at: Reachable): RootReport {
    try {
      this.#root.clear(at);
    } catch (error) {
      if (!isNetweirError(error) || error.code !== 'changed-elsewhere') throw error;
    }
    return { way: undefined, entry: undefined };
  }

  #refuseChanged(at: Reachable): void {
    if (!this.#options.ownsNamespaces) this.#elsewhere.refuse(at);
  }

  #remember(at: Reachable): void {
    if (!this.#options.ownsNamespaces) this.#elsewhere.remember(at);
  }

  #entriesOf(at: Reachable): EntriesOf {
    return this.#options.journal.transaction((journal) => ({
      root: findEntry(journal, at, 'root'),
      ifb: findEntry(journal, at, 'ifb'),
      hook: findEntry(journal, at, 'hook'),
    }));
  }

  /** As it was before a change of which some part failed. */
  #bringBack(at: Reachable, before: EntriesOf): void {
    const now = this.#entriesOf(at);
    // An entry of its own is of what was put there by the change, in the place of what somebody else had there.
    const isNew = now.root !== undefined && now.root.id !== before.root?.id;
    if (before.root && !isNew) this.#root.apply(at, before.root.setting);
    else this.#clearRoot(at);
    if (before.ifb) this.#ifb.apply(at, before.ifb.setting);
    else this.#ifb.clear(at);
    if (isDeepStrictEqual(now.hook, before.hook)) return;
    if (before.hook) this.#hooks.apply(at, before.hook.setting, before.hook.ways);
    else this.#hooks.clear(at);
  }

  #takeIfbs(due: readonly Entry[], reach: (place: Place) => Reachable | string): void {
    const reached = due
      .filter(({ kind, place }) => kind === 'ifb' && place.bootId === BOOT_ID)
      .map(({ place }) => reachSame(place, reach))
      .filter((at) => typeof at !== 'string');
    try {
      this.#ifb.takeTogether(reached);
    } catch (error) {
      // Each is tried once more by itself, and what the kernel says then is told.
      if (!(error instanceof KernelError)) throw error;
    }
  }

  #restoreOne(
    journal: Transaction,
    entry: Entry,
    reach: (place: Place) => Reachable | string,
    report: RestoreReport,
  ): void {
    const { space, interface: name, bootId } = entry.place;
    const at = bootId === BOOT_ID ? reachSame(entry.place, reach) : 'the machine was started anew';
    const named = { space, interface: name };
    if (typeof at === 'string') {
      journal.write({ type: 'restored', id: entry.id, outcome: at });
      report.skipped.push({ ...named, reason: at });
      return;
    }
    try {
      const outcome = this.#restoreEntry(journal, entry, at);
      if (outcome) report.skipped.push({ ...named, reason: outcome });
      else report.restored.push({ ...named, ...originalOf(entry) });
    } catch (error) {
      report.failed.push({ ...named, error: netweirErrorOf(error).message });
    }
  }

  #restoreEntry(journal: Transaction, entry: Entry, at: Reachable): string | undefined {
    switch (entry.kind) {
      case 'root':
        return this.#root.restoreEntry(journal, entry, at);
      case 'ifb':
        return this.#ifb.restoreEntry(journal, entry, at);
      case 'hook':
        return this.#hooks.restoreEntry(journal, entry, at);
    }
  }
}

/** What `reach` finds, unless it is in a namespace that has got the inode of the one that is meant. */
function reachSame(place: Place, reach: (place: Place) => Reachable | string): Reachable | string {
  const at = reach(place);
  if (typeof at === 'string' || isSameNamespace(place, at)) return at;
  return 'the namespace is gone';
}

function originalOf(entry: Entry): { original: string; lost?: string[] } {
  switch (entry.kind) {
    case 'root': {
      const { description, lost } = entry.original;
      return { original: description, ...(lost && { lost }) };
    }
    case 'ifb':
      return { original: 'as before the ifb' };
    case 'hook':
      return { original: 'as before the userspace engine' };
  }
}

function askedBy({ egress, ingress, rules, addresses, guarded, insteadOf }: Wanted): Asked {
  return {
    egress: unlessUntouched(egress),
    ingress: unlessUntouched(ingress),
    rules: [...(rules ?? [])],
    addresses: Object.fromEntries(
      Object.entries(addresses ?? {}).map(([host, found]) => [host, [...found]]),
    ),
    ...(guarded && guarded.length > 0 && { guarded: [...guarded] }),
    ...(insteadOf !== undefined && { insteadOf }),
  };
}

function unlessUntouched(direction: Direction | undefined): Direction | null {
  return direction && !isUntouched(direction) ? direction : null;
}

function merge(at: Reachable, { root, ifb, hooks }: InForce): ImpairmentReport {
  const egress = root.way ?? hooks.egress;
  const ingress = ifb.way ?? hooks.ingress;
  const { setting } =
    (root.way && root.entry) ||
    (ifb.way && ifb.entry) ||
    (egress || ingress ? hooks.entry : undefined) ||
    {};
  return {
    space: at.space,
    interface: at.interface,
    ifindex: at.ifindex,
    egress: egress?.base ?? null,
    ingress: ingress?.base ?? null,
    rules: setting ? rulesOf(setting, { egress, ingress }) : [],
    guarded: setting?.guarded ?? [],
    provisionalUntil: null,
    egressMechanism: egress?.mechanism ?? null,
    ingressMechanism: ingress?.mechanism ?? null,
    original: (root.way && root.entry?.original.description) ?? null,
    expiresAt: setting?.expiresAt ?? null,
    owner: setting?.owner ?? null,
    persist: setting !== undefined && setting.holder === undefined,
    changedElsewhere: null,
    egressCounters: egress?.counters ?? null,
    ingressCounters: ingress?.counters ?? null,
  };
}

type Ways = Readonly<Record<Way, WayReport | HookWayReport | undefined>>;

/** The rules of a setting with what is in force of them. */
function rulesOf(setting: Setting, ways: Ways): TrafficRuleReport[] {
  const found = {
    egress: byMatch(setting, ways, 'egress'),
    ingress: byMatch(setting, ways, 'ingress'),
  };
  return setting.rules.map(({ match, exclude }): TrafficRuleReport => {
    const key = keyOfMatch(match);
    const [sent, received] = [found.egress.get(key), found.ingress.get(key)];
    const addresses = (match.remote ?? []).flatMap((end) => setting.addresses[end] ?? []);
    return {
      match,
      ...(addresses.length > 0 && { addresses }),
      egress: sent?.direction ?? null,
      ingress: received?.direction ?? null,
      exclude: exclude ?? false,
      egressCounters: sent?.counters ?? null,
      ingressCounters: received?.counters ?? null,
    };
  });
}

function byMatch(setting: Setting, ways: Ways, way: Way): ReadonlyMap<string, RuleReport> {
  const reports = ways[way]?.rules ?? [];
  const rules = wayOf(setting, way)?.rules ?? [];
  return new Map(
    rules.flatMap(({ match }, index) => {
      const report = reports[index];
      return report ? [[keyOfMatch(match), report] as const] : [];
    }),
  );
}
