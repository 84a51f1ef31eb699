import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { ask, problemIn, type Running, start } from './running.test-helper.ts';

async function startWithPage(t: TestContext): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'netweir-page-'));
  t.after(() => rm(folder, { recursive: true }));
  const page = join(folder, 'dist');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><title>netweir</title>');
  await writeFile(join(page, 'assets', 'index-B0a1.js'), 'export {};');
  await writeFile(join(folder, 'outside.txt'), 'not for you');
  return start(t, page);
}

const HTML = { accept: 'text/html,application/xhtml+xml', authorization: '' };

describe('the page', () => {
  test('is served without a token and never from a cache', async (t) => {
    const { port } = await startWithPage(t);
    for (const path of ['/', '/index.html']) {
      const { status, headers, text } = await ask(port, { path, headers: HTML });
      assert.equal(status, 200);
      assert.match(headers['content-type'] ?? '', /^text\/html/u);
      assert.equal(headers['cache-control'], 'no-cache');
      assert.match(text, /<title>netweir/u);
    }
  });

  test('has files with a hash in their name, which may be kept for ever', async (t) => {
    const { port } = await startWithPage(t);
    const { status, headers } = await ask(port, { path: '/assets/index-B0a1.js', headers: HTML });
    assert.equal(status, 200);
    assert.match(headers['content-type'] ?? '', /javascript/u);
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  });

  test('answers addresses of its own that a person opens', async (t) => {
    const { port } = await startWithPage(t);
    const { status, headers, text } = await ask(port, { path: '/interfaces/host', headers: HTML });
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-cache');
    assert.match(text, /<title>netweir/u);
  });

  test('does not answer for a missing file, the API or another method', async (t) => {
    const { port } = await startWithPage(t);
    for (const asked of [
      { path: '/assets/missing.js', headers: { accept: '*/*' } },
      { path: '/api/v1/nothing', headers: { accept: 'text/html' } },
      { path: '/interfaces', method: 'POST', headers: { accept: 'text/html' } },
    ]) {
      const answer = await ask(port, asked);
      assert.equal(problemIn(answer).code, 'no-such-route');
    }
  });

  test('lets nobody out of its folder', async (t) => {
    const { port } = await startWithPage(t);
    for (const path of [
      '/../outside.txt',
      '/..%2foutside.txt',
      '/%2e%2e/outside.txt',
      '/assets/../../outside.txt',
      '/..%5coutside.txt',
    ]) {
      const { status, text } = await ask(port, { path });
      assert.ok(status >= 400, `${path}: ${status}`);
      assert.doesNotMatch(text, /not for you/u);
    }
  });

  test('says how to build it where it is not built', async (t) => {
    const { port } = await start(t);
    const { status, headers, text } = await ask(port, { path: '/', headers: HTML });
    assert.equal(status, 404);
    assert.match(headers['content-type'] ?? '', /^text\/plain/u);
    assert.match(text, /npm run build/u);
    assert.equal(problemIn(await ask(port, { path: '/x' })).code, 'no-such-route');
  });
});
