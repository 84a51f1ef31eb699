import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isRootless } from './endpoint.ts';

test('a socket of user 0 is root’s, but that of whose user namespace it is inside of one', () => {
  const address = { path: '/' };
  assert.equal(isRootless(address), false);
  const module = new URL('./endpoint.js', import.meta.url).href;
  const script = `import('${module}').then((it) => console.log(it.isRootless({ path: '/' })))`;
  const inAnother = ['--user', '--map-root-user', process.execPath, '-e', script];
  assert.equal(execFileSync('unshare', inAnother, { encoding: 'utf8' }), 'true\n');
});
