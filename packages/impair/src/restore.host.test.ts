import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { failingAt, failure } from './meddled.test-support.ts';
import { makeImpairer, makeTbfWire } from './wire.test-support.ts';

const rate: Direction = { rate: { rate: '10mbit' } };

describe('restoring', () => {
  test('puts back every interface and reports each with its original', (t) => {
    const [one, two] = [makeTbfWire(t, 'n'), makeTbfWire(t, 'q')];
    const { impairer, stateDirectory } = one;
    two.tc('qdisc add dev v0 root handle 7: pfifo limit 77');
    const before = [one, two].map(({ shown }) => shown());
    for (const { at } of [one, two]) impairer.apply(at, rate, undefined);
    const report = makeImpairer(stateDirectory).restore(({ space }) =>
      space === one.at.space ? one.at : two.at,
    );
    assert.deepEqual(report, {
      restored: [
        { space: one.at.space, interface: 'v0', original: 'noqueue' },
        { space: two.at.space, interface: 'v0', original: 'pfifo 7:' },
      ],
      skipped: [],
      failed: [],
    });
    assert.deepEqual(
      [one, two].map(({ shown }) => shown()),
      before,
    );
    assert.deepEqual(impairer.entries(), []);
  });

  test('leaves alone what it is not asked for', (t) => {
    const { impairer, at, shown } = makeTbfWire(t, 's');
    impairer.apply(at, rate, undefined);
    const impaired = shown();
    const report = impairer.restore(
      () => at,
      ({ setting }) => setting.owner === 'daemon',
    );
    assert.deepEqual(report, { restored: [], skipped: [], failed: [] });
    assert.equal(shown(), impaired);
    assert.equal(impairer.entries().length, 1);
  });

  test('skips an interface that cannot be there any more, with the reason, and forgets it', (t) => {
    const { impairer, at } = makeTbfWire(t, 'u');
    impairer.apply(at, rate, undefined);
    const report = impairer.restore(() => 'the namespace is gone');
    assert.deepEqual(report.skipped, [
      { space: at.space, interface: 'v0', reason: 'the namespace is gone' },
    ]);
    assert.deepEqual(impairer.entries(), []);
  });

  test('skips what somebody else replaced, and what was never changed', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'v');
    impairer.apply(at, rate, undefined);
    tc('qdisc replace dev v0 root handle 9: pfifo limit 99');
    const foreign = shown();
    assert.match(impairer.restore(() => at).skipped[0]?.reason ?? '', /somebody else replaced/);
    assert.equal(shown(), foreign);
    impairer.apply(at, rate, undefined);
    tc('qdisc replace dev v0 root handle 9: pfifo limit 99');
    assert.equal(impairer.restore(() => at).skipped[0]?.reason, 'it is as it was already');
  });

  test('drops an entry of an earlier boot without a look at the interface', (t) => {
    const { impairer, at, shown, stateDirectory } = makeTbfWire(t, 'w');
    impairer.apply(at, rate, undefined);
    const impaired = shown();
    const path = join(stateDirectory, 'journal.ndjson');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(bootId, '00000000-0000-0000-0000-000000000000'));
    assert.deepEqual(impairer.entries(), []);
    const report = impairer.restore(() => assert.fail('it must not be looked for'));
    assert.match(report.skipped[0]?.reason ?? '', /started anew/);
    assert.equal(shown(), impaired);
    assert.ok(existsSync(path));
    assert.deepEqual(impairer.restore(() => at).skipped, []);
  });

  test('reports a failure, goes on with the others and keeps the entry', (t) => {
    const [one, two] = [makeTbfWire(t, 'x'), makeTbfWire(t, 'y')];
    const { impairer } = one;
    for (const { at } of [one, two]) impairer.apply(at, rate, undefined);
    const broken = failingAt(1, one);
    const report = impairer.restore(({ space }) => (space === one.at.space ? broken : two.at));
    assert.deepEqual(report.failed, [
      { space: one.at.space, interface: 'v0', error: failure.message },
    ]);
    assert.equal(report.restored.length, 1);
    assert.deepEqual(
      impairer.entries().map(({ place }) => place.space),
      [one.at.space],
    );
  });
});
