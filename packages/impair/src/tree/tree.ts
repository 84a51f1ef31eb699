import { randomBytes } from 'node:crypto';
import {
  type Direction,
  directionOf,
  isHostName,
  type Mechanism,
  type MechanismCounters,
  NetweirError,
  summarize,
  type TrafficMatch,
} from '@netweir/api';
import {
  type FilterOptions,
  getLinkMtu,
  KernelError,
  listQdiscs,
  type Netem,
  type NetlinkSocket,
  type Pfifo,
  type Qdisc,
  type QdiscList,
  type QdiscOptions,
  rootQdisc,
  type Tbf,
} from '@netweir/kernel';
import type { Setting, Slot, Way } from '../journal/entry.ts';
import { directionOfNetem, isSameNetem } from '../mechanism/netem.ts';
import { directionOfTbf, isSameTbf } from '../mechanism/tbf.ts';
import { rootOf } from '../original/original.ts';
import { type Abilities, type Classifier, isOurs, OUR_ROOT } from '../plan.ts';
import { remembered } from '../remembered.ts';
import { filtersOf } from '../traffic/filters.ts';
import { termsOf } from '../traffic/term.ts';
import { exactOf, keyOfMatch, type WayRule, type WayWanted, wayOf } from '../way.ts';
import { type ExactRule, type ExactWay, leafHandle, planTree, type TreePlan } from './plan-tree.ts';
import { BASE_MINOR } from './slots.ts';

const DEFAULT_MTU = 1500;
// linux/if_ether.h
const ETH_P_ARP = 0x0806;
/** The ethertype, in the two bytes before the network header. */
const ARP_KEY = { offset: -4, mask: 0x0000_ffff, value: ETH_P_ARP };

/** An interface whose root is ours to set: one that is impaired, or the ifb through which it receives. */
export interface Device {
  readonly netlink: NetlinkSocket;
  readonly ifindex: number;
  /** For messages: the name of the interface that is impaired. */
  readonly interface: string;
}

/** What our tree on a device was given last. */
export interface TreeSetting {
  readonly setting: Setting;
  readonly slots: readonly Slot[];
}

/** What a tree of ours does to packets of one direction. */
export interface WayReport {
  readonly base: Direction | null;
  readonly mechanism: Mechanism;
  readonly counters: MechanismCounters | null;
  /** In the order of `wayOf`; `null` where a rule's packets pass untouched. */
  readonly rules: readonly RuleReport[];
}

export interface RuleReport {
  readonly direction: Direction | null;
  readonly counters: MechanismCounters | null;
}

/** How a device comes to do what is wanted. @throws NetweirError */
export function planDevice(
  device: Device,
  way: Way,
  wanted: WayWanted,
  root: Qdisc | undefined,
  before: TreeSetting | undefined,
  abilities: Abilities,
): TreePlan {
  const former = before && wayOf(before.setting, way);
  const { classifier } = abilities;
  return planTree({
    ifindex: device.ifindex,
    interface: device.interface,
    mtu: mtuOf(device),
    wanted: exactWay(wanted, way, classifier),
    root,
    before:
      before && former
        ? { way: exactWay(former, way, classifier), slots: before.slots }
        : undefined,
    freshSeed: abilities.netemSeed ? randomBytes(8).readBigUInt64LE() : 0n,
    abilities,
  });
}

/** That of an interface that is yet to be made is the kernel's default. */
function mtuOf({ netlink, ifindex }: Device): number {
  try {
    return netlink.query(getLinkMtu({ ifindex }))[0] ?? DEFAULT_MTU;
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENODEV') return DEFAULT_MTU;
    throw error;
  }
}

/** What is wanted now is what was there before in the next change. */
function exactWay(wanted: WayWanted, way: Way, classifier: Classifier | undefined): ExactWay {
  const known = KNOWN.get(wanted);
  if (known?.way === way && known.classifier === classifier) return known.exact;
  const exact = computeExactWay(wanted, way, classifier);
  KNOWN.set(wanted, { way, classifier, exact });
  return exact;
}

interface KnownWay {
  readonly way: Way;
  readonly classifier: Classifier | undefined;
  readonly exact: ExactWay;
}

const KNOWN = new WeakMap<WayWanted, KnownWay>();

function computeExactWay(
  { base, rules, addresses }: WayWanted,
  way: Way,
  classifier: Classifier | undefined,
): ExactWay {
  const all = rules.map((rule) => {
    if (!classifier) throw lacksClassifier();
    return exactRule(rule, addresses, FILTERS[classifier][way]);
  });
  const hasUntouched = all.some(({ direction }) => direction === null);
  return {
    base: base && exactOf(base),
    rules: hasUntouched && classifier ? [...all, resolution(classifier)] : all,
  };
}

/** Who is to be reached has to be found: no rule matches ARP, which passes untouched where anything does. */
function resolution(classifier: Classifier): ExactRule {
  const filter: FilterOptions =
    classifier === 'flower'
      ? { kind: 'flower', ethType: ETH_P_ARP }
      : { kind: 'u32', keys: [ARP_KEY] };
  return { key: 'arp', filters: [filter], direction: null };
}

interface Matched {
  readonly match: TrafficMatch;
  /** Of its host names. */
  readonly addresses: readonly (readonly [host: string, addresses: readonly string[]])[];
}

type RuleFilters = Pick<ExactRule, 'key' | 'filters'>;

interface FiltersOf {
  /** Of rules without host names. */
  readonly unnamed: WeakMap<WayRule, ExactRule>;
  readonly match: (match: TrafficMatch) => RuleFilters;
  readonly named: (of: Matched) => RuleFilters;
}

