import { type Direction, isUntouched, summarize, type TrafficRule } from '@netweir/api';
import { type Checked, checkDraft } from './check.ts';
import { type Draft, draftOf, EMPTY_DRAFT, setPaths } from './draft.ts';
import {
  type CheckedMatch,
  checkMatch,
  EMPTY_MATCH,
  type MatchDraft,
  matchDraftOf,
} from './match-draft.ts';
import { type PerWay, WAY_NAMES, WAYS } from './ways.ts';

/** A rule for part of the traffic, as it stands in the editor. */
export interface RuleDraft {
  /** Its own for as long as it is edited. */
  readonly id: number;
  readonly match: MatchDraft;
  readonly exclude: boolean;
  readonly ways: PerWay<Draft>;
}

export interface CheckedRule {
  readonly match: CheckedMatch;
  readonly ways: PerWay<Checked>;
  /** What is wrong with it, in one sentence; absent where nothing is. */
  readonly problem?: string;
  /** Present where nothing is wrong. */
  readonly rule?: TrafficRule;
}

let lastId = 0;

export function newRule(): RuleDraft {
  return {
    id: ++lastId,
    match: EMPTY_MATCH,
    exclude: false,
    ways: { egress: EMPTY_DRAFT, ingress: EMPTY_DRAFT },
  };
}

/** What a rule is made of, asked for or in force. */
export interface RuleParts {
  readonly match: TrafficRule['match'];
  readonly egress?: Direction | null | undefined;
  readonly ingress?: Direction | null | undefined;
  readonly exclude?: boolean | undefined;
}

export function ruleDraftOf({ match, egress, ingress, exclude = false }: RuleParts): RuleDraft {
  return {
    ...newRule(),
    match: matchDraftOf(match),
    exclude,
    ways: { egress: wayDraft(egress), ingress: wayDraft(ingress) },
  };
}

/** A direction that does nothing is not the same as none: it keeps the interface's own off its packets. */
function wayDraft(direction: Direction | null | undefined): Draft {
  if (!direction) return EMPTY_DRAFT;
  return draftOf(isUntouched(direction) ? { delay: { mean: '0ms' } } : direction);
}

/** Each rule as the contract judges it, and whether another one before it has the same match. */
export function checkRules(rules: readonly RuleDraft[]): readonly CheckedRule[] {
  const seen = new Set<string>();
  return rules.map((draft) => {
    const checked = checkRule(draft);
    if (!checked.rule) return checked;
    const key = JSON.stringify(checked.rule.match);
    if (!seen.has(key)) {
      seen.add(key);
      return checked;
    }
    const { rule: _, ...rest } = checked;
    return {
      ...rest,
      problem: 'A rule above has the same match, so this one would never be asked.',
    };
  });
}

function checkRule({ match: matchDraft, exclude, ways: drafts }: RuleDraft): CheckedRule {
  const match = checkMatch(matchDraft);
  const ways = { egress: checkDraft(drafts.egress), ingress: checkDraft(drafts.ingress) };
  if (!match.ok) return { match, ways, problem: 'The match needs another value.' };
  if (exclude) return { match, ways, rule: { match: match.match, exclude: true } };
  const rule: TrafficRule = { match: match.match };
  for (const way of WAYS) {
    const checked = ways[way];
    if (!checked.ok)
      return { match, ways, problem: `A field under ${WAY_NAMES[way]} needs another value.` };
    if (setPaths(drafts[way]).length > 0) rule[way] = checked.direction;
  }
  if (rule.egress || rule.ingress) return { match, ways, rule };
  return {
    match,
    ways,
    problem: 'Set a value in one of its directions, or leave this traffic alone.',
  };
}

/** `sends: delay 100ms`, `receives: loss 1%`, or that it passes untouched. */
export function effectSummary({ egress, ingress, exclude }: Omit<RuleParts, 'match'>): string {
  if (exclude) return 'passes untouched';
  const ways = { egress, ingress };
  return WAYS.flatMap((way) => {
    const direction = ways[way];
    return direction
      ? [`${WAY_NAMES[way].toLowerCase()}: ${summarize(direction) || 'untouched'}`]
      : [];
  }).join(' · ');
}

export function sameRules(one: readonly RuleDraft[], other: readonly RuleDraft[]): boolean {
  const text = (rules: readonly RuleDraft[]): string =>
    JSON.stringify(rules.map(({ id: _, ...rest }) => rest));
  return text(one) === text(other);
}

/** The list with one rule at another place: -1 is up, 1 is down. */
export function withMoved(
  rules: readonly RuleDraft[],
  id: number,
  by: -1 | 1,
): readonly RuleDraft[] {
  const from = rules.findIndex((rule) => rule.id === id);
  const rule = rules[from];
  const to = from + by;
  if (!rule || to < 0 || to >= rules.length) return rules;
  return rules.toSpliced(from, 1).toSpliced(to, 0, rule);
}
