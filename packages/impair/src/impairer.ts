import { isDeepStrictEqual } from 'node:util';
import {
  type Direction,
  type EngineChoice,
  exactDirection,
  type ImpairmentReport,
  isNetweirError,
  isUntouched,
  NetweirError,
  type RestoreReport,
  type TrafficRule,
} from '@netweir/api';
import { isInitialUserNamespace } from '@netweir/kernel';
import type { Redirection } from './engine/hook.ts';
import { HookImpairer, type HookReport, type WantedWays } from './hook-impairer.ts';
import type { Entry, Place, Setting } from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { newHolder, type Tenure, type Term } from './journal/tenure.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import { type Abilities, canByKernel, NETEM_REMEDY } from './plan.ts';
import { BOOT_ID, isSameNamespace, type Reachable } from './reachable.ts';
import { RootImpairer, type RootReport } from './root-impairer.ts';

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
}

/** What is asked for one interface; `engine` is `auto` if absent. */
export interface Wanted {
  readonly egress?: Direction | undefined;
  readonly ingress?: Direction | undefined;
  readonly rules?: readonly TrafficRule[] | undefined;
  readonly engine?: EngineChoice | undefined;
  /** Whether it outlives this process, which only what the kernel does can. */
  readonly persist?: boolean | undefined;
  /** Go on where what is there cannot be put back as it is. */
  readonly replace?: boolean | undefined;
}

/**
 * Puts impairments on interfaces and takes them off, each direction by the kernel's qdiscs or by the
 * userspace engine. Every method throws NetweirError.
 */
export class Impairer {
  readonly #options: ImpairerOptions;
  readonly #holder = newHolder();
  readonly #root: RootImpairer;
  readonly #hooks: HookImpairer;

  constructor(options: ImpairerOptions) {
    this.#options = options;
    this.#root = new RootImpairer({ ...options, holder: this.#holder });
    this.#hooks = new HookImpairer({ ...options, holder: this.#holder });
  }