const FILTERS: Readonly<Record<Classifier, Readonly<Record<Way, FiltersOf>>>> = {
  flower: { egress: ruleFilters('flower', 'egress'), ingress: ruleFilters('flower', 'ingress') },
  u32: { egress: ruleFilters('u32', 'egress'), ingress: ruleFilters('u32', 'ingress') },
};

/** Whose host names are looked up anew is another rule whenever their addresses are others. */
function exactRule(rule: WayRule, addresses: WayWanted['addresses'], of: FiltersOf): ExactRule {
  const known = of.unnamed.get(rule);
  if (known) return known;
  const { match, direction } = rule;
  const named = match.remote?.filter(isHostName) ?? [];
  const { key, filters } =
    named.length === 0
      ? of.match(match)
      : of.named({ match, addresses: named.map((host) => [host, addresses[host] ?? []]) });
  const exact = { key, filters, direction: direction && exactOf(direction) };
  if (named.length === 0) of.unnamed.set(rule, exact);
  return exact;
}

function ruleFilters(classifier: Classifier, way: Way): FiltersOf {
  const compute = ({ match, addresses }: Matched): RuleFilters => {
    const filters = filtersOf(termsOf(match, new Map(addresses), way), classifier);
    return { key: `${keyOfMatch(match)} ${JSON.stringify(filters)}`, filters };
  };
  return {
    unnamed: new WeakMap(),
    match: remembered((match) => compute({ match, addresses: [] })),
    named: remembered(compute),
  };
}

/** The qdisc at the root of a device. */
export function rootAt({ netlink, ifindex }: Device): Qdisc | undefined {
  return rootQdisc(netlink, ifindex);
}

/**
 * Carries out a plan, and sees that the kernel took the values. Returns what is there then.
 *
 * @throws KernelError, NetweirError
 */
export function carryOut(device: Device, { requests, expected }: TreePlan): QdiscList {
  for (const error of device.netlink.batch(requests)) if (error) throw error;
  const list = listQdiscs(device.netlink, device.ifindex);
  const found = byHandle(list.qdiscs);
  for (const { handle, parent, options } of expected) {
    const qdisc = found.get(handle);
    if (qdisc?.parent === parent && isSame(qdisc.options, options)) continue;
    const described = qdisc && describe(qdisc, undefined);
    throw new NetweirError(
      'read-back-differs',
      `the kernel took other values for ${device.interface} than those sent: it has ${(described && summarize(described)) || qdisc?.kind || 'nothing'}`,
    );
  }
  return list;
}

/** What a tree of ours does; undefined where the root is not ours. The setting tells what the kernel does not. */
export function readTree(
  qdiscs: readonly Qdisc[],
  way: Way,
  before: TreeSetting | undefined,
): WayReport | undefined {
  const root = rootOf(qdiscs);
  if (!isOurs(root)) return undefined;
  const asked = before ? wayOf(before.setting, way) : null;
  const leaves = byHandle(qdiscs);
  const base = root.kind === 'htb' ? leaves.get(leafHandle(BASE_MINOR)) : root;
  const rules = root.kind === 'htb' ? (asked?.rules ?? []) : [];
  return {
    base: base ? describe(base, asked?.base) : null,
    mechanism: mechanismOf(qdiscs),
    counters: base ? countersOf(base) : null,
    rules: rules.map(({ direction }, index) => {
      const minor = before?.slots[index]?.minor ?? 0;
      const leaf = minor === 0 ? undefined : leaves.get(leafHandle(minor));
      return {
        direction: leaf ? describe(leaf, direction) : null,
        counters: leaf ? countersOf(leaf) : null,
      };
    }),
  };
}

function mechanismOf(qdiscs: readonly Qdisc[]): Mechanism {
  return qdiscs.some(({ kind, handle }) => kind === 'netem' && isOurHandle(handle))
    ? 'netem'
    : 'tbf';
}

function isOurHandle(handle: number): boolean {
  return handle >>> 0 >= OUR_ROOT;
}

function describe(qdisc: Qdisc, asked: Direction | null | undefined): Direction | null {
  const { options } = qdisc;
  if (options?.kind === 'tbf') return shownTbf(options);
  if (options?.kind !== 'netem') return null;
  return directionOf(directionOfNetem(options, asked ? exactOf(asked) : undefined));
}

const shownTbf: (tbf: Tbf) => Direction = remembered((tbf) => directionOf(directionOfTbf(tbf)));

function countersOf({ stats }: Qdisc): MechanismCounters | null {
  if (!stats) return null;
  return {
    sentBytes: stats.bytes,
    sentPackets: stats.packets,
    droppedPackets: stats.drops,
    queuedPackets: stats.qlen,
    queuedBytes: stats.backlogBytes,
  };
}

function byHandle(qdiscs: readonly Qdisc[]): ReadonlyMap<number, Qdisc> {
  return new Map(qdiscs.map((qdisc) => [qdisc.handle, qdisc]));
}

function isSame(found: QdiscOptions | undefined, expected: Netem | Tbf | Pfifo): boolean {
  switch (expected.kind) {
    case 'netem':
      return found?.kind === 'netem' && isSameNetem(found, expected);
    case 'tbf':
      return found?.kind === 'tbf' && isSameTbf(found, expected);
    case 'pfifo':
      return found?.kind === 'pfifo' && found.limitPackets === expected.limitPackets;
  }
}

function lacksClassifier(): NetweirError {
  return new NetweirError(
    'kernel-lacks-feature',
    'this kernel cannot tell packets apart by its own means, which rules need',
    {
      remedy:
        'Leave the engine to netweir (auto), or use a kernel with sch_htb and cls_flower or cls_u32.',
    },
  );
}
