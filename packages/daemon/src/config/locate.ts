import JSON5 from 'json5';

/** A place in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** White space and comments, texts, punctuation, and what is left: names, numbers and literals. */
const TOKEN =
  /(?<space>\s+|\/\/[^\n\r\u2028\u2029]*|\/\*[^]*?\*\/)|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[{}[\]:,]|[^\s{}[\]:,"'/]+/gu;

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
  const offer = (offset: number): void => {
    const depth = levels.length;
    const isOnTheWay = levels.every(({ key }, index) => String(path[index]) === String(key));
    if (depth <= path.length && isOnTheWay && depth >= best.depth) best = { depth, offset };
  };
  for (const { 0: token, index, groups } of text.matchAll(TOKEN)) {
    if (groups?.space !== undefined) continue;
    const level = levels.at(-1);
    if (token === '}' || token === ']') levels.pop();
    else if (token === ':') continue;
    else if (token === ',') next(level);
    else if (level?.expectsKey) {
      level.key = keyOf(token);
      level.expectsKey = false;
      offer(index);
    } else {
      if (!level?.isObject) offer(index);
      if (token === '{') levels.push({ isObject: true, key: '', expectsKey: true });
      if (token === '[') levels.push({ isObject: false, key: 0, expectsKey: false });
    }
  }
  return positionOf(text, best.offset);
}

function next(level: Level | undefined): void {
  if (level?.isObject) level.expectsKey = true;
  else if (level) level.key = Number(level.key) + 1;
}

/** A name may hold escapes, too. */
function keyOf(token: string): string {
  return Object.keys(JSON5.parse<object>(`{${token}:0}`))[0] ?? '';
}

function positionOf(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/u);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
