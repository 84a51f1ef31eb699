import { randomBytes } from 'node:crypto';
import {
  type Direction,
  exactDirection,
  type Mechanism,
  type MechanismCounters,
  NetweirError,
  summarize,
} from '@netweir/api';
import {
  dumpQdiscs,
  formatHandle,
  getLink,
  type Netem,
  type Qdisc,
  type QdiscOptions,
  type Request,
  type Tbf,
} from '@netweir/kernel';
import { describeEgress } from './describe.ts';
import { lineOf, type Original, type RootEntry, type Setting } from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { type Tenure, type Term, tenureOf } from './journal/tenure.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import { distributionsOf, isSameNetem, type SentDistributions } from './mechanism/netem.ts';
import { isSameTbf } from './mechanism/tbf.ts';
import {
  differenceFrom,
  isInPart,
  KERNEL_DEFAULT,
  putBack,
  recordOriginal,
  restoreRequests,
  rootOf,
} from './original/original.ts';
import { type Abilities, isOurs, type Plan, plan } from './plan.ts';
import { findEntry, placeOf, type Reachable } from './reachable.ts';

const REPLACED = 'somebody else replaced what netweir had set';

/** What a root qdisc of ours does. */
export interface RootReport {
  readonly egress: Direction | null;
  readonly mechanism: Mechanism | null;
  readonly original: string | null;
  readonly tenure: Tenure | null;
  readonly counters: MechanismCounters | null;
}

export interface RootImpairerOptions {
  readonly journal: EntryStore;
  /** Asked when the first impairment is put on: who only looks needs no privilege to try. */
  readonly abilities: () => Abilities;
  readonly owner: Setting['owner'];
  /** Who ends what does not outlive this process. */
  readonly holder: string;
}

/**
 * Puts impairments on what interfaces send, by their root qdisc, and takes them off: journal, kernel,
 * read-back, in this order and each in one synchronous step. Every method throws NetweirError.
 */
export class RootImpairer {
  readonly #journal: EntryStore;
  readonly #abilities: () => Abilities;
  readonly #holds: Pick<RootImpairerOptions, 'owner' | 'holder'>;

  constructor({ journal, abilities, owner, holder }: RootImpairerOptions) {
    this.#journal = journal;
    this.#abilities = abilities;
    this.#holds = { owner, holder };
  }

