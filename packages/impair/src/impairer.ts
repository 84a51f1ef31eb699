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
} from '@netweir/api';
import type { QdiscDigest } from '@netweir/kernel';
import { type Division, divide } from './divide.ts';
import { Elsewhere } from './elsewhere/elsewhere.ts';
import { type End, endOf, partnerOf, refuseEnds } from './ends.ts';
import type { Redirection } from './engine/hook.ts';
import { HookImpairer } from './hook-impairer.ts';
import { IfbImpairer, type IfbReport } from './ifb-impairer.ts';
import type { Entry, HookEntry, IfbEntry, RootEntry, Setting } from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { newHolder, tenureOf } from './journal/tenure.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import type { Abilities } from './plan.ts';
import { preview } from './preview.ts';
import { BOOT_ID, findEntry, type Reachable } from './reachable.ts';
import { ownCopies } from './remembered.ts';
import { type EndInForce, type InForce, impairmentReport } from './report.ts';
import { type Reach, restoreEntries } from './restore.ts';
import { RootImpairer, type RootReport } from './root-impairer.ts';
import { type Addresses, type Asked, wayOf } from './way.ts';

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
  /**
   * The other end of a veth, which does what this kernel cannot do to what an interface receives; undefined where
   * it is no veth, or the other end is not known.
   */
  readonly peerOf?: (at: Reachable) => Reachable | undefined;
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
  /** Whether it outlives this process, which only what the kernel does can. */
  readonly persist?: boolean | undefined;
  /** Go on where what is there cannot be put back as it is. */
  readonly replace?: boolean | undefined;
}

const NO_IFB: IfbReport = { way: undefined, entry: undefined };

