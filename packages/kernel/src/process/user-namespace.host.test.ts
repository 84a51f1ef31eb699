import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isInitialUserNamespace } from './user-namespace.ts';

test('the user namespace that the machine started with is told from any other', () => {
  assert.equal(isInitialUserNamespace(), true);
  const module = new URL('./user-namespace.js', import.meta.url).href;
  const script = `import('${module}').then((it) => console.log(it.isInitialUserNamespace()))`;
  const inAnother = ['--user', '--map-root-user', process.execPath, '-e', script];
  assert.equal(execFileSync('unshare', inAnother, { encoding: 'utf8' }), 'false\n');
});
