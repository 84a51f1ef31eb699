import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UndoBook } from './undo-book.ts';

test('the last state of each interface is kept, and told of', () => {
  const book = new UndoBook();
  const eth0 = { space: 'host', interface: 'eth0' };
  let told = 0;
  const stop = book.subscribe(() => told++);
  const former = { impairment: { egress: { delay: { mean: '1ms' } } }, expiresAt: null };
  book.remember(eth0, { impairment: null, expiresAt: null });
  book.remember(eth0, former);
  stop();
  book.remember({ space: 'host', interface: 'eth1' }, former);
  assert.equal(told, 2);
  assert.equal(book.of(eth0), former);
  assert.equal(book.of({ space: 'netns:a', interface: 'eth0' }), undefined);
});
