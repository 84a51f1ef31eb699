type Path = readonly (string | number)[];

const HEADER = /^\s*(?<open>\[{1,2})(?<keys>[^\]]+)\]{1,2}\s*(?:#.*)?$/u;
const KEY = /^\s*(?<keys>(?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/u;
const PART = /"[^"]*"|'[^']*'|[\w-]+/gu;

/**
 * In which line of a TOML text something is written: that of the key, or of what it is in. Tables and
 * keys are found by how lines begin, which a text in quotes over several lines can pretend to.
 */
export function lineFinder(text: string): (path: Path) => number | undefined {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: Path = [];
  for (const [index, line] of text.split('\n').entries()) {
    const header = HEADER.exec(line)?.groups;
    const key = KEY.exec(line)?.groups;
    if (header) table = enter(parts(header.keys), header.open === '[[', counts);
    const path = key ? [...table, ...parts(key.keys)] : table;
    if ((header || key) && !lines.has(JSON.stringify(path))) {
      lines.set(JSON.stringify(path), index + 1);
    }
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

/** The path of a header's table: of an array's tables, the last one is meant. */
function enter(keys: readonly string[], appends: boolean, counts: Map<string, number>): Path {
  let path: Path = [];
  for (const [index, key] of keys.entries()) {
    path = [...path, key];
    const array = JSON.stringify(path);
    const isNew = appends && index === keys.length - 1;
    if (isNew) counts.set(array, (counts.get(array) ?? 0) + 1);
    const count = counts.get(array);
    if (count !== undefined) path = [...path, count - 1];
  }
  return path;
}

function parts(keys = ''): string[] {
  return [...keys.matchAll(PART)].map(([part]) => part.replace(/^(["'])(.*)\1$/u, '$2'));
}
