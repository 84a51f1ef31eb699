import type { Code } from './run.ts';

/** What a module exports by default, or a function that travelled by its source. */
export async function load(code: Code): Promise<unknown> {
  if ('url' in code) return (await import(code.url)).default;
  return (await import(moduleOf(code.source))).default;
}

/** The source of a function as a module, whose `import()` then works as in any other. */
function moduleOf(source: string): string {
  const text = `export default ${asExpression(source)}`;
  return `data:text/javascript,${encodeURIComponent(text)}`;
}

/** A method's source lacks the word that makes it a function; that of other functions is an expression. */
function asExpression(source: string): string {
  const method = /^(async\s+)?(?!async\b|function\b)([\w$]+)\s*\(/;
  return `(${source.replace(method, (_, async = '', name) => `${async}function ${name}(`)})`;
}