/** The journal's entries of an interface. */
interface EntriesOf {
  readonly root: RootEntry | undefined;
  readonly ifb: IfbEntry | undefined;
  readonly hook: HookEntry | undefined;
  /** What the other end of its veth does in its place. */
  readonly end: End | undefined;
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
      ...impairmentReport(at, this.#inForce(at)),
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
    const by = this.#divide(at, asked, wanted);
    // One for all of it: no other process may come between the look and the change.
    return this.#options.journal.transaction((journal) => {
      refuseEnds(journal, at, by.peer);
      return this.#apply(at, asked, by, wanted, expiresAt);
    });
  }

  #divide(at: Reachable, asked: Asked, wanted: Wanted): Division {
    return divide(asked, wanted, { ...this.#options, peer: this.#options.peerOf?.(at) });
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
    const { replace } = wanted;
    // What fails at the root leaves it as it was, and nothing else was touched by then.
    const root = by.root ? this.#root.apply(at, setting, { replace }) : this.#clearRoot(at);
    try {
      if (by.peer) this.#root.apply(by.peer, setting, { replace, insteadOf: at });
      else if (before.end) this.#clearRoot(before.end.at);
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
    // What the others do changes what is at clsact.
    const isRootAlone = !by.ifb && by.engine.length === 0;
    this.#remember(at, isRootAlone ? root.qdiscs : undefined);
    const ifb = by.ifb ? this.#ifb.report(at) : NO_IFB;
    return impairmentReport(at, {
      root,
      ifb,
      hooks: this.#hooks.report(at),
      end: this.#endInForce(at),
    });
  }

  /** What somebody else has changed at what was set, in words; null where nobody has. */
  changedElsewhere(at: Reachable): string | null {
    if (this.#options.ownsNamespaces) return null;
    for (const one of this.#devicesOf(at)) {
      const change = this.#elsewhere.changeOf(one);
      if (change) return change.text;
    }
    return null;
  }

  /** The other end of a veth, while one of the two does what the other receives. */
  partnerOf(at: Reachable): Reachable | undefined {
    const peer = this.#options.peerOf?.(at);
    return peer && this.#options.journal.transaction((journal) => partnerOf(journal, at, peer));
  }

  /** What `apply` would do, in the words of tc; nothing is changed. */
  preview(at: Reachable, wanted: Wanted): Operation[] {
    try {
      const asked = askedBy(wanted);
      const by = this.#divide(at, asked, wanted);
      this.#options.journal.transaction((journal) => refuseEnds(journal, at, by.peer));
      const { root, ifb, end } = this.#entriesOf(at);
      const abilities = this.#options.abilities();
      const mayLose = wanted.replace ?? false;
      const peer = by.peer ?? end?.at;
      const other = peer && { at: peer, root: end?.entry };
      return preview({ at, asked, by, root, ifb, end: other, abilities, mayLose });
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
    return this.#options.journal.transaction((journal) => {
      if (!replace) this.#refuseChanged(at);
      const end = this.#endOf(journal, at);
      this.#hooks.clear(at);
      this.#ifb.clear(at);
      if (end) this.#root.clear(end.at, replace);
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
  restore(reach: Reach, which: (entry: Entry) => boolean = () => true): RestoreReport {
    const by = { root: this.#root, ifb: this.#ifb, hook: this.#hooks };
    return this.#options.journal.transaction((journal) =>
      restoreEntries(journal, by, reach, which),
    );
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
      end: this.#endInForce(at),
    };
  }

  #endInForce(at: Reachable): EndInForce | undefined {
    const end = this.#options.journal.transaction((journal) => this.#endOf(journal, at));
    return end && { at: end.at, root: this.#root.report(end.at) };
  }

  #endOf(journal: Transaction, at: Reachable): End | undefined {
    return endOf(journal, at, this.#options.peerOf?.(at));
  }

  /** Whose qdiscs do something to the packets of an interface: it, and the other end in its place. */
  #devicesOf(at: Reachable): Reachable[] {
    const end = this.#options.journal.transaction((journal) => this.#endOf(journal, at));
    return end ? [at, end.at] : [at];
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
    if (this.#options.ownsNamespaces) return;
    for (const one of this.#devicesOf(at)) this.#elsewhere.refuse(one);
  }

  #remember(at: Reachable, qdiscs: QdiscDigest | undefined): void {
    if (this.#options.ownsNamespaces) return;
    for (const one of this.#devicesOf(at)) {
      this.#elsewhere.remember(one, one === at ? qdiscs : undefined);
    }
  }

  #entriesOf(at: Reachable): EntriesOf {
    return this.#options.journal.transaction((journal) => ({
      root: findEntry(journal, at, 'root'),
      ifb: findEntry(journal, at, 'ifb'),
      hook: findEntry(journal, at, 'hook'),
      end: this.#endOf(journal, at),
    }));
  }

  /** As it was before a change of which some part failed. */
  #bringBack(at: Reachable, before: EntriesOf): void {
    const now = this.#entriesOf(at);
    // An entry of its own is of what was put there by the change, in the place of what somebody else had there.
    const isNew = now.root !== undefined && now.root.id !== before.root?.id;
    if (before.root && !isNew) this.#root.apply(at, before.root.setting);
    else this.#clearRoot(at);
    if (before.end) this.#root.apply(before.end.at, before.end.entry.setting, { insteadOf: at });
    else if (now.end) this.#clearRoot(now.end.at);
    if (before.ifb) this.#ifb.apply(at, before.ifb.setting);
    else this.#ifb.clear(at);
    if (isDeepStrictEqual(now.hook, before.hook)) return;
    if (before.hook) this.#hooks.apply(at, before.hook.setting, before.hook.ways);
    else this.#hooks.clear(at);
  }
}

function askedBy({ egress, ingress, rules, addresses, guarded }: Wanted): Asked {
  return {
    egress: unlessUntouched(egress),
    ingress: unlessUntouched(ingress),
    rules: (rules ?? []).map(ownRule),
    addresses: Object.fromEntries(
      Object.entries(addresses ?? {}).map(([host, found]) => [host, [...found]]),
    ),
    ...(guarded && guarded.length > 0 && { guarded: guarded.map(ownMatch) }),
  };
}

function unlessUntouched(direction: Direction | undefined): Direction | null {
  return direction && !isUntouched(direction) ? ownDirection(direction) : null;
}

const ownRule = ownCopies<TrafficRule>();
const ownMatch = ownCopies<TrafficMatch>();
const ownDirection = ownCopies<Direction>();
