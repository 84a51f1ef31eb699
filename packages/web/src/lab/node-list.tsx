import { type ReactNode, useId } from 'react';
import { NODE_ICONS } from './graph/node-icons.ts';
import classes from './labs.module.css';
import { type LabEdge, type LabModel, type LabNode, STATUS_TEXTS } from './model/lab-model.ts';
import { idOf, type Subject } from './model/place.ts';
import { conditionText, IP_TEXTS, marksOf } from './model/words.ts';

export interface NodeListProps {
  readonly model: LabModel;
  readonly subject: Subject | undefined;
  readonly onOpen: (subject: Subject) => void;
}

/** The graph in words: every node with its links, for whom a drawing is nothing or too small. */
export function NodeList({ model, subject, onOpen }: NodeListProps): ReactNode {
  const id = useId();
  const opened = subject && idOf(subject);
  const links = new Map<string, LabEdge[]>();
  for (const edge of model.edges) {
    const at = edge.subject.kind === 'link' ? edge.to : edge.from;
    links.set(at, [...(links.get(at) ?? []), edge]);
  }
  return (
    <section className={classes.nodes} aria-labelledby={id}>
      <h3 id={id}>Nodes and links</h3>
      <ul>
        {model.nodes.map((node) => {
          const Icon = NODE_ICONS[node.kind];
          return (
            <li key={node.id} data-node={node.id}>
              <button
                type="button"
                className={classes.nodeName}
                aria-current={opened === node.id}
                onClick={() => onOpen({ kind: 'node', node: node.id })}
              >
                <Icon size={15} aria-hidden />
                {node.id}
              </button>
              <span className="muted">{aboutOf(node)}</span>
              {(links.get(node.id) ?? []).map((edge) => (
                <button
                  key={edge.id}
                  type="button"
                  className={classes.linkName}
                  data-status={edge.status}
                  aria-current={opened === edge.id}
                  onClick={() => onOpen(edge.subject)}
                >
                  {linkText(edge)}
                </button>
              ))}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function aboutOf(node: LabNode): string {
  switch (node.kind) {
    case 'exchange':
      return 'exchange';
    case 'region':
      return ['region', node.is.ipv4].filter(Boolean).join(' · ');
    case 'router':
      return ['router', IP_TEXTS[node.is.ip], ...marksOf(node.is).map(({ text }) => text)].join(
        ' · ',
      );
    case 'device':
      return [node.is.ipv4, node.is.ipv6].filter(Boolean).join(' · ') || 'no address';
  }
}

function linkText({
  subject,
  name,
  from,
  to,
  status,
  isDefault,
  egress,
  ingress,
}: LabEdge): string {
  const [up, down] = [conditionText(egress), conditionText(ingress)];
  const what = subject.kind === 'link' ? `${name} to ${from}` : `to ${to}`;
  const does = up === down ? up : [up && `↑ ${up}`, down && `↓ ${down}`].filter(Boolean).join(' ');
  return [what, isDefault && 'default', status !== 'up' && STATUS_TEXTS[status], does]
    .filter(Boolean)
    .join(' · ');
}
