import { NetweirError } from '@netweir/api';
import {
  deleteQdisc,
  dumpQdiscs,
  formatHandle,
  type Qdisc,
  type QdiscDigest,
  type Request,
  TC_H_ROOT,
} from '@netweir/kernel';
import {
  lineOf,
  type Original,
  type RootEntry,
  type Setting,
  type Way,
  wayAtRoot,
} from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import {
  differenceFrom,
  isInPart,
  KERNEL_DEFAULT,
  putBack,
  recordOriginal,
  restoreRequests,
} from './original/original.ts';
import { type Abilities, isOurs, OUR_ROOT } from './plan.ts';
import { findEntry, placeOf, type Reachable } from './reachable.ts';
import type { TreePlan } from './tree/plan-tree.ts';
import { carryOut, planDevice, readTree, rootAt, type WayReport } from './tree/tree.ts';
import { type WayWanted, wayOf } from './way.ts';

const REPLACED = 'somebody else replaced what netweir had set';

/** What a root qdisc of ours does to what its interface sends, and what the journal knows of it. */
export interface RootReport {
  readonly way: WayReport | undefined;
  /** Absent where our root is in no journal. */
  readonly entry: RootEntry | undefined;
  /** What was there when the values of a change were read back. */
  readonly qdiscs?: QdiscDigest;
}

export interface RootImpairerOptions {
  readonly journal: EntryStore;
  /** Asked when the first impairment is put on: who only looks needs no privilege to try. */
  readonly abilities: () => Abilities;
}

export interface RootChoices {
  /** Take away what cannot be put back as it is. */
  readonly replace?: boolean | undefined;
  /** The other end of its veth, whose setting it is: what that one receives is what this one sends. */
  readonly insteadOf?: Reachable | undefined;
}

/** What a change at a root is made of. */
interface Asked {
  readonly setting: Setting;
  readonly way: Way;
  readonly wanted: WayWanted;
}

/**
 * Puts impairments on what interfaces send, by their root qdisc, and takes them off: journal, kernel,
 * read-back, in this order and each in one synchronous step. Every method throws NetweirError.
 */
export class RootImpairer {
  readonly #journal: EntryStore;
  readonly #abilities: () => Abilities;

  constructor({ journal, abilities }: RootImpairerOptions) {
    this.#journal = journal;
    this.#abilities = abilities;
  }

