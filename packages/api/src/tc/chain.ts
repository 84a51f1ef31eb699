import type { BitsPerSecond } from '../units/quantity.ts';
import type { TcPart } from './part.ts';
import { rateOf } from './shaper.ts';
import type { TcClass, TcQdisc, TcTree } from './tree.ts';
import { contradiction } from './words.ts';

/** The length of a queue that htb gives a class by itself: the usual txqueuelen. */
const LEAF_PACKETS = 1000;

/** Where netem and tbf have their one child; tc takes `1:` for it, too. */
const ONLY_CLASS: readonly number[] = [0, 1];

/**
 * What a tree does to the packets that nothing classifies, from the root down.
 *
 * @throws NetweirError `invalid-combination` where there is more than that
 */
export function chainOf(tree: TcTree): TcPart[] {
  const root = tree.qdiscs.find(({ parent }) => parent === 'root');
  if (!root) {
    throw contradiction('nothing is at the root', 'Begin with `netem …`, `tbf …` or `htb …`.');
  }
  const used = new Set<TcQdisc | TcClass>();
  const parts = partsFrom(tree, root, used);
  const unused = [...tree.qdiscs, ...tree.classes].find((one) => !used.has(one));
  if (!unused) return parts;
  const name =
    'id' in unused
      ? `the class ${formatId(unused.id)}`
      : `the ${unused.kind} at ${formatId(unused.parent)}`;
  throw contradiction(
    `${name} gets none of the traffic that nothing classifies`,
    'Give what makes one direction; for part of the traffic netweir has rules.',
  );
}

function partsFrom(tree: TcTree, qdisc: TcQdisc, used: Set<TcQdisc | TcClass>): TcPart[] {
  used.add(qdisc);
  const { part, htb } = qdisc;
  const way = htb ? wayUp(tree, defaultClass(tree, qdisc, htb.defaultMinor)) : [];
  for (const one of way) used.add(one);
  const minors = htb ? [htb.defaultMinor] : ONLY_CLASS;
  const child = tree.qdiscs.find(
    ({ parent }) => isIn(parent, qdisc) && minors.includes(Number(parent) & 0xffff),
  );
  return [
    ...(part ? [part] : []),
    ...(htb ? [partOfClass(way)] : []),
    ...(child && !used.has(child) ? partsFrom(tree, child, used) : []),
  ];
}

/** Whether a class is one of a qdisc's; of a root for which no handle was chosen every class is. */
function isIn(id: number | 'root', { handle, parent }: TcQdisc): boolean {
  if (id === 'root') return false;
  return handle === undefined ? parent === 'root' : id >>> 16 === handle >>> 16;
}

function defaultClass(tree: TcTree, qdisc: TcQdisc, minor: number): TcClass {
  const found = tree.classes.find(({ id }) => isIn(id, qdisc) && (id & 0xffff) === minor);
  if (found && minor !== 0) return found;
  throw contradiction(
    'htb shapes nothing: its `default` is no class',
    'Name the class by `default`, whose number tc reads in hexadecimal.',
  );
}

/** A class and all above it. */
function wayUp(tree: TcTree, leaf: TcClass): TcClass[] {
  const way = [leaf];
  for (;;) {
    const above = tree.classes.find(({ id }) => id === way.at(-1)?.parent);
    if (!above || way.includes(above)) return way;
    way.push(above);
  }
}

function partOfClass(way: readonly TcClass[]): TcPart {
  const [leaf] = way;
  const bitPerSec = rateOfWay(way);
  return {
    kind: 'htb',
    exact: {
      ...(leaf && { rate: rateOf(bitPerSec, leaf.settings) }),
      limitPackets: LEAF_PACKETS,
      ecn: false,
    },
    notes: way.some(({ settings }) => settings.hasBursts)
      ? ["htb's bursts are not taken over: netweir sends at the rate, or chooses the bucket by it"]
      : [],
  };
}

/**
 * What a class sends when it is alone (net/sched/sch_htb.c): its rate or, by borrowing, what the one above it
 * sends up to its own ceil. One with nothing above it borrows nothing.
 */
function rateOfWay(way: readonly TcClass[]): BitsPerSecond {
  const rate = way.reduceRight(
    (above, { settings }) => Math.max(settings.bitPerSec, Math.min(settings.ceilBitPerSec, above)),
    0,
  );
  return rate as BitsPerSecond;
}

function formatId(id: number | 'root'): string {
  return id === 'root' ? id : `${(id >>> 16).toString(16)}:${(id & 0xffff).toString(16)}`;
}
