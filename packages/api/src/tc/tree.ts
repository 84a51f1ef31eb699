import { type HtbClass, type HtbRoot, readHtb, readHtbClass } from './htb.ts';
import { readNetem } from './netem.ts';
import type { TcPart } from './part.ts';
import type { TcStatement } from './statements.ts';
import { readTbf } from './tbf.ts';
import { contradiction, unexpected } from './words.ts';

/** A qdisc of a tree, read. */
export interface TcQdisc {
  readonly kind: string;
  readonly parent: number | 'root';
  readonly handle: number | undefined;
  /** What netem or tbf does; undefined for htb. */
  readonly part: TcPart | undefined;
  /** Of htb alone. */
  readonly htb: HtbRoot | undefined;
}

export interface TcClass {
  readonly id: number;
  readonly parent: number;
  readonly settings: HtbClass;
}

/** What several statements make of one interface. */
export interface TcTree {
  readonly qdiscs: readonly TcQdisc[];
  readonly classes: readonly TcClass[];
}

const KINDS = 'Write netem, tbf or htb: what other kinds do is none of the impairments.';

/**
 * Reads the statements in their order; what deletes the root begins anew.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request`, `invalid-combination`
 */
export function treeOf(statements: readonly TcStatement[]): TcTree {
  const names = new Set(statements.flatMap((one) => one.interface ?? []));
  if (names.size > 1) {
    throw contradiction(
      `the lines are for several interfaces: ${[...names].join(', ')}`,
      'Give the lines of one interface; which one it is, the target says.',
    );
  }
  let qdiscs: TcQdisc[] = [];
  let classes: TcClass[] = [];
  for (const statement of statements) {
    if (statement.object === 'delete') {
      qdiscs = [];
      classes = [];
    } else if (statement.object === 'qdisc') {
      const kept = qdiscs.filter(({ parent }) => parent !== statement.parent);
      qdiscs = [...(statement.parent === 'root' ? [] : kept), qdiscOf(statement)];
    } else {
      classes = [...classes, classOf(statement)];
    }
  }
  return { qdiscs, classes };
}

type Made = Exclude<TcStatement, { object: 'delete' }>;

function qdiscOf({ kind, parent, handle, options }: Made): TcQdisc {
  const place = { kind, parent, handle, part: undefined, htb: undefined };
  switch (kind) {
    case 'netem':
      return { ...place, part: { kind, exact: readNetem(options), notes: [] } };
    case 'tbf':
      return { ...place, part: readTbf(options) };
    case 'htb':
      return { ...place, htb: readHtb(options) };
    default:
      throw unexpected(kind, KINDS);
  }
}

function classOf({ kind, parent, handle, options }: Made): TcClass {
  if (kind !== 'htb') throw unexpected(kind, 'Write htb: only its classes are read.');
  if (handle === undefined || parent === 'root') {
    throw contradiction(
      'a class needs its parent and classid',
      'Write them, such as `parent 1: classid 1:1`.',
    );
  }
  return { id: handle, parent, settings: readHtbClass(options) };
}
