import Table from 'cli-table3';
import { printable } from './text.ts';

const GAP = 2;
const NARROWEST = 12;

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be wrapped where the line is too short for all columns. */
  readonly flexible?: boolean;
  readonly paint?: (text: string) => string;
}

/** Rows under one heading. */
export interface Group {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export interface TableOptions {
  /** Characters in a line; undefined for as many as needed. */
  readonly width: number | undefined;
  readonly paintTitle: (text: string) => string;
}

const NO_BORDER = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/** A table without lines, its rows grouped under headings; columns without content are left out. */
export function renderTable(
  columns: readonly Column[],
  groups: readonly Group[],
  { width, paintTitle }: TableOptions,
): string {
  const rows = groups.flatMap((group) => group.rows);
  const filled = columns
    .map((column, at) => ({ column, at }))
    .filter(({ at }) => rows.some((row) => row[at]));
  const widths = shrink(
    filled.map(({ column, at }) => ({
      width: widest([column.title, ...rows.map((row) => row[at] ?? '')]),
      flexible: column.flexible === true,
    })),
    width,
  );
  const draw = (cells: readonly (readonly string[])[]): string =>
    drawCells(
      cells,
      widths,
      filled.map(({ column }) => column.align ?? 'left'),
    );
  const head = draw([filled.map(({ column }) => paintTitle(column.title))]);
  const blocks = groups.map((group) => {
    const cells = group.rows.map((row) =>
      filled.map(({ column: { paint }, at }) => {
        const text = printable(row[at] ?? '');
        return paint && text !== '' ? paint(text) : text;
      }),
    );
    return `${paintTitle(printable(group.title))}\n${draw(cells)}`;
  });
  return `${[head, ...blocks].join('\n')}\n`;
}

function drawCells(
  cells: readonly (readonly string[])[],
  widths: readonly number[],
  alignments: ('left' | 'right')[],
): string {
  const table = new Table({
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colWidths: widths.map((width) => width + GAP),
    colAligns: alignments,
    wordWrap: true,
  });
  for (const row of cells) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Takes from the widest flexible column until the line is short enough or nothing can be taken. */
function shrink(
  columns: readonly { readonly width: number; readonly flexible: boolean }[],
  limit: number | undefined,
): number[] {
  const widths = columns.map(({ width }) => width);
  if (limit === undefined) return widths;
  const total = (): number => widths.reduce((sum, width) => sum + width + GAP, -GAP);
  while (total() > limit) {
    const candidates = widths.map((width, at) =>
      columns[at]?.flexible && width > NARROWEST ? width : 0,
    );
    const largest = Math.max(0, ...candidates);
    if (largest === 0) break;
    widths[candidates.indexOf(largest)] = largest - 1;
  }
  return widths;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, [...printable(text)].length), 0);
}
