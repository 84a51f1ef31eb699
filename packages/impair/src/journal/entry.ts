import { Direction, TrafficMatch, TrafficRule, validate } from '@netweir/api';
import * as z from 'zod';
import { Seen } from './seen.ts';
import { Tenure } from './tenure.ts';

/** Which interface: names for people, identities for certainty. An inode number is reused after a boot or a death, so all of it must agree. */
export const Place = z.strictObject({
  bootId: z.string(),
  space: z.string(),
  namespaceDevice: z.number(),
  namespaceInode: z.number(),
  /** SO_NETNS_COOKIE, which is never used again; absent before Linux 5.14. */
  namespaceCookie: z.string().optional(),
  ifindex: z.int(),
  interface: z.string(),
});
export type Place = z.infer<typeof Place>;

/** One qdisc or class as it was dumped: its kernel attributes byte for byte, in base64. */
const Recorded = z.strictObject({
  kind: z.string(),
  handle: z.int(),
  parent: z.int(),
  options: z.base64().nullable(),
  /** Where the qdisc has a size table: what it was computed from. */
  sizeSpec: z.base64().optional(),
});
export type Recorded = z.infer<typeof Recorded>;

/** One filter as it was dumped, in the kernel's order; the options are without statistics. */
const RecordedFilter = z.strictObject({
  kind: z.string(),
  handle: z.int(),
  parent: z.int(),
  prio: z.int(),
  protocol: z.int(),
  chain: z.int(),
  options: z.base64().nullable(),
});
export type RecordedFilter = z.infer<typeof RecordedFilter>;

/** What an interface had at its root before netweir touched it; no qdiscs: the kernel's default. */
export const Original = z.strictObject({
  description: z.string(),
  qdiscs: z.array(Recorded),
  classes: z.array(Recorded),
  filters: z.array(RecordedFilter).optional(),
  /** What is not put back as it was, since whoever asked agreed to that. */
  lost: z.array(z.string()).optional(),
});
export type Original = z.infer<typeof Original>;

/** What is in force on an interface, both ways, whatever does it, and until when. */
export const Setting = z.strictObject({
  egress: Direction.nullable(),
  ingress: Direction.nullable(),
  rules: z.array(TrafficRule),
  /** Of the host names in rules, as they were looked up. */
  addresses: z.record(z.string(), z.array(z.string())),
  /** What passes untouched before all rules: who reaches this host by it. */
  guarded: z.array(TrafficMatch).optional(),
  ...Tenure.shape,
});
export type Setting = z.infer<typeof Setting>;

/**
 * Where a rule is in the tree of a device: the priority of its filters, and the minor of its class, 0 where its
 * packets pass untouched.
 */
const Slot = z.strictObject({ minor: z.int(), prio: z.int() });
export type Slot = Readonly<z.infer<typeof Slot>>;

/** An interface whose root was touched: in the journal from before the first change until the original is back. */
export interface RootEntry {
  readonly kind: 'root';
  readonly id: number;
  readonly place: Place;
  /** The other end of its veth, where the setting is that one's, whose ingress is what this one sends. */
  readonly insteadOf?: Place | undefined;
  readonly original: Original;
  readonly setting: Setting;
  /** Of the setting's rules that are for its way. */
  readonly slots: readonly Slot[];
  /** What was there after the last change; absent until that is done. */
  readonly seen?: Seen | undefined;
}

/** An interface that receives through an ifb of ours. */
export interface IfbEntry {
  readonly kind: 'ifb';
  readonly id: number;
  readonly place: Place;
  /** Whether it had a clsact before: then only the filter goes. */
  readonly hadClsact: boolean;
  readonly setting: Setting;
  /** Of the setting's rules that are for ingress. */
  readonly slots: readonly Slot[];
  /** What was there after the last change; absent until that is done. */
  readonly seen?: Seen | undefined;
}

/** A direction of an interface, as seen from it. */
export const Way = z.enum(['egress', 'ingress']);
export type Way = z.infer<typeof Way>;

/** An interface that has the engine's filters: on the ways that the engine does of the setting. */
export interface HookEntry {
  readonly kind: 'hook';
  readonly id: number;
  readonly place: Place;
  /** Whether it had a clsact before: then only the filters go. */
  readonly hadClsact: boolean;
  readonly ways: readonly Way[];
  readonly setting: Setting;
  /** What was there after the last change; absent until that is done. */
  readonly seen?: Seen | undefined;
}

