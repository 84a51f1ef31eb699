import { NetweirError } from '@netweir/api';
import { digestQdiscs, formatHandle, type QdiscDigest } from '@netweir/kernel';
import type { Entry, RootEntry } from '../journal/entry.ts';
import type { EntryStore, Transaction } from '../journal/journal.ts';
import { netweirErrorOf } from '../kernel-error.ts';
import { differenceFrom, isInPart } from '../original/original.ts';
import { isOurs } from '../plan.ts';
import { findEntry, type Reachable } from '../reachable.ts';
import type { ChangeElsewhere } from './change.ts';
import { changeBetween, lookAt } from './look.ts';

/** Sees by the journal whether what netweir has set on interfaces is still as it left it. */
export class Elsewhere {
  readonly #journal: EntryStore;

  constructor(journal: EntryStore) {
    this.#journal = journal;
  }

  /** What somebody else has changed; undefined where nothing is, or nothing of ours is recorded. */
  changeOf(at: Reachable): ChangeElsewhere | undefined {
    try {
      return this.#journal.transaction((journal) => changeOf(journal, at));
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }

  /** @throws NetweirError `changed-elsewhere` where netweir would undo what somebody else has done */
  refuse(at: Reachable): void {
    const change = this.changeOf(at);
    if (!change?.isInTheWay) return;
    throw new NetweirError(
      'changed-elsewhere',
      `${change.text} on ${at.interface}: it was left alone`,
      {
        remedy:
          'Go on all the same with `--replace` (`"replace": true`), or have `netweir restore` leave it as it is.',
      },
    );
  }

  /** Takes what is there now for what netweir has left; `qdiscs` are its, where they were read after the change. */
  remember(at: Reachable, qdiscs?: QdiscDigest): void {
    try {
      this.#journal.transaction((journal) => {
        const ids = entriesOf(journal, at).map(({ id }) => id);
        if (ids.length > 0) journal.write({ type: 'seen', ids, seen: lookAt(at, qdiscs) });
      });
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }
}

function changeOf(journal: Transaction, at: Reachable): ChangeElsewhere | undefined {
  const entries = entriesOf(journal, at);
  if (entries.length === 0) return undefined;
  const qdiscs = digestQdiscs(at.netlink, at.ifindex);
  const root = entries.find((entry) => entry.kind === 'root');
  const found = root && changeOfRoot(root, at, qdiscs);
  if (found) return found;
  const [first, ...others] = entries;
  // Where one of them has none, netweir was interrupted, and nobody knows what it has left.
  if (!first?.seen || others.some(({ seen }) => seen === undefined)) return undefined;
  return changeBetween(first.seen, lookAt(at, qdiscs));
}

function changeOfRoot(
  entry: RootEntry,
  at: Reachable,
  { root }: QdiscDigest,
): ChangeElsewhere | undefined {
  // It may not have come as far as to make one.
  if (isOurs(root) || entry.seen === undefined) return undefined;
  // Putting it back was interrupted.
  if (isInPart(entry.original, at.netlink, at.ifindex)) return undefined;
  const isAsBefore = differenceFrom(entry.original, at.netlink, at.ifindex) === undefined;
  return isAsBefore
    ? { text: 'somebody else has removed what netweir had set', isInTheWay: false }
    : {
        text: `somebody else has put ${nameOf(root)} in the place of what netweir had set`,
        isInTheWay: true,
      };
}

function nameOf(root: QdiscDigest['root']): string {
  return root ? `${root.kind} ${formatHandle(root.handle)}` : 'no qdisc';
}

function entriesOf(journal: Transaction, at: Reachable): Entry[] {
  return (['root', 'ifb', 'hook'] as const)
    .map((kind) => findEntry(journal, at, kind))
    .filter((entry) => entry !== undefined);
}
