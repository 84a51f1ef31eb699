import { Direction, validate } from '@netweir/api';
import * as z from 'zod';
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

/** What is in force on a touched interface, and until when. */
export const Setting = z.strictObject({
  egress: Direction,
  ...Tenure.shape,
});
export type Setting = z.infer<typeof Setting>;

/** What the userspace engine does on an interface, and until when. */
export const HookSetting = z.strictObject({
  egress: Direction.nullable(),
  ingress: Direction.nullable(),
  ...Tenure.shape,
});
export type HookSetting = z.infer<typeof HookSetting>;

/** An interface whose root was touched: in the journal from before the first change until the original is back. */
export interface RootEntry {
  readonly kind: 'root';
  readonly id: number;
  readonly place: Place;
  readonly original: Original;
  readonly setting: Setting;
}

/** An interface that has the engine's filters. */
export interface HookEntry {
  readonly kind: 'hook';
  readonly id: number;
  readonly place: Place;
  /** Whether it had a clsact before: then only the filters go. */
  readonly hadClsact: boolean;
  readonly setting: HookSetting;
}

export type Entry = RootEntry | HookEntry;

/** A line of the journal. */
const Line = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('touched'),
    id: z.int(),
    place: Place,
    original: Original,
    setting: Setting,
  }),
  z.strictObject({ type: z.literal('changed'), id: z.int(), setting: Setting }),
  z.strictObject({
    type: z.literal('hooked'),
    id: z.int(),
    place: Place,
    hadClsact: z.boolean(),
    setting: HookSetting,
  }),
  z.strictObject({ type: z.literal('restored'), id: z.int(), outcome: z.string() }),
]);
export type Line = z.infer<typeof Line>;

/**
 * The open entries that the lines of a journal leave. A last line without its line feed was being
 * written when the machine stopped: its change was never made, so it is passed over.
 *
 * @throws NetweirError `invalid-request` for any other line that cannot be read
 */
export function readEntries(text: string): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  const lines = text.split('\n');
  lines.pop();
  for (const [index, line] of lines.entries()) {
    applyLine(entries, validate(Line, parseJson(line), `line ${index + 1} of the journal`));
  }
  return entries;
}

export function applyLine(entries: Map<number, Entry>, line: Line): void {
  switch (line.type) {
    case 'touched': {
      const { type: _, ...entry } = line;
      entries.set(line.id, { kind: 'root', ...entry });
      return;
    }
    case 'changed': {
      const entry = entries.get(line.id);
      if (entry?.kind === 'root') entries.set(line.id, { ...entry, setting: line.setting });
      return;
    }
    case 'hooked': {
      const { type: _, ...entry } = line;
      entries.set(line.id, { kind: 'hook', ...entry });
      return;
    }
    case 'restored':
      entries.delete(line.id);
  }
}

/** The line that makes an entry. */
export function lineOf(entry: Entry): Line {
  if (entry.kind === 'hook') {
    const { kind: _, ...hooked } = entry;
    return { type: 'hooked', ...hooked };
  }
  const { kind: _, ...touched } = entry;
  return { type: 'touched', ...touched };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
