import { NetweirError } from '@netweir/api';
import { type RootEntry, subjectOf } from './journal/entry.ts';
import type { Transaction } from './journal/journal.ts';
import { findEntry, isAt, type Reachable } from './reachable.ts';

/** The other end of a veth, which does what this one receives by what it sends. */
export interface End {
  readonly at: Reachable;
  readonly entry: RootEntry;
}

/** The other end, where it does something in place of this one. */
export function endOf(
  journal: Transaction,
  at: Reachable,
  peer: Reachable | undefined,
): End | undefined {
  const entry = peer && findEntry(journal, peer, 'root');
  return peer && entry?.insteadOf && isAt(entry.insteadOf, at) ? { at: peer, entry } : undefined;
}

/** The other end, where one of the two does what the other receives. */
export function partnerOf(
  journal: Transaction,
  at: Reachable,
  peer: Reachable,
): Reachable | undefined {
  return (endOf(journal, at, peer) ?? endOf(journal, peer, at)) ? peer : undefined;
}

/**
 * Neither end of a veth does something for itself and for the other one; `peer` is the end that is to do something
 * for this one.
 *
 * @throws NetweirError `invalid-combination`
 */
export function refuseEnds(journal: Transaction, at: Reachable, peer: Reachable | undefined): void {
  refuseForOther(journal, at);
  if (peer) refuseTaken(journal, at, peer);
}

function refuseForOther(journal: Transaction, at: Reachable): void {
  const other = findEntry(journal, at, 'root')?.insteadOf;
  if (!other) return;
  throw new NetweirError(
    'invalid-combination',
    `what ${at.space}/${at.interface} sends is impaired already, as what the other end of its veth, ${other.space}/${other.interface}, receives`,
    { remedy: 'Set the other end instead, or clear this one first.' },
  );
}

function refuseTaken(journal: Transaction, at: Reachable, peer: Reachable): void {
  const kinds = ['root', 'ifb', 'hook'] as const;
  const entries = kinds.flatMap((kind) => findEntry(journal, peer, kind) ?? []);
  if (entries.every((entry) => isAt(subjectOf(entry), at))) return;
  throw new NetweirError(
    'invalid-combination',
    `this kernel has no ifb, so that what ${at.interface} receives would be impaired at the other end of its veth, ${peer.space}/${peer.interface}, which is impaired itself`,
    { remedy: 'Clear the other end first, or set there what it is to send.' },
  );
}