export type Entry = RootEntry | IfbEntry | HookEntry;

/** The interface that an entry's setting is of. */
export function subjectOf(entry: Entry): Place {
  return (entry.kind === 'root' && entry.insteadOf) || entry.place;
}

/** The way of an entry's setting that the root does. */
export function wayAtRoot(entry: Pick<RootEntry, 'insteadOf'> | undefined): Way {
  return entry?.insteadOf ? 'ingress' : 'egress';
}

/** A line of the journal. */
const Line = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('touched'),
    id: z.int(),
    place: Place,
    insteadOf: Place.optional(),
    original: Original,
    setting: Setting,
    slots: z.array(Slot),
    seen: Seen.optional(),
  }),
  z.strictObject({
    type: z.literal('redirected'),
    id: z.int(),
    place: Place,
    hadClsact: z.boolean(),
    setting: Setting,
    slots: z.array(Slot),
    seen: Seen.optional(),
  }),
  z.strictObject({
    type: z.literal('changed'),
    id: z.int(),
    setting: Setting,
    slots: z.array(Slot),
  }),
  z.strictObject({
    type: z.literal('hooked'),
    id: z.int(),
    place: Place,
    hadClsact: z.boolean(),
    ways: z.array(Way),
    setting: Setting,
    seen: Seen.optional(),
  }),
  z.strictObject({ type: z.literal('seen'), ids: z.array(z.int()), seen: Seen }),
  z.strictObject({ type: z.literal('restored'), id: z.int(), outcome: z.string() }),
]);
export type Line = z.infer<typeof Line>;

/**
 * The open entries that the lines of a journal leave. A last line without its line feed was being
 * written when the machine stopped: its change was never made, so it is passed over. What an entry was
 * that is restored by now does not matter: another version of netweir may have written it.
 *
 * @throws NetweirError `invalid-request` for any other line that cannot be read
 */
export function readEntries(text: string): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  const lines = text.split('\n');
  lines.pop();
  const unreadable = new Map<number, unknown>();
  for (const [index, text] of lines.entries()) {
    const json = parseJson(text);
    try {
      const line = validate(Line, json, `line ${index + 1} of the journal`);
      applyLine(entries, line);
      if (line.type === 'restored') unreadable.delete(line.id);
    } catch (error) {
      const { success, data } = Identified.safeParse(json);
      if (!success) throw error;
      if (!unreadable.has(data.id)) unreadable.set(data.id, error);
    }
  }
  for (const error of unreadable.values()) throw error;
  return entries;
}

/** What lines of all versions have that belong to an entry. */
const Identified = z.object({ id: z.int() });

export function applyLine(entries: Map<number, Entry>, line: Line): void {
  switch (line.type) {
    case 'touched': {
      const { type: _, ...entry } = line;
      entries.set(line.id, { kind: 'root', ...entry });
      return;
    }
    case 'changed': {
      const entry = entries.get(line.id);
      const { setting, slots } = line;
      if (entry && entry.kind !== 'hook') {
        entries.set(line.id, { ...entry, setting, slots, seen: undefined });
      }
      return;
    }
    case 'redirected': {
      const { type: _, ...entry } = line;
      entries.set(line.id, { kind: 'ifb', ...entry });
      return;
    }
    case 'hooked': {
      const { type: _, ...entry } = line;
      entries.set(line.id, { kind: 'hook', ...entry });
      return;
    }
    case 'seen': {
      for (const id of line.ids) {
        const entry = entries.get(id);
        if (entry) entries.set(id, { ...entry, seen: line.seen });
      }
      return;
    }
    case 'restored':
      entries.delete(line.id);
  }
}

/** The line that makes an entry. */
export function lineOf(entry: Entry): Line {
  switch (entry.kind) {
    case 'root': {
      const { kind: _, slots, ...touched } = entry;
      return { type: 'touched', ...touched, slots: [...slots] };
    }
    case 'ifb': {
      const { kind: _, slots, ...redirected } = entry;
      return { type: 'redirected', ...redirected, slots: [...slots] };
    }
    case 'hook': {
      const { kind: _, ways, ...hooked } = entry;
      return { type: 'hooked', ...hooked, ways: [...ways] };
    }
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
