import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeImpairer, makeTbfWire } from '../wire.test-support.ts';

const RATE = { rate: { rate: '10mbit' } };

test('what the journal tells of a namespace that is gone is not done to the one that has its inode', (t) => {
  const { impairer, at, shown, stateDirectory } = makeTbfWire(t, 'reused');
  impairer.apply(at, RATE, undefined);
  const path = join(stateDirectory, 'journal.ndjson');
  const text = readFileSync(path, 'utf8');
  const cookie = /"namespaceCookie":"(\d+)"/u.exec(text)?.[1];
  assert.equal(cookie, String(at.netlink.namespaceCookie));
  // As if it had been written in another namespace, which had this inode before.
  writeFileSync(path, text.replace(`"${cookie}"`, `"${BigInt(cookie ?? 0) + 1_000_000n}"`));
  const other = makeImpairer(stateDirectory);
  assert.equal(other.report(at).original, null, 'our handle, but in no journal');
  const impaired = shown();
  assert.deepEqual(other.restore(() => at).skipped, [
    { space: at.space, interface: 'v0', reason: 'the namespace is gone' },
  ]);
  assert.equal(shown(), impaired);
});

test('entries of an earlier boot are dropped by whatever is restored next', (t) => {
  const { impairer, at, stateDirectory } = makeTbfWire(t, 'booted');
  impairer.apply(at, RATE, undefined);
  const path = join(stateDirectory, 'journal.ndjson');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/"bootId":"[^"]+"/u, '"bootId":"another"'),
  );
  const other = makeImpairer(stateDirectory);
  other.restore(
    () => at,
    () => false,
  );
  assert.match(readFileSync(path, 'utf8'), /the machine was started anew/u);
});
