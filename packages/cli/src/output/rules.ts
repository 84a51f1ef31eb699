import type { ContainerMatch, NamedRule } from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { impairmentText } from './inventory.ts';
import { renderTable } from './table.ts';
import { printable } from './text.ts';

/** The rules as a table, in the order in which they are tried. */
export function renderRules(
  rules: readonly NamedRule[],
  terminal: Pick<Terminal, 'colors' | 'size'>,
): string {
  if (rules.length === 0) return 'no rules\n';
  const c = pc.createColors(terminal.colors);
  const rows = rules.map((named) => [
    named.name,
    matchText(named.rule.match),
    named.rule.interface ?? 'all but lo',
    doesText(named),
    named.source,
  ]);
  return renderTable(
    [
      { title: 'RULE' },
      { title: 'CONTAINERS', flexible: true },
      { title: 'INTERFACES' },
      { title: 'NETWEIR', flexible: true, paint: c.yellow },
      { title: 'SOURCE', expendable: true },
    ],
    [{ rows }],
    { width: terminal.size()?.columns, paintTitle: c.bold },
  );
}

/** A rule in a line. */
export function ruleLine(named: NamedRule): string {
  const { name, rule } = named;
  const where = rule.interface === undefined ? '' : `, interface ${rule.interface}`;
  return printable(`rule ${name}: ${doesText(named)} for ${matchText(rule.match)}${where}\n`);
}

function doesText({ rule: { impairment } }: NamedRule): string {
  const { egress = null, ingress = null, engine, for: lease } = impairment;
  const text = impairmentText({ egress, ingress, expiresAt: null });
  const more = [engine && `${engine} engine`, lease && `for ${lease}`].filter(Boolean).join(', ');
  return more === '' ? text : `${text} (${more})`;
}

function matchText({ labels = {}, ...globs }: ContainerMatch): string {
  return [
    ...Object.entries(globs).flatMap(([name, glob]) => (glob ? [`${name} ${glob}`] : [])),
    ...Object.entries(labels).map(([name, glob]) => `label ${name}=${glob}`),
  ].join(', ');
}