  /** What the interface does to its packets now, read from the kernel. */
  report(at: Reachable): ImpairmentReport {
    return merge(at, this.#root.report(at), this.#hooks.report(at));
  }

  /**
   * Makes the interface do what is asked and nothing else. What was there before netweir is recorded
   * and on disk before the first change. Where one direction cannot be had, neither is changed.
   */
  apply(at: Reachable, wanted: Wanted, expiresAt: Date | undefined): ImpairmentReport {
    if (wanted.rules && wanted.rules.length > 0) throw lacksRules();
    const asked = {
      ...wanted,
      egress: unlessUntouched(wanted.egress),
      ingress: unlessUntouched(wanted.ingress),
    };
    if (!asked.egress && !asked.ingress) {
      throw new NetweirError('invalid-combination', 'the impairment asks for nothing', {
        remedy:
          'Set at least one of delay, loss, duplicate, corrupt, reorder, rate or slot, or clear the interface.',
      });
    }
    const { byKernel, byEngine } = divide(asked, this.#options);
    const term = { expiresAt, persist: wanted.persist, replace: wanted.replace };
    const before = { root: this.#root.report(at), hooks: this.#hooks.report(at) };
    // What fails at the root leaves it as it was, and the hooks were not touched by then.
    const root = byKernel ? this.#root.apply(at, byKernel, term) : this.#clearRoot(at);
    try {
      return merge(at, root, this.#bringHooks(at, byEngine, term));
    } catch (error) {
      try {
        this.#bringBack(at, before);
      } catch (second) {
        throw alsoFailed(error, second);
      }
      throw error;
    }
  }

  /** Puts the original back; an interface that netweir did not touch stays as it is. */
  clear(at: Reachable): ImpairmentReport {
    const hooks = this.#hooks.clear(at);
    return merge(at, this.#root.clear(at), hooks);
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
      for (const entry of [...journal.entries.values()].filter(isDue)) {
        this.#restoreOne(journal, entry, reach, report);
      }
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

  /** What somebody else put in place of ours may stay: the engine works beside any root. */
  #clearRoot(at: Reachable): RootReport {
    try {
      return this.#root.clear(at);
    } catch (error) {
      if (isNetweirError(error) && error.code === 'changed-elsewhere') return this.#root.report(at);
      throw error;
    }
  }

  #bringHooks(at: Reachable, wanted: WantedWays, term: Term): HookReport {
    return wanted.egress || wanted.ingress
      ? this.#hooks.apply(at, wanted, term)
      : this.#hooks.clear(at);
  }

  #bringBack(at: Reachable, before: { root: RootReport; hooks: HookReport }): void {
    const { root, hooks } = before;
    if (root.egress) this.#root.apply(at, root.egress, termOf(root.tenure));
    else this.#clearRoot(at);
    const { egress, ingress } = this.#hooks.report(at);
    if (isDeepStrictEqual({ egress, ingress }, { egress: hooks.egress, ingress: hooks.ingress })) {
      return;
    }
    if (hooks.egress || hooks.ingress) this.#hooks.apply(at, hooks, termOf(hooks.tenure));
    else this.#hooks.clear(at);
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
      const outcome =
        entry.kind === 'root'
          ? this.#root.restoreEntry(journal, entry, at)
          : this.#hooks.restoreEntry(journal, entry, at);
      if (outcome) report.skipped.push({ ...named, reason: outcome });
      else report.restored.push({ ...named, ...describeOriginal(entry) });
    } catch (error) {
      report.failed.push({ ...named, error: netweirErrorOf(error).message });
    }
  }
}

/** What `reach` finds, unless it is in a namespace that has got the inode of the one that is meant. */
function reachSame(place: Place, reach: (place: Place) => Reachable | string): Reachable | string {
  const at = reach(place);
  if (typeof at === 'string' || isSameNamespace(place, at)) return at;
  return 'the namespace is gone';
}

function describeOriginal(entry: Entry): { original: string; lost?: string[] } {
  if (entry.kind === 'hook') return { original: 'as before the userspace engine' };
  const { description, lost } = entry.original;
  return { original: description, ...(lost && { lost }) };
}

function lacksRules(): NetweirError {
  return new NetweirError(
    'kernel-lacks-feature',
    'rules for part of the traffic cannot be put in force yet',
    { remedy: 'Leave the rules out.' },
  );
}

function unlessUntouched(direction: Direction | undefined): Direction | undefined {
  return direction && !isUntouched(direction) ? direction : undefined;
}

/** Which direction is whose: the kernel's where it can do it, and only where it must. */
function divide(
  { egress, ingress, engine = 'auto', persist }: Wanted,
  { abilities: probe, redirection }: ImpairerOptions,
): { byKernel: Direction | null; byEngine: WantedWays } {
  const abilities = probe();
  if (ingress && engine === 'kernel') {
    throw new NetweirError(
      'kernel-lacks-feature',
      "the kernel's qdiscs work on what is sent only",
      {
        remedy: 'Leave the engine to netweir (auto), or ask for the userspace engine.',
      },
    );
  }
  const isByKernel =
    engine === 'kernel' ||
    (engine === 'auto' && egress !== undefined && canByKernel(exactDirection(egress), abilities));
  const byEngine = { egress: isByKernel ? null : (egress ?? null), ingress: ingress ?? null };
  if ((byEngine.egress || byEngine.ingress) && !abilities.userspace) {
    throw lacksEngine(abilities, redirection);
  }
  if (persist && (byEngine.egress || byEngine.ingress)) throw endsWithProcess(engine);
  return { byKernel: isByKernel ? (egress ?? null) : null, byEngine };
}

function endsWithProcess(engine: EngineChoice): NetweirError {
  const message =
    'what persists must be done by the kernel: the userspace engine, which would have to do this, ends with its process';
  return engine === 'userspace'
    ? new NetweirError('invalid-combination', message, {
        remedy: 'Leave out either the userspace engine or persist.',
      })
    : new NetweirError('kernel-lacks-feature', message, {
        remedy: `Leave persist out. ${NETEM_REMEDY}`,
      });
}

/** As it was asked, by what was recorded of it. */
function termOf(tenure: Tenure | null): Term {
  if (!tenure) return {};
  return {
    expiresAt: tenure.expiresAt === null ? undefined : new Date(tenure.expiresAt),
    persist: tenure.holder === undefined,
  };
}

function lacksEngine({ netem }: Abilities, redirection: Redirection | undefined): NetweirError {
  const needs = needsOfEngine(redirection);
  return netem
    ? new NetweirError('kernel-lacks-feature', `this kernel cannot run the userspace engine`, {
        remedy: `Use egress by the kernel's netem: ${needs}.`,
      })
    : new NetweirError(
        'kernel-lacks-netem',
        'this kernel has no sch_netem and cannot run the userspace engine either',
        { remedy: `${NETEM_REMEDY} ${needs[0]?.toUpperCase()}${needs.slice(1)}.` },
      );
}

function needsOfEngine(redirection: Redirection | undefined): string {
  if (redirection === 'mirred') {
    return 'the userspace engine needs cls_u32 and act_mirred (CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED) and /dev/net/tun';
  }
  return isInitialUserNamespace()
    ? 'the userspace engine needs BPF programs (CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF) and /dev/net/tun'
    : 'the userspace engine needs root: an ordinary user may not load BPF programs';
}

function merge(at: Reachable, root: RootReport, hooks: HookReport): ImpairmentReport {
  const tenure = root.tenure ?? hooks.tenure;
  return {
    space: at.space,
    interface: at.interface,
    ifindex: at.ifindex,
    egress: root.egress ?? hooks.egress,
    ingress: hooks.ingress,
    rules: [],
    egressMechanism: root.mechanism ?? (hooks.egress && 'userspace'),
    ingressMechanism: hooks.ingress && 'userspace',
    original: root.original,
    expiresAt: tenure?.expiresAt ?? null,
    owner: tenure?.owner ?? null,
    persist: tenure !== null && tenure.holder === undefined,
    changedElsewhere: null,
    egressCounters: root.counters ?? hooks.counters.egress,
    ingressCounters: hooks.counters.ingress,
  };
}
