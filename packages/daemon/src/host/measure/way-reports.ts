import type { ImpairmentReport } from '@netweir/api';
import { describeQdiscs, type MeasuredWay, type Passage, type Reachable } from '@netweir/impair';
import { keyOf, reachable } from '../reach.ts';
import type { FoundEnds } from './ends.ts';
import type { Passing, Walk } from './way.ts';

/** Qdiscs that delay, drop or shape what passes them. */
const SHAPING: ReadonlySet<string> = new Set([
  'netem',
  'tbf',
  'htb',
  'hfsc',
  'cake',
  'red',
  'pie',
  'codel',
]);

/** What is set on the way at this moment; each interface is asked once. */
export function wayBetween(
  { forward, backward, to }: FoundEnds,
  reportOf: (at: Reachable) => ImpairmentReport,
): MeasuredWay {
  const reports = new Map<string, ImpairmentReport>();
  const passageOf = ({ space, interface: one, direction }: Passing): Passage => {
    const at = reachable(space, one);
    const report = reports.get(keyOf(at)) ?? reportOf(at);
    reports.set(keyOf(at), report);
    return { report, direction };
  };
  const all = [...forward.passings, ...backward.passings];
  return {
    forward: forward.passings.map(passageOf),
    backward: backward.passings.map(passageOf),
    isKnown: to.space !== undefined && isWhole(forward) && isWhole(backward),
    foreign: [...new Set(all.flatMap(foreignOf))],
  };
}

function isWhole({ arrival }: Walk): boolean {
  return arrival !== undefined;
}

function foreignOf({ space, interface: one }: Passing): string[] {
  const found = describeQdiscs(one.qdiscs).find(({ kind, ours }) => !ours && SHAPING.has(kind));
  return found ? [`${found.kind} on ${space.id}/${one.name}`] : [];
}
