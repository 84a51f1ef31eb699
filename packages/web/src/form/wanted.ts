import { type EngineChoice, type Impairment, summarize } from '@netweir/api';
import { count } from '../text/format.ts';
import type { Checked } from './check.ts';
import { type Lease, leaseProblem, leaseTime } from './lease.ts';
import { allows, type HostMeans, offerOf } from './offer.ts';
import type { CheckedRule } from './rule-draft.ts';
import { type InForce, type PerWay, WAY_NAMES, WAYS, type Way } from './ways.ts';

/** What Apply would send, or why it is closed. */
export type Wanted =
  | { readonly ok: true; readonly impairment: Impairment }
  | { readonly ok: false; readonly reason: string };

/** What happens on the interface by which the page itself is reached. */
export type GuardChoice = NonNullable<Impairment['guard']>;

export interface Form {
  readonly checked: PerWay<Checked>;
  readonly rules: readonly CheckedRule[];
  readonly engine: EngineChoice;
  readonly lease: Lease;
  readonly persist: boolean;
  readonly guard: GuardChoice;
  readonly host: HostMeans | undefined;
}

/** Both directions and the rules as one impairment; a direction that the fields leave untouched is not in it. */
export function wantedFrom(form: Form): Wanted {
  const { rules: checkedRules, engine, lease, persist, guard } = form;
  const impairment: Impairment = {};
  for (const way of WAYS) {
    const problem = problemOf(form, way);
    if (problem !== undefined) return closed(problem);
    const one = form.checked[way];
    if (one.ok && !one.untouched) impairment[way] = one.direction;
  }
  const wrong = checkedRules.findIndex(({ rule }) => rule === undefined);
  if (wrong >= 0) return closed(`Rule ${wrong + 1}: ${checkedRules[wrong]?.problem ?? ''}`);
  const rules = checkedRules.flatMap(({ rule }) => rule ?? []);
  if (leaseProblem(lease) !== undefined) return closed('The time needs another value.');
  if (Object.keys(impairment).length === 0 && rules.every(({ exclude }) => exclude)) {
    return closed(
      rules.length > 0 ? 'Set a value that the rules make exceptions of.' : 'Set a value above.',
    );
  }
  const time = leaseTime(lease);
  return {
    ok: true,
    impairment: {
      ...impairment,
      ...(rules.length > 0 && { rules }),
      ...(engine !== 'auto' && { engine }),
      ...(time !== '' && { for: time }),
      ...(persist && { persist }),
      ...(guard !== 'auto' && { guard }),
    },
  };
}

function problemOf({ checked, engine, host }: Form, way: Way): string | undefined {
  const one = checked[way];
  const name = WAY_NAMES[way];
  if (!one.ok) return `A field under ${name} needs another value.`;
  if (one.untouched || allows(offerOf(host, engine, way), one.direction)) return undefined;
  return `The engine cannot do here what is set under ${name}.`;
}

/** `sends: delay 100ms`, `receives: loss 1%`: what Apply does, with what an empty direction ends. */
export function statementOf(impairment: Impairment, now: InForce): readonly string[] {
  const { rules, engine, for: time, persist, guard } = impairment;
  const ways = WAYS.map((way) => {
    const text = wayStatement(impairment, now, way);
    return text === undefined ? undefined : `${WAY_NAMES[way].toLowerCase()}: ${text}`;
  });
  return [
    ...ways,
    rules && count(rules.length, 'rule'),
    engine && `engine: ${engine}`,
    time && `for ${time}`,
    persist && 'persistent',
    guard && `guard: ${guard}`,
  ].filter((part) => typeof part === 'string');
}

function wayStatement(impairment: Impairment, now: InForce, way: Way): string | undefined {
  const direction = impairment[way];
  if (direction) return summarize(direction);
  return now[way] ? 'as before netweir' : undefined;
}

function closed(reason: string): Wanted {
  return { ok: false, reason };
}
