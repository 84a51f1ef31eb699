/** Who asked for what is, or is not, on an interface: a rule by its name, `labels`, or null, a person. */
export function describeAuthor(rule: string | null): string {
  if (rule === null) return 'what was set before the container started anew';
  return rule === 'labels' ? 'what the labels ask for' : `the rule ${rule}`;
}
