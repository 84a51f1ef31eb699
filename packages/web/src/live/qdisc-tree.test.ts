import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QdiscSummary } from '@netweir/api';
import { qdiscTree } from './qdisc-tree.ts';

const qdisc = (kind: string, handle: string, parent: string): QdiscSummary => ({
  kind,
  handle,
  parent,
  ours: false,
});
const depths = (...qdiscs: QdiscSummary[]): string[] =>
  qdiscTree(qdiscs).map(({ qdisc: { kind }, depth }) => `${depth} ${kind}`);

test('a qdisc stands under the one whose class it hangs on', () => {
  const tree = depths(
    qdisc('netem', '10:', '1:10'),
    qdisc('htb', '1:', 'root'),
    qdisc('fq', '20:', '10:1'),
    qdisc('clsact', 'ffff:', 'clsact'),
  );
  assert.deepEqual(tree, ['0 htb', '1 netem', '2 fq', '0 clsact']);
});

test('kernel defaults without a handle stand beside each other', () => {
  assert.deepEqual(depths(qdisc('mq', '0:', 'root'), qdisc('pfifo_fast', '0:', '0:1')), [
    '0 mq',
    '0 pfifo_fast',
  ]);
});