  /** What the interface does to its packets now, read from the kernel. */
  report(at: Reachable): RootReport {
    return this.#guard(() =>
      this.#journal.transaction((journal) => this.#report(at, findEntry(journal, at, 'root'))),
    );
  }

  /**
   * Makes the interface do what is asked and nothing else. What was there before netweir is recorded
   * and on disk before the first change.
   */
  apply(at: Reachable, egress: Direction, term: Term): RootReport {
    const setting: Setting = { egress, ...tenureOf(this.#holds, term, false) };
    return this.#guard(() =>
      this.#journal.transaction((journal) => this.#apply(journal, at, setting, term)),
    );
  }

  /**
   * Puts the original back, or the kernel's default where ours is in no journal; an interface that
   * netweir did not touch stays as it is. What somebody else put in place of ours stays, too:
   * `changed-elsewhere`, once.
   */
  clear(at: Reachable): RootReport {
    return this.#guard(() =>
      this.#journal.transaction((journal) => {
        const entry = findEntry(journal, at, 'root');
        const root = this.#rootAt(at);
        if (entry) {
          const outcome = this.#restore(journal, entry, at);
          if (outcome === REPLACED) throw replacedElsewhere(at, root);
        } else if (isOurs(root)) {
          send(at, restoreRequests(KERNEL_DEFAULT, root, at.interface));
        }
        return this.#report(at, undefined);
      }),
    );
  }

  /**
   * Puts an entry's original back, within a transaction. Says why where there was nothing to do.
   *
   * @throws NetweirError, KernelError
   */
  restoreEntry(journal: Transaction, entry: RootEntry, at: Reachable): string | undefined {
    return this.#restore(journal, entry, at);
  }

  #apply(journal: Transaction, at: Reachable, setting: Setting, { replace }: Term): RootReport {
    const found = findEntry(journal, at, 'root');
    const root = this.#rootAt(at);
    const before = isOurs(root) ? found : undefined;
    const sent = before && distributionsOf(exactDirection(before.setting.egress));
    const planned = this.#plan(at, setting, root, sent);
    const entry = before
      ? { ...before, setting }
      : this.#touch(journal, at, this.#recordAnew(at, root, replace), setting, found);
    if (before) journal.write({ type: 'changed', id: before.id, setting });
    try {
      send(at, planned.requests);
      this.#compare(at, planned.expected);
    } catch (error) {
      try {
        this.#rollBack(journal, at, entry, before);
      } catch (second) {
        throw alsoFailed(error, second);
      }
      throw error;
    }
    return this.#report(at, entry);
  }

  #plan(
    at: Reachable,
    setting: Setting,
    root: Qdisc | undefined,
    sent: SentDistributions | undefined,
  ): Plan {
    const [link] = at.netlink.query(getLink({ ifindex: at.ifindex }));
    return plan({
      ifindex: at.ifindex,
      interface: at.interface,
      mtu: link?.mtu ?? 1500,
      wanted: exactDirection(setting.egress),
      root,
      sent,
      freshSeed: randomBytes(8).readBigUInt64LE(),
      abilities: this.#abilities(),
    });
  }

  /** A root that carries our handle but is in no journal is residue; the kernel's default is below it. */
  #recordAnew(at: Reachable, root: Qdisc | undefined, mayLose = false): Original {
    if (isOurs(root)) return KERNEL_DEFAULT;
    return recordOriginal(at.netlink, at.ifindex, at.interface, { mayLose });
  }

  #touch(
    journal: Transaction,
    at: Reachable,
    original: Original,
    setting: Setting,
    stale: RootEntry | undefined,
  ): RootEntry {
    if (stale) journal.write({ type: 'restored', id: stale.id, outcome: REPLACED });
    const id = journal.nextId();
    const entry: RootEntry = { kind: 'root', id, place: placeOf(at), original, setting };
    journal.write(lineOf(entry));
    return entry;
  }

  /** After a failed change: the former setting where there was one, else the original. */
  #rollBack(
    journal: Transaction,
    at: Reachable,
    entry: RootEntry,
    before: RootEntry | undefined,
  ): void {
    if (!before) {
      this.#restore(journal, entry, at);
      return;
    }
    journal.write({ type: 'changed', id: before.id, setting: before.setting });
    // The change may have got half way, so that nobody knows which shapes are there.
    send(at, this.#plan(at, before.setting, this.#rootAt(at), undefined).requests);
  }

  /** Puts an entry's original back. Says why where there was nothing to do. */
  #restore(journal: Transaction, entry: RootEntry, at: Reachable): string | undefined {
    const done = (outcome: string): void =>
      journal.write({ type: 'restored', id: entry.id, outcome });
    const root = this.#rootAt(at);
    if (!root || !(isOurs(root) || isInPart(entry.original, at.netlink, at.ifindex))) {
      const untouched = differenceFrom(entry.original, at.netlink, at.ifindex) === undefined;
      const reason = untouched ? 'it is as it was already' : REPLACED;
      done(reason);
      return reason;
    }
    putBack(at.netlink, entry.original, root, at.interface);
    const difference = differenceFrom(entry.original, at.netlink, at.ifindex);
    if (difference) {
      throw new NetweirError(
        'read-back-differs',
        `${at.interface} was put back, but ${difference}`,
      );
    }
    done('original');
    return undefined;
  }

  #rootAt(at: Reachable): Qdisc | undefined {
    return rootOf(at.netlink.dump(dumpQdiscs(at.ifindex)));
  }

  #compare(at: Reachable, expected: Netem | Tbf): void {
    const root = this.#rootAt(at);
    if (isOurs(root) && isSame(root.options, expected)) return;
    const found = describeEgress(root, undefined);
    throw new NetweirError(
      'read-back-differs',
      `the kernel took other values for ${at.interface} than those sent: it has ${(found && summarize(found)) || root?.kind || 'nothing'}`,
    );
  }

  #report(at: Reachable, entry: RootEntry | undefined): RootReport {
    const root = this.#rootAt(at);
    const egress = describeEgress(root, entry);
    const stats = isOurs(root) ? root.stats : undefined;
    return {
      egress,
      mechanism: egress && (root?.kind === 'netem' ? 'netem' : 'tbf'),
      original: egress ? (entry?.original.description ?? null) : null,
      tenure: egress ? (entry?.setting ?? null) : null,
      counters: stats
        ? {
            sentBytes: stats.bytes,
            sentPackets: stats.packets,
            droppedPackets: stats.drops,
            queuedPackets: stats.qlen,
            queuedBytes: stats.backlogBytes,
          }
        : null,
    };
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }
}

function send({ netlink }: Reachable, requests: readonly Request[]): void {
  for (const error of netlink.batch(requests)) if (error) throw error;
}

function replacedElsewhere({ interface: name }: Reachable, root: Qdisc | undefined): NetweirError {
  const found = root ? `${root.kind} ${formatHandle(root.handle)}` : 'no qdisc';
  return new NetweirError(
    'changed-elsewhere',
    `${REPLACED} on ${name} by ${found}: it was left alone`,
    { remedy: 'Remove it with `tc qdisc del dev INTERFACE root` if it is not needed.' },
  );
}

function isSame(found: QdiscOptions | undefined, expected: Netem | Tbf): boolean {
  switch (expected.kind) {
    case 'netem':
      return found?.kind === 'netem' && isSameNetem(found, expected);
    case 'tbf':
      return found?.kind === 'tbf' && isSameTbf(found, expected);
  }
}
