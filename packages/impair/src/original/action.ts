import { Attributes } from '@netweir/kernel';
import { editAttributes, u32At, withAttribute, withU32s } from './attributes.ts';

// linux/pkt_cls.h
const TCA_ACT_KIND = 1;
const TCA_ACT_OPTIONS = 2;
const TCA_ACT_STATS = 4;
const TCA_ACT_COOKIE = 6;
const TCA_ACT_FLAGS = 7;
const TCA_ACT_HW_STATS = 8;
const TCA_ACT_IN_HW_COUNT = 10;
const TCA_POLICE_TBF = 1;
const TCA_POLICE_RATE = 2;
const TCA_POLICE_PEAKRATE = 3;
const TCA_POLICE_AVRATE = 4;
const TCA_POLICE_TM = 6;
// linux/gen_stats.h
const TCA_STATS_RATE_EST = 2;
// linux/tc_act/tc_mirred.h
const TCA_MIRRED_PARMS = 2;
const TCA_MIRRED_BLOCKID = 4;
const MIRRED_IFINDEX_OFFSET = 24;

/** What an action is made of; the rest of what is dumped is statistics. */
const SETTINGS: ReadonlySet<number> = new Set([
  TCA_ACT_KIND,
  TCA_ACT_OPTIONS,
  TCA_ACT_COOKIE,
  TCA_ACT_FLAGS,
  TCA_ACT_HW_STATS,
]);

/** `struct tc_police` has its two rates (`struct tc_ratespec`) and its reference counts here. */
const POLICE_RATE_OFFSET = 20;
const POLICE_PEAKRATE_OFFSET = 32;
const RATESPEC_RATE_OFFSET = 8;
const POLICE_COUNTS = [44, 48];
/** All others begin with `tc_gen`. */
const COUNTS = [12, 16];
const RATE_TABLE_LENGTH = 1024;
/** Any one that a table of 256 entries may have; qdisc_get_rtab refuses none at all. */
const CELL_LOG = 3;

interface ActionKind {
  /** The attribute with the structure that has index and reference counts; some have one of two. */
  readonly parms: readonly number[];
  /** Attributes that tell of the past: when it was used, and how often. */
  readonly past: readonly number[];
}

/** Kinds whose dump, sent back, makes the same action again: the numbers of linux/tc_act/. */
const KINDS: ReadonlyMap<string, ActionKind> = new Map<string, ActionKind>([
  ...kinds(['gact', 'mirred', 'skbedit', 'vlan', 'skbmod', 'simple', 'sample'], [2], [1]),
  ...kinds(['csum', 'nat', 'connmark'], [1], [2]),
  ...kinds(['pedit'], [2, 4], [1]),
  ...kinds(['ctinfo'], [3], [2, 8, 9, 10]),
  ...kinds(['police'], [TCA_POLICE_TBF], [TCA_POLICE_TM]),
]);

function kinds(
  names: readonly string[],
  parms: readonly number[],
  past: readonly number[],
): [string, ActionKind][] {
  return names.map((name) => [name, { parms, past }]);
}

/** What was found while something was recorded that cannot be put back, in words. */
export type Losses = string[];

/** A filter's actions without what changes by itself: statistics, and how many refer to each. */
export function recordActions(nest: Uint8Array, losses: Losses): Uint8Array {
  return editAttributes(nest, (_, action) => {
    losses.push(...lossesOf(action));
    return recordAction(action);
  });
}

function recordAction(action: Uint8Array): Uint8Array {
  const kind = kindOf(action);
  return editAttributes(action, (type, payload) => {
    if (type === TCA_ACT_OPTIONS) return recordOptions(kind, payload);
    return SETTINGS.has(type) ? payload : undefined;
  });
}

/** The same for the options of a `police` that a filter has in the old way, not among its actions. */
export function recordOldPolice(options: Uint8Array, losses: Losses): Uint8Array {
  losses.push(...policeLosses(options));
  return recordOptions('police', options);
}

/** What makes actions that are dumped as `recorded`. */
export function actionsToSend(recorded: Uint8Array): Uint8Array {
  return editAttributes(recorded, (_, action) => {
    if (kindOf(action) !== 'police') return action;
    return editAttributes(action, (type, payload) =>
      type === TCA_ACT_OPTIONS ? policeToSend(payload) : payload,
    );
  });
}

/**
 * The kernel wants the tables of former times, of which it uses nothing but that they are there
 * (tcf_police_init), and tells none.
 */