  /** What the interface does to what it sends now, read from the kernel. */
  report(at: Reachable): RootReport {
    return this.#guard(() =>
      this.#journal.transaction((journal) => this.#report(at, findEntry(journal, at, 'root'))),
    );
  }

  /**
   * Makes the interface do to what it sends what a setting asks, and nothing else. What was there before netweir
   * is recorded and on disk before the first change.
   */
  apply(at: Reachable, setting: Setting, choices: RootChoices = {}): RootReport {
    const way = choices.insteadOf ? 'ingress' : 'egress';
    const wanted = wayOf(setting, way);
    if (!wanted) throw new TypeError(`the setting asks for nothing of ${way}`);
    return this.#guard(() =>
      this.#journal.transaction((journal) =>
        this.#apply(journal, at, { setting, way, wanted }, choices),
      ),
    );
  }

  /**
   * Puts the original back, or the kernel's default where ours is in no journal; an interface that
   * netweir did not touch stays as it is. What somebody else put in place of ours stays, too:
   * `changed-elsewhere`, once, unless it may be replaced.
   */
  clear(at: Reachable, replace = false): void {
    this.#guard(() =>
      this.#journal.transaction((journal) => {
        const entry = findEntry(journal, at, 'root');
        const root = rootAt(at);
        if (entry) {
          const outcome = this.#restore(journal, entry, at, replace);
          if (outcome === REPLACED) throw replacedElsewhere(at, root);
        } else if (isOurs(root)) {
          send(at, restoreRequests(KERNEL_DEFAULT, root, at.interface));
        }
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

  #apply(journal: Transaction, at: Reachable, asked: Asked, choices: RootChoices): RootReport {
    let root = rootAt(at);
    if (this.#completeRestore(journal, at, root)) root = rootAt(at);
    const found = findEntry(journal, at, 'root');
    const before = isOurs(root) ? found : undefined;
    const { setting, way, wanted } = asked;
    const planned = planDevice(at, way, wanted, root, before, this.#abilities());
    const entry = before
      ? change(journal, before, setting, planned)
      : this.#touch(journal, this.#entryFor(at, asked, planned, root, choices), found);
    try {
      const list = carryOut(at, planned);
      return { way: readTree(list.qdiscs, way, entry), entry, qdiscs: list };
    } catch (error) {
      try {
        this.#rollBack(journal, at, entry, before);
      } catch (second) {
        throw alsoFailed(error, second);
      }
      throw error;
    }
  }

  /** A root that carries our handle but is in no journal is residue; the kernel's default is below it. */
  #recordAnew(at: Reachable, root: Qdisc | undefined, mayLose = false): Original {
    if (isOurs(root)) return KERNEL_DEFAULT;
    return recordOriginal(at.netlink, at.ifindex, at.interface, { mayLose });
  }

  #entryFor(
    at: Reachable,
    { setting }: Asked,
    { slots }: TreePlan,
    root: Qdisc | undefined,
    { replace, insteadOf }: RootChoices,
  ): Omit<RootEntry, 'id'> {
    const original = this.#recordAnew(at, root, replace);
    const instead = insteadOf && { insteadOf: placeOf(insteadOf) };
    return { kind: 'root', place: placeOf(at), ...instead, original, setting, slots };
  }

  #touch(
    journal: Transaction,
    entry: Omit<RootEntry, 'id'>,
    stale: RootEntry | undefined,
  ): RootEntry {
    if (stale) journal.write({ type: 'restored', id: stale.id, outcome: REPLACED });
    const touched: RootEntry = { ...entry, id: journal.nextId() };
    journal.write(lineOf(touched));
    return touched;
  }

  /** What was put back in part is nobody's original. Whether something was put back now. */
  #completeRestore(journal: Transaction, at: Reachable, root: Qdisc | undefined): boolean {
    const entry = findEntry(journal, at, 'root');
    if (!entry || isOurs(root)) return false;
    if (!isInPart(entry.original, at.netlink, at.ifindex)) return false;
    this.#restore(journal, entry, at);
    return true;
  }

  /** After a failed change: the former setting where there was one, else the original. */
  #rollBack(
    journal: Transaction,
    at: Reachable,
    entry: RootEntry,
    before: RootEntry | undefined,
  ): void {
    const way = wayAtRoot(before);
    const wanted = before && wayOf(before.setting, way);
    if (!before || !wanted) {
      this.#restore(journal, entry, at);
      return;
    }
    // The change may have got half way, so that nobody knows what is there: it is made anew.
    const planned = planDevice(at, way, wanted, rootAt(at), undefined, this.#abilities());
    change(journal, before, before.setting, planned);
    carryOut(at, planned);
  }

  /** Puts an entry's original back. Says why where there was nothing to do. */
  #restore(
    journal: Transaction,
    entry: RootEntry,
    at: Reachable,
    replace = false,
  ): string | undefined {
    const done = (outcome: string): void =>
      journal.write({ type: 'restored', id: entry.id, outcome });
    const root = rootAt(at);
    if (!root || !(isOurs(root) || isInPart(entry.original, at.netlink, at.ifindex))) {
      const untouched = differenceFrom(entry.original, at.netlink, at.ifindex) === undefined;
      if (untouched || !replace) {
        const reason = untouched ? 'it is as it was already' : REPLACED;
        done(reason);
        return reason;
      }
      putInPlaceOf(root, entry.original, at);
    } else {
      putBack(at.netlink, entry.original, root, at.interface);
    }
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

  #report(at: Reachable, entry: RootEntry | undefined): RootReport {
    const qdiscs = at.netlink.dump(dumpQdiscs(at.ifindex));
    return { way: readTree(qdiscs, wayAtRoot(entry), entry), entry };
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }
}

function change(
  journal: Transaction,
  before: RootEntry,
  setting: Setting,
  { slots }: TreePlan,
): RootEntry {
  journal.write({ type: 'changed', id: before.id, setting, slots: [...slots] });
  return { ...before, setting, slots };
}

/** Puts an original in the place of what somebody else has made. */
function putInPlaceOf(other: Qdisc | undefined, original: Original, at: Reachable): void {
  const { ifindex, interface: target } = at;
  if (other && other.handle !== 0) send(at, [deleteQdisc({ ifindex, parent: TC_H_ROOT, target })]);
  const root = rootAt(at);
  if (!root || original.qdiscs.length === 0) return;
  // The kernel's default gives way to anything, as ours does.
  putBack(at.netlink, original, { ...root, handle: OUR_ROOT }, target);
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
