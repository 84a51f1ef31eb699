import { LabChange, type LinkCondition } from '@netweir/api';
import type { Checked } from '../../form/check.ts';
import { type PerWay, WAY_NAMES, WAYS, type Way } from '../../form/ways.ts';
import type { LinkSubject } from './place.ts';
import { presetOf } from './words.ts';

/** What each way of a link does, as seen from its lower end or its first region. */
export type Conditions = PerWay<LinkCondition | null>;

/** Sets what a link does, both ways at once; where nothing is left the link is clean. */
export function conditionsChange(subject: LinkSubject, ways: Conditions): LabChange {
  const { egress, ingress } = ways;
  const conditions = egress === null && ingress === null ? null : { egress, ingress };
  if (subject.kind === 'link') {
    const { node, interface: name } = subject;
    return { type: 'conditions', node, interface: name, conditions };
  }
  return { type: 'region-link-conditions', between: [...subject.between], conditions };
}

/** What one way does: a preset's name, `custom`, or empty for nothing. */
export function choiceOf(condition: LinkCondition | null): string {
  return condition === null ? '' : (presetOf(condition) ?? 'custom');
}

/** What both ways do, or that it is `different`. */
export function choiceOfBoth({ egress, ingress }: Conditions): string {
  const [sends, receives] = [choiceOf(egress), choiceOf(ingress)];
  return sends === receives ? sends : 'different';
}

export type Detailed =
  | { readonly ok: true; readonly ways: Conditions }
  | { readonly ok: false; readonly reason: string };

/** What the detailed fields ask for: a way that they leave untouched keeps the preset that it has. */
export function detailedConditions(checked: PerWay<Checked>, now: Conditions): Detailed {
  const ways: Record<Way, LinkCondition | null> = { egress: null, ingress: null };
  for (const way of WAYS) {
    const one = checked[way];
    if (!one.ok)
      return { ok: false, reason: `A field under ${WAY_NAMES[way]} needs another value.` };
    const kept = typeof now[way] === 'string' ? now[way] : null;
    ways[way] = one.untouched ? kept : one.direction;
  }
  return { ok: true, ways };
}

/** A text as an MTU, or what is wrong with it. */
export function mtuChange(
  node: string,
  name: string,
  text: string,
): { readonly change: LabChange } | { readonly problem: string } {
  const parsed = LabChange.safeParse({
    type: 'mtu',
    node,
    interface: name,
    mtu: text.trim() === '' ? Number.NaN : Number(text),
  });
  return parsed.success
    ? { change: parsed.data }
    : { problem: 'Write a whole number from 68 to 65535.' };
}
