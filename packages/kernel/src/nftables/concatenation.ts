import { wordsOf } from './expression.ts';
import type { RuleDraft } from './rule-draft.ts';
import { type Selector, typeOf } from './selector.ts';

/**
 * Puts what the selectors give side by side into registers from the `word`th four bytes on, each padded
 * to four bytes. Returns the word behind them.
 */
export function loadConcatenation(
  rule: RuleDraft,
  selectors: readonly Selector[],
  word: number,
): number {
  // What a guard compares goes through the first register, which a selector may fill.
  for (const selector of selectors) selector.guard?.(rule);
  return loadGuarded(rule, selectors, word);
}

/** As `loadConcatenation`, of selectors whose guards the rule has. */
export function loadGuarded(rule: RuleDraft, selectors: readonly Selector[], word: number): number {
  let next = word;
  for (const selector of selectors) {
    selector.load(rule, next);
    next += wordsOf(typeOf(selector).length);
  }
  return next;
}
