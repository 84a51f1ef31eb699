import type { RestoreReport } from '@netweir/api';
import { KernelError } from '@netweir/kernel';
import type { HookImpairer } from './hook-impairer.ts';
import type { IfbImpairer } from './ifb-impairer.ts';
import type { Entry, Place } from './journal/entry.ts';
import type { Transaction } from './journal/journal.ts';
import { isAlive } from './journal/tenure.ts';
import { netweirErrorOf } from './kernel-error.ts';
import { BOOT_ID, isSameNamespace, type Reachable } from './reachable.ts';
import type { RootImpairer } from './root-impairer.ts';

/** What puts back each kind of entry. */
export interface Restorers {
  readonly root: RootImpairer;
  readonly ifb: IfbImpairer;
  readonly hook: HookImpairer;
}

/** Finds an entry's interface, or says why it cannot be there any more. */
export type Reach = (place: Place) => Reachable | string;

/** Puts back every entry that `which` accepts, and drops those of an earlier boot: the kernel forgot them too. */
export function restoreEntries(
  journal: Transaction,
  by: Restorers,
  reach: Reach,
  which: (entry: Entry) => boolean,
): RestoreReport {
  const report: RestoreReport = { restored: [], skipped: [], failed: [] };
  const isDue = (entry: Entry): boolean => entry.place.bootId !== BOOT_ID || which(entry);
  const due = [...journal.entries.values()].filter(isDue);
  takeTogether(by, due, reach);
  for (const entry of due) restoreOne(journal, by, entry, reach, report);
  return report;
}

/** Many interfaces go together, which one after the other take the kernel seconds. */
function takeTogether(by: Restorers, due: readonly Entry[], reach: Reach): void {
  const reached = (which: (entry: Entry) => boolean): Reachable[] =>
    due
      .filter((entry) => entry.place.bootId === BOOT_ID && which(entry))
      .map(({ place }) => reachSame(place, reach))
      .filter((at) => typeof at !== 'string');
  try {
    by.ifb.takeTogether(reached(({ kind }) => kind === 'ifb'));
    by.hook.takeTogether(reached(isLeftBehind));
  } catch (error) {
    // Each is tried once more by itself, and what the kernel says then is told.
    if (!(error instanceof KernelError)) throw error;
  }
}

/** A living process takes its TAPs away by itself. */
function isLeftBehind({ kind, setting: { holder } }: Entry): boolean {
  return kind === 'hook' && holder !== undefined && !isAlive(holder);
}

function restoreOne(
  journal: Transaction,
  by: Restorers,
  entry: Entry,
  reach: Reach,
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
    const outcome = restoreEntry(journal, by, entry, at);
    if (outcome) report.skipped.push({ ...named, reason: outcome });
    else report.restored.push({ ...named, ...originalOf(entry) });
  } catch (error) {
    report.failed.push({ ...named, error: netweirErrorOf(error).message });
  }
}

function restoreEntry(
  journal: Transaction,
  by: Restorers,
  entry: Entry,
  at: Reachable,
): string | undefined {
  switch (entry.kind) {
    case 'root':
      return by.root.restoreEntry(journal, entry, at);
    case 'ifb':
      return by.ifb.restoreEntry(journal, entry, at);
    case 'hook':
      return by.hook.restoreEntry(journal, entry, at);
  }
}

/** What `reach` finds, unless it is in a namespace that has got the inode of the one that is meant. */
function reachSame(place: Place, reach: Reach): Reachable | string {
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
