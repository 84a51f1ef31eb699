import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const page = readFileSync(new URL('../../../docs/labs.md', import.meta.url), 'utf8');

function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(page) ?? [];
  assert.ok(text !== undefined, language);
  return text;
}

test('the example of docs/labs.md prints what the page says', () => {
  // Here the name of the package leads to the package.
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const args = ['--input-type=module', '-e', block('js')];
  assert.equal(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }), block('text'));
});
