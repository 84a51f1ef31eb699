import { ContainerMatch, NetweirError, validate } from '@netweir/api';

/** What flags ask of containers: each a glob, labels as `name=glob` or `name` alone. */
export interface MatchFlags {
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly network?: string | undefined;
  readonly project?: string | undefined;
  readonly service?: string | undefined;
  readonly pod?: string | undefined;
  readonly labels?: readonly string[] | undefined;
}

/**
 * What the flags ask for, checked by the schema of the API; undefined where they ask for nothing.
 *
 * @throws NetweirError `invalid-request`
 */
export function containerMatchOf({ labels, ...globs }: MatchFlags): ContainerMatch | undefined {
  const given = Object.entries(globs).filter(([, glob]) => glob !== undefined);
  const match = { ...Object.fromEntries(given), ...(labels && { labels: labelsOf(labels) }) };
  if (Object.keys(match).length === 0) return undefined;
  return validate(ContainerMatch, match, 'what is asked of containers');
}

function labelsOf(texts: readonly string[]): Record<string, string> {
  const labels = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const glob = equals < 0 ? '*' : text.slice(equals + 1);
    if (name === '' || name.startsWith('--')) {
      throw wrong(`"${text}" names no label`, 'Write a label such as app=web, app=w* or app.');
    }
    if (labels.has(name)) {
      throw wrong(`the label ${name} is asked for twice`, 'Ask once, with a glob for its value.');
    }
    labels.set(name, glob);
  }
  return Object.fromEntries(labels);
}

function wrong(message: string, remedy: string): NetweirError {
  return new NetweirError('invalid-request', message, { remedy });
}
