import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isNetweirError } from '@netweir/api';
import { makeImpairer, makeTbfWire } from '../wire.test-support.ts';

const RATE = { rate: { rate: '10mbit' } };
const OTHER = { rate: { rate: '20mbit' } };

function refusedElsewhere(error: unknown): boolean {
  assert.ok(isNetweirError(error));
  assert.equal(error.code, 'changed-elsewhere');
  assert.match(error.remedy ?? '', /--replace/u);
  return true;
}

describe('what somebody else changes at what netweir has set', () => {
  test('is nothing as long as nobody does, whoever looks and whatever netweir changes', (t) => {
    const { impairer, at, stateDirectory } = makeTbfWire(t, 'same');
    impairer.apply(at, RATE, undefined);
    impairer.apply(at, OTHER, undefined);
    assert.equal(impairer.changedElsewhere(at), null);
    assert.equal(makeImpairer(stateDirectory).changedElsewhere(at), null);
  });

  test('is seen where a value was changed in place, and is not overwritten unless that is said', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'value');
    const before = shown();
    impairer.apply(at, RATE, undefined);
    tc('qdisc change dev v0 root handle 4e57: tbf rate 5mbit burst 10kb latency 50ms');
    const changed = shown();
    assert.match(impairer.changedElsewhere(at) ?? '', /has changed the qdiscs/u);
    assert.throws(() => impairer.apply(at, OTHER, undefined), refusedElsewhere);
    assert.throws(() => impairer.clear(at), refusedElsewhere);
    assert.equal(shown(), changed);
    impairer.apply(at, OTHER, undefined, { replace: true });
    assert.equal(impairer.changedElsewhere(at), null);
    impairer.clear(at);
    assert.equal(shown(), before);
  });

  test('is seen where another root stands in the place of ours, which --replace takes away again', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'root');
    tc('qdisc add dev v0 root handle 7: pfifo limit 77');
    const before = shown();
    impairer.apply(at, RATE, undefined);
    tc('qdisc del dev v0 root');
    tc('qdisc add dev v0 root handle 9: bfifo limit 90000');
    const changed = shown();
    assert.match(impairer.changedElsewhere(at) ?? '', /bfifo 9: in the place/u);
    assert.throws(() => impairer.apply(at, OTHER, undefined), refusedElsewhere);
    assert.throws(() => impairer.clear(at), refusedElsewhere);
    assert.equal(shown(), changed);
    impairer.clear(at, { replace: true });
    assert.equal(shown(), before);
    assert.deepEqual(impairer.entries(), []);
  });

  test('is seen where our qdisc was removed; that is in the way of nothing', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'gone');
    const before = shown();
    impairer.apply(at, RATE, undefined);
    tc('qdisc del dev v0 root');
    assert.match(impairer.changedElsewhere(at) ?? '', /has removed/u);
    impairer.apply(at, OTHER, undefined);
    assert.equal(impairer.changedElsewhere(at), null);
    impairer.clear(at);
    assert.equal(shown(), before);
  });

  test('is left alone by a restore, which says so', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'skip');
    impairer.apply(at, RATE, undefined);
    tc('qdisc replace dev v0 root handle 9: bfifo limit 90000');
    const changed = shown();
    const { skipped } = impairer.restore(() => at);
    assert.match(skipped[0]?.reason ?? '', /somebody else replaced/u);
    assert.equal(shown(), changed);
    assert.equal(impairer.changedElsewhere(at), null);
  });

  test('of a kill within a change is not taken for somebody else', (t) => {
    const { impairer, at, tc, stateDirectory } = makeTbfWire(t, 'killed');
    impairer.apply(at, RATE, undefined);
    tc('qdisc change dev v0 root handle 4e57: tbf rate 5mbit burst 10kb latency 50ms');
    const path = join(stateDirectory, 'journal.ndjson');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, lines.filter((line) => !line.includes('"type":"seen"')).join('\n'));
    const interrupted = makeImpairer(stateDirectory);
    assert.equal(interrupted.changedElsewhere(at), null);
    interrupted.apply(at, OTHER, undefined);
    assert.equal(interrupted.changedElsewhere(at), null);
  });
});
