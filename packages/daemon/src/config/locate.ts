import JSON5 from 'json5';

/** A place in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** White space and comments, texts, punctuation, and what is left: names, numbers and literals. */
const TOKEN =
  /(?<space>\s+|\/\/[^\n\r\u2028\u2029]*|\/\*.*?\*\/)|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}[\]:,]|[^\s{}[\]:,"'/]+/gsu;

/** An object or an array that is being read, and which of its values is next. */
interface Level {
  readonly isObject: boolean;
  key: string | number;
  expectsKey: boolean;
}

/**
 * Where a value is in a JSON5 text that can be parsed: at its key, or at the element of an array.
 * Where there is no such value it is the innermost that there is on the way to it. Of a key that
 * is there twice it is the last, as for the parser.
 */
export function locate(text: string, path: readonly PropertyKey[]): Position {
  const levels: Level[] = [];
  let best = { depth: -1, offset: 0 };
  for (const { 0: token, index, groups } of text.matchAll(TOKEN)) {
    if (groups?.space !== undefined || !begins(token, levels)) continue;
    const depth = levels.length;
    const isOnTheWay = levels.every((level, at) => String(path[at]) === String(level.key));
    if (depth <= path.length && isOnTheWay && depth >= best.depth) best = { depth, offset: index };
    open(token, levels);
  }
  return positionOf(text, best.offset);
}

/** Whether a value begins here, at its key or its element; keeps the innermost level current. */
function begins(token: string, levels: Level[]): boolean {
  const level = levels.at(-1);
  if (token === '}' || token === ']') levels.pop();
  if (token === ',' && level?.isObject) level.expectsKey = true;
  else if (token === ',' && level) level.key = Number(level.key) + 1;
  if ('}],:'.includes(token)) return false;
  if (!level?.isObject) return true;
  if (!level.expectsKey) {
    open(token, levels);
    return false;
  }
  level.key = keyOf(token);
  level.expectsKey = false;
  return true;
}

function open(token: string, levels: Level[]): void {
  if (token === '{') levels.push({ isObject: true, key: '', expectsKey: true });
  if (token === '[') levels.push({ isObject: false, key: 0, expectsKey: false });
}

/** A name may hold escapes, too. */
function keyOf(token: string): string {
  return Object.keys(JSON5.parse<object>(`{${token}:0}`))[0] ?? '';
}

function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/u);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