export function policeToSend(recorded: Uint8Array): Uint8Array {
  const tbf = Attributes.read(recorded).bytes(TCA_POLICE_TBF);
  const rates = [
    { at: POLICE_RATE_OFFSET, table: TCA_POLICE_RATE },
    { at: POLICE_PEAKRATE_OFFSET, table: TCA_POLICE_PEAKRATE },
  ].filter(({ at }) => u32At(tbf, at + RATESPEC_RATE_OFFSET) > 0);
  const withCells = editAttributes(recorded, (type, payload) => {
    if (type !== TCA_POLICE_TBF) return payload;
    const copy = payload.slice();
    for (const { at } of rates) copy[at] = CELL_LOG;
    return copy;
  });
  return rates.reduce(
    (options, { table }) => withAttribute(options, table, new Uint8Array(RATE_TABLE_LENGTH)),
    withCells,
  );
}

/** An action among others in this namespace. */
export interface Action {
  readonly kind: string;
  readonly index: number;
  /** What it does, without its index. */
  readonly settings: string;
}

/** What one action is, by its attributes as they are dumped or recorded. */
export function readAction(action: Uint8Array): Action {
  const kind = kindOf(action);
  const parms = parmsOf(action);
  const recorded = withIndex(recordAction(action), () => 0);
  return {
    kind,
    index: u32At(parms),
    settings: Buffer.from(recorded).toString('base64'),
  };
}

/** A filter's actions, with other indices. */
export function withIndices(
  nest: Uint8Array,
  indexOf: (kind: string, index: number) => number,
): Uint8Array {
  return editAttributes(nest, (_, action) => withIndex(action, indexOf));
}

function withIndex(
  action: Uint8Array,
  indexOf: (kind: string, index: number) => number,
): Uint8Array {
  const kind = kindOf(action);
  const parms = KINDS.get(kind)?.parms ?? [];
  return editAttributes(action, (type, payload) => {
    if (type !== TCA_ACT_OPTIONS) return payload;
    return editAttributes(payload, (option, value) =>
      parms.includes(option) ? withU32s(value, new Map([[0, indexOf(kind, u32At(value))]])) : value,
    );
  });
}

function parmsOf(action: Uint8Array): Uint8Array | undefined {
  const options = Attributes.read(action).nested(TCA_ACT_OPTIONS);
  const parms = KINDS.get(kindOf(action))?.parms ?? [];
  return parms.map((type) => options?.bytes(type)).find((bytes) => bytes !== undefined);
}

function recordOptions(kind: string, options: Uint8Array): Uint8Array {
  const { parms, past } = KINDS.get(kind) ?? { parms: [], past: [] };
  const zeros = (kind === 'police' ? POLICE_COUNTS : COUNTS).map((at) => [at, 0] as const);
  return editAttributes(options, (type, payload) => {
    if (past.includes(type)) return undefined;
    return parms.includes(type) ? withU32s(payload, new Map(zeros)) : payload;
  });
}

function lossesOf(action: Uint8Array): string[] {
  const attributes = Attributes.read(action);
  const kind = kindOf(action);
  const options = attributes.bytes(TCA_ACT_OPTIONS) ?? new Uint8Array();
  if (!KINDS.has(kind)) return [`its action ${kind} is of a kind that netweir cannot put back`];
  if (u32At(attributes.bytes(TCA_ACT_IN_HW_COUNT)) > 0) {
    return [`its action ${kind} is offloaded to hardware`];
  }
  if (attributes.nested(TCA_ACT_STATS)?.has(TCA_STATS_RATE_EST)) {
    return [`its action ${kind} has a rate estimator, whose settings the kernel does not tell`];
  }
  if (kind === 'police') return policeLosses(options);
  if (kind === 'mirred' && isWithoutTarget(options)) {
    return ['its action mirred leads to an interface that is gone'];
  }
  return [];
}

function policeLosses(options: Uint8Array): string[] {
  if (!Attributes.read(options).has(TCA_POLICE_AVRATE)) return [];
  return ['its police has an avrate, whose estimator the kernel does not tell'];
}

function isWithoutTarget(options: Uint8Array): boolean {
  const attributes = Attributes.read(options);
  const ifindex = u32At(attributes.bytes(TCA_MIRRED_PARMS), MIRRED_IFINDEX_OFFSET);
  return ifindex === 0 && !attributes.has(TCA_MIRRED_BLOCKID);
}

function kindOf(action: Uint8Array): string {
  return Attributes.read(action).string(TCA_ACT_KIND) ?? '';
}
