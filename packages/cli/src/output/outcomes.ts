import { type ImpairmentReport, type InterfaceRef, problemOf } from '@netweir/api';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { printError } from './errors.ts';
import { impairmentText } from './inventory.ts';
import { printJson } from './json.ts';
import { printable } from './text.ts';

/** Shows how each interface went: in words, what went well on stdout and the errors on stderr. */
export function showOutcomes<T>(
  { terminal, json }: Pick<Context, 'terminal' | 'json'>,
  outcomes: readonly Outcome<T>[],
  render: (value: T) => string,
): void {
  if (json) {
    printJson(terminal, jsonOf(outcomes));
    return;
  }
  for (const outcome of outcomes) {
    if (outcome.error) printError(terminal, outcome.error, about(outcome, outcomes.length));
    else terminal.out(render(outcome.value));
  }
}

/** What an interface does now, in a line. */
export function reportLine(report: ImpairmentReport): string {
  const text = impairmentText(report) || `clear${report.original ? ` (${report.original})` : ''}`;
  const confirm = report.provisionalUntil
    ? `\n  provisional: it ends in 30 s unless you say \`netweir confirm ${report.space}/${report.interface}\``
    : '';
  return printable(`${report.space}/${report.interface}: ${text}${confirm}\n`);
}

/**
 * A list with the report of each interface, or its problem document in its place; where there is
 * one interface and it failed, the problem itself.
 */
function jsonOf(outcomes: readonly Outcome<unknown>[]): unknown {
  const list = outcomes.map(({ ref, error, value }) =>
    error ? { ...problemOf(error), instance: nameOf(ref) } : value,
  );
  return outcomes.length === 1 && outcomes[0]?.error ? list[0] : list;
}

/** Which of several interfaces an error is about, where it does not say so itself. */
function about({ ref, error }: Outcome<unknown>, count: number): string | undefined {
  const name = nameOf(ref);
  return count === 1 || error?.message.includes(name) ? undefined : name;
}

function nameOf({ space, interface: name }: InterfaceRef): string {
  return `${space}/${name}`;
}
