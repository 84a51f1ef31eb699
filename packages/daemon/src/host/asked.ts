import type { EngineChoice, Impairment } from '@netweir/api';
import { type Entry, type Place, subjectOf } from '@netweir/impair';
import { keyOfEntry } from './reach.ts';

/** What is set on one interface, as the journal has it. */
export interface AskedOf {
  readonly place: Place;
  readonly impairment: Impairment;
  readonly expiresAt: Date | undefined;
  readonly guarded: NonNullable<Entry['setting']['guarded']>;
}

/** What was asked of each interface that entries tell of, by its key; asked again it brings the same. */
export function askedOf(entries: readonly Entry[]): Map<string, AskedOf> {
  const asked = new Map<string, AskedOf>();
  for (const entry of entries) {
    const key = keyOfEntry(entry);
    const before = asked.get(key);
    asked.set(key, before ? withEngineOf(before, entry) : askedByOne(entry));
  }
  return asked;
}

function askedByOne(entry: Entry): AskedOf {
  const { egress, ingress, rules, guarded = [], owner, holder, expiresAt } = entry.setting;
  return {
    place: subjectOf(entry),
    impairment: {
      ...(egress && { egress }),
      ...(ingress && { ingress }),
      ...(rules.length > 0 && { rules }),
      ...(owner === 'daemon' && holder === undefined && { persist: true }),
      engine: engineOf(entry),
    },
    expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
    guarded,
  };
}

/** All entries of an interface have the same setting; where each engine has its part the choice was netweir's. */
function withEngineOf(asked: AskedOf, entry: Entry): AskedOf {
  if (asked.impairment.engine === engineOf(entry)) return asked;
  return { ...asked, impairment: { ...asked.impairment, engine: 'auto' } };
}

function engineOf({ kind }: Entry): EngineChoice {
  return kind === 'hook' ? 'userspace' : 'kernel';
}
