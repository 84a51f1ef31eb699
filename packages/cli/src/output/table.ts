import { printable } from './text.ts';

const GAP = '  ';
const NARROWEST = 12;

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be wrapped where the line is too short for all columns. */
  readonly flexible?: boolean;
  /** May be left out where wrapping is not enough; the rightmost goes first. */
  readonly expendable?: boolean;
  readonly paint?: (text: string) => string;
}

/** Rows, under a heading and lines that say more about it where there are any. */
export interface Group {
  readonly title?: string;
  readonly notes?: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface TableOptions {
  /** Characters in a line; undefined for as many as needed. */
  readonly width: number | undefined;
  readonly paintTitle: (text: string) => string;
  readonly paintNote?: (text: string) => string;
}

/** A column with its place in the rows and its width, in characters. */
interface Placed extends Column {
  readonly at: number;
  readonly width: number;
}

/** A table without lines, its rows grouped under headings; columns without content are left out. */
export function renderTable(
  columns: readonly Column[],
  groups: readonly Group[],
  { width, paintTitle, paintNote = paintTitle }: TableOptions,
): string {
  const rows = groups.flatMap((group) => group.rows);
  const placed = columns
    .map((column, at) => ({ ...column, at, width: widest(column, rows, at) }))
    .filter(({ at }) => rows.some((row) => row[at]));
  const fitting = width === undefined ? placed : shrink(omit(placed, width), width);
  const head = drawRow(
    fitting.map((column) => ({ ...column, paint: paintTitle })),
    columns.map(({ title }) => title),
  );
  const blocks = groups.flatMap((group) => [
    ...(group.title === undefined ? [] : [paintTitle(printable(group.title))]),
    ...(group.notes ?? []).flatMap((note) => drawNote(note, width).map(paintNote)),
    ...group.rows.map((row) => drawRow(fitting, row)),
  ]);
  return `${[head, ...blocks].join('\n')}\n`;
}

/** A note is indented, and its further lines are more so. */
function drawNote(note: string, width: number | undefined): string[] {
  const text = printable(note);
  const lines = width === undefined ? [text] : wrap(text, Math.max(NARROWEST, width - 4));
  return lines.map((line, index) => `${index === 0 ? '  ' : '    '}${line}`);
}

function widest({ title }: Column, rows: readonly (readonly string[])[], at: number): number {
  return rows.reduce((most, row) => Math.max(most, length(printable(row[at] ?? ''))), title.length);
}

/** Leaves out expendable columns as long as even the narrowest line is too long. */
function omit(columns: readonly Placed[], limit: number): readonly Placed[] {
  const least = columns.map((column) =>
    column.flexible ? { ...column, width: Math.min(column.width, NARROWEST) } : column,
  );
  const last = columns.findLastIndex(({ expendable }) => expendable);
  return last < 0 || total(least) <= limit ? columns : omit(columns.toSpliced(last, 1), limit);
}

/** Takes from the widest flexible column until the line is short enough or nothing can be taken. */
function shrink(columns: readonly Placed[], limit: number): readonly Placed[] {
  const excess = total(columns) - limit;
  const candidates = columns.map(({ flexible, width }) => (flexible ? width : 0));
  const largest = Math.max(0, ...candidates);
  if (excess <= 0 || largest <= NARROWEST) return columns;
  const at = candidates.indexOf(largest);
  return shrink(
    columns.map((column, index) => (index === at ? { ...column, width: largest - 1 } : column)),
    limit,
  );
}

function total(columns: readonly Placed[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);
}

function drawRow(columns: readonly Placed[], row: readonly string[]): string {
  const cells = columns.map(({ at, width }) => wrap(printable(row[at] ?? ''), width));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ width, align, paint }, index) => {
        const text = cells[index]?.[line] ?? '';
        const space = ' '.repeat(Math.max(0, width - length(text)));
        const painted = paint && text !== '' ? paint(text) : text;
        return align === 'right' ? space + painted : painted + space;
      })
      .join(GAP)
      .trimEnd(),
  ).join('\n');
}

/** Lines of at most `width` characters, broken at spaces, and within words that are longer. */
function wrap(text: string, width: number): string[] {
  if (length(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (length(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const characters = [...word];
    while (characters.length > width) lines.push(characters.splice(0, width).join(''));
    line = characters.join('');
  }
  return [...lines, line];
}

function length(text: string): number {
  return [...text].length;
}
