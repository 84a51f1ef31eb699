/** A link by its lower end, a link between two regions, or a node. */
export type LinkSubject =
  | { readonly kind: 'link'; readonly node: string; readonly interface: string }
  | { readonly kind: 'region-link'; readonly between: readonly [string, string] };

/** What of a lab is open beside its graph. */
export type Subject = { readonly kind: 'node'; readonly node: string } | LinkSubject;

/** What of the labs is shown; without a lab, all of them. */
export interface LabPlace {
  readonly lab: string | undefined;
  readonly subject: Subject | undefined;
}

/** No space has an id like that, so that it stands beside `#netns:client/eth0`. */
const ROOT = 'labs';
/** Is in no name of a region. */
const BETWEEN = '~';

/**
 * The place that stands in a page's address: `#labs`, `#labs/LAB`, `#labs/LAB/NODE`,
 * `#labs/LAB/NODE/INTERFACE`, `#labs/LAB/REGION~REGION`; undefined for any other address.
 */
export function placeOf(hash: string): LabPlace | undefined {
  const [root, lab, first, second] = hash.replace(/^#/u, '').split('/').map(decoded);
  if (root !== ROOT) return undefined;
  return { lab: lab || undefined, subject: lab && first ? subjectOf(first, second) : undefined };
}

export function addressOf({ lab, subject }: LabPlace): string {
  const parts = [ROOT, ...(lab === undefined ? [] : [lab, ...(subject ? partsOf(subject) : [])])];
  return `#${parts.map(encodeURIComponent).join('/')}`;
}

/** The name that a subject is known by in a lab; that of a link is its edge's in the graph too. */
export function idOf(subject: Subject): string {
  return partsOf(subject).join('/');
}

/** The lab and the node that a space `lab:LAB/NODE` is. */
export function nodeOfSpace(space: string): { lab: string; node: string } | undefined {
  const found = /^lab:(?<lab>[^/]+)\/(?<node>.+)$/u.exec(space)?.groups;
  return found ? { lab: found.lab ?? '', node: found.node ?? '' } : undefined;
}

export function spaceOfNode(lab: string, node: string): string {
  return `lab:${lab}/${node}`;
}

function partsOf(subject: Subject): string[] {
  switch (subject.kind) {
    case 'node':
      return [subject.node];
    case 'link':
      return [subject.node, subject.interface];
    case 'region-link':
      return [subject.between.join(BETWEEN)];
  }
}

function subjectOf(first: string, second: string | undefined): Subject {
  if (second) return { kind: 'link', node: first, interface: second };
  const [a, b] = first.split(BETWEEN);
  return a && b ? { kind: 'region-link', between: [a, b] } : { kind: 'node', node: first };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
