import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const page = readFileSync(new URL('../../../docs/labs.md', import.meta.url), 'utf8');

function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page) ?? [];
  assert.ok(text !== undefined, language);
  return text;
}

test('the example of docs/labs.md prints what the page says', (t) => {
  // Here the name of the package leads to the package.
  const file = fileURLToPath(new URL(`./example-${process.pid}.mjs`, import.meta.url));
  writeFileSync(file, block('js'));
  t.after(() => rmSync(file));
  assert.equal(execFileSync(process.execPath, [file], { encoding: 'utf8' }), block('text'));
});
