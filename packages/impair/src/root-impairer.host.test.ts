import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Direction } from '@netweir/api';
import { deleteLink } from '@netweir/kernel';
import { measuredMbitPerSec } from './iperf.test-support.ts';
import { failingAt, failure, meddledAt } from './meddled.test-support.ts';
import {
  makeImpairer,
  makeTbfWire,
  makeWire,
  realAbilities,
  refusalOf,
  type Wire,
} from './wire.test-support.ts';

const rate: Direction = { rate: { rate: '10mbit' } };
const faster: Direction = { rate: { rate: '20mbit' } };
const delay: Direction = { delay: { mean: '100ms' } };

function journalText({ stateDirectory }: Wire): string {
  return readFileSync(join(stateDirectory, 'journal.ndjson'), 'utf8');
}

describe('a rate by tbf', () => {
  test('is put on, read back, changed and taken off', (t) => {
    const wire = makeTbfWire(t, 'a');
    const { impairer, at, shown, shownOptions } = wire;
    const before = shown();
    const expiresAt = new Date('2040-01-01T00:00:00Z');
    const report = impairer.apply(at, rate, expiresAt);
    assert.deepEqual(report.egress, rate);
    assert.equal(report.mechanism, 'tbf');
    assert.equal(report.owner, 'command');
    assert.equal(report.expiresAt, expiresAt.toISOString());
    const { kind, handle, options } = shownOptions();
    assert.deepEqual([kind, handle, options.rate], ['tbf', '4e57:', 1_250_000]);
    assert.deepEqual(impairer.apply(at, faster, undefined).egress, faster);
    assert.deepEqual([shownOptions().handle, shownOptions().options.rate], ['4e57:', 2_500_000]);
    assert.equal(impairer.entries().length, 1);
    assert.equal(impairer.report(at).expiresAt, null);
    const cleared = impairer.clear(at);
    assert.deepEqual([cleared.egress, cleared.mechanism, cleared.owner], [null, null, null]);
    assert.equal(shown(), before);
    assert.deepEqual(impairer.entries(), []);
  });

  test('is what iperf3 sees within 5%', async (t) => {
    const wire = makeTbfWire(t, 'z');
    wire.impairer.apply(wire.at, rate, undefined);
    const seen = await measuredMbitPerSec(t, wire);
    assert.ok(Math.abs(seen - 10) <= 0.5, `${seen} Mbit/s`);
  });

  test('is seen and taken off by another process', (t) => {
    const { impairer, at, stateDirectory, shown } = makeTbfWire(t, 'b');
    const before = shown();
    impairer.apply(at, rate, undefined);
    const another = makeImpairer(stateDirectory);
    assert.deepEqual(another.report(at).egress, rate);
    another.clear(at);
    assert.equal(shown(), before);
    assert.equal(impairer.clear(at).egress, null);
  });

  test('is on disk before the kernel is asked', (t) => {
    const wire = makeTbfWire(t, 'c');
    let journal = '';
    const at = meddledAt(1, wire, (requests) => {
      journal = journalText(wire);
      return wire.netlink.batch(requests);
    });
    wire.impairer.apply(at, rate, undefined);
    const [line] = journal.split('\n');
    assert.equal(JSON.parse(line ?? '').type, 'touched');
  });
});

/** tc commands that make an original; what they leave must be there again after clearing. */
const originals: Record<string, string[]> = {
  noqueue: [],
  'pfifo with a limit': ['qdisc add dev v0 root handle 7: pfifo limit 77'],
  'bfifo under a handle that the kernel chose': ['qdisc add dev v0 root bfifo limit 12345'],
  tbf: [
    'qdisc add dev v0 root handle 1: tbf rate 3mbit burst 5k latency 70ms peakrate 4mbit mtu 1600',
  ],
  'tbf with a leaf': [
    'qdisc add dev v0 root handle 1: tbf rate 3mbit burst 5k limit 20k',
    'qdisc add dev v0 parent 1:1 handle 10: pfifo limit 55',
  ],
  'htb with three classes and leaves': [
    'qdisc add dev v0 root handle 1: htb default 30 r2q 20',
    'class add dev v0 parent 1: classid 1:1 htb rate 10mbit ceil 20mbit burst 15k',
    'class add dev v0 parent 1:1 classid 1:20 htb rate 3mbit ceil 9mbit prio 2',
    'class add dev v0 parent 1:1 classid 1:30 htb rate 4mbit quantum 3000',
    'qdisc add dev v0 parent 1:20 handle 20: pfifo limit 21',
    'qdisc add dev v0 parent 1:30 handle 30: pfifo limit 31',
  ],
  'htb within htb': [
    'qdisc add dev v0 root handle 1: htb default 1',
    'class add dev v0 parent 1: classid 1:1 htb rate 10mbit',
    'qdisc add dev v0 parent 1:1 handle 2: htb default 5',
    'class add dev v0 parent 2: classid 2:5 htb rate 5mbit',
    'qdisc add dev v0 parent 2:5 handle 3: bfifo limit 9999',
  ],
  'clsact beside the root': [
    'qdisc add dev v0 root handle 7: pfifo limit 77',
    'qdisc add dev v0 clsact',
    'filter add dev v0 egress protocol ip prio 5 u32 match ip dport 9 0xffff action mirred egress redirect dev lo',
  ],
};

describe('clearing', () => {
  for (const [index, [name, commands]] of Object.entries(originals).entries()) {
    test(`puts back ${name} exactly`, (t) => {
      const { impairer, at, tc, shown } = makeTbfWire(t, `o${index}`);
      tc(...commands);
      const before = shown();
      const { original } = impairer.apply(at, rate, undefined);
      assert.notEqual(shown(), before);
      impairer.apply(at, faster, undefined);
      impairer.clear(at);
      assert.equal(shown(), before);
      assert.ok(before.includes(original === 'noqueue' ? 'noqueue' : `qdisc ${original}`));
    });
  }

  test('leaves a qdisc alone that somebody else put there, says so, and forgets it when all is restored', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'd');
    impairer.apply(at, rate, undefined);
    tc('qdisc replace dev v0 root handle 9: pfifo limit 99');
    const foreign = shown();
    const error = refusalOf(() => impairer.clear(at));
    assert.equal(error.code, 'changed-elsewhere');
    assert.match(error.message, /somebody else has put pfifo 9: in the place .* on v0/);
    assert.equal(shown(), foreign);
    assert.equal(impairer.entries().length, 1);
    assert.equal(impairer.restore(() => at).skipped.length, 1);
    assert.equal(shown(), foreign);
    assert.deepEqual(impairer.entries(), []);
    assert.equal(impairer.clear(at).egress, null);
    assert.equal(shown(), foreign);
  });

  test('takes away our own residue that no journal knows', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'e');
    const before = shown();
    tc('qdisc replace dev v0 root handle 4e57: tbf rate 1mbit burst 5k limit 20k');
    assert.equal(impairer.report(at).mechanism, 'tbf');
    assert.equal(impairer.clear(at).egress, null);
    assert.equal(shown(), before);
  });

  test('of an interface that is gone ends without an error', (t) => {
    const { impairer, at, netlink } = makeTbfWire(t, 'f');
    impairer.apply(at, rate, undefined);
    netlink.request(deleteLink({ ifindex: at.ifindex }));
    assert.equal(impairer.clear(at).egress, null);
    assert.deepEqual(impairer.entries(), []);
    assert.equal(refusalOf(() => impairer.apply(at, rate, undefined)).code, 'no-such-interface');
    assert.deepEqual(impairer.entries(), []);
  });
});

describe('applying over what somebody else put there meanwhile', () => {
  test('is refused, unless it may be replaced: then it is the new original', (t) => {
    const { impairer, at, tc, shown } = makeTbfWire(t, 'g');
    impairer.apply(at, rate, undefined);
    tc('qdisc replace dev v0 root handle 9: pfifo limit 99');
    const foreign = shown();
    assert.equal(refusalOf(() => impairer.apply(at, rate, undefined)).code, 'changed-elsewhere');
    assert.equal(shown(), foreign);
    const { original } = impairer.apply(at, rate, undefined, { replace: true });
    assert.equal(original, 'pfifo 9:');
    assert.equal(impairer.entries().length, 1);
    impairer.clear(at);
    assert.equal(shown(), foreign);
  });
});

/** What cannot be put back is not touched. */
const refused: Record<string, { commands: string[]; reason: RegExp }> = {
  'a rate estimator': {
    commands: ['qdisc add dev v0 root handle 1: estimator 1sec 4sec pfifo limit 9'],
    reason: /what v0 has now could not be put back: the pfifo qdisc 1: has a rate estimator/,
  },
  'a rate estimator of a class': {
    commands: [
      'qdisc add dev v0 root handle 1: htb default 2',
      'class add dev v0 parent 1: classid 1:1 estimator 1sec 4sec htb rate 10mbit',
    ],
    reason: /the htb class 1:1 has a rate estimator/,
  },
  'a link to a hash table that no dump shows': {
    commands: [
      'qdisc add dev v0 root handle 1: htb',
      'filter add dev v0 parent 1: prio 5 protocol ip handle 9: u32 divisor 4',
      'filter add dev v0 parent 1: prio 6 protocol ip u32 match u32 0 0 link 9: flowid 1:1',
      'filter del dev v0 parent 1: prio 5',
    ],
    reason: /the u32 filter with priority 6 on 1: links to a hash table/,
  },
};

describe('refusing', () => {
  for (const [index, [name, { commands, reason }]] of Object.entries(refused).entries()) {
    test(`an original with ${name} changes nothing`, (t) => {
      const wire = makeTbfWire(t, `r${index}`);
      wire.tc(...commands);
      const before = wire.shown();
      const error = refusalOf(() => wire.impairer.apply(wire.at, rate, undefined));
      assert.equal(error.code, 'original-not-restorable');
      assert.match(error.message, reason);
      assert.match(error.remedy ?? '', /Nothing was changed/);
      assert.equal(wire.shown(), before);
      assert.equal(journalText(wire), '');
    });
  }

  test('a delay without netem tells cause and remedy and changes nothing', (t) => {
    if (realAbilities().netem) return t.skip('this kernel has netem');
    const wire = makeWire(t, 'h');
    const before = wire.shown();
    const error = refusalOf(() => wire.impairer.apply(wire.at, delay, undefined));
    assert.equal(error.code, 'kernel-lacks-netem');
    assert.match(error.message, /sch_netem/);
    assert.match(error.remedy ?? '', /modprobe sch_netem/);
    assert.equal(wire.shown(), before);
    assert.equal(journalText(wire), '');
  });

  test('a setting that asks for nothing changes nothing', (t) => {
    const wire = makeTbfWire(t, 'i');
    const error = refusalOf(() => wire.impairer.apply(wire.at, {}, undefined));
    assert.equal(error.code, 'invalid-combination');
    assert.equal(journalText(wire), '');
  });
});

describe('a change that fails', () => {
  test('the first one leaves the original and no entry', (t) => {
    const wire = makeTbfWire(t, 'j');
    wire.tc('qdisc add dev v0 root handle 7: pfifo limit 77');
    const before = wire.shown();
    const error = refusalOf(() => wire.impairer.apply(failingAt(1, wire), rate, undefined));
    assert.match(error.message, /EBUSY/);
    assert.equal(wire.shown(), before);
    assert.deepEqual(wire.impairer.entries(), []);
  });

  test('a later one leaves the former setting, in the kernel and in the journal', (t) => {
    const wire = makeTbfWire(t, 'k');
    wire.impairer.apply(wire.at, rate, undefined);
    const before = wire.shown();
    refusalOf(() => wire.impairer.apply(failingAt(1, wire), faster, undefined));
    assert.equal(wire.shown(), before);
    assert.deepEqual(wire.impairer.entries()[0]?.setting.egress, rate);
  });

  test('values that are not what was sent are taken back', (t) => {
    const wire = makeTbfWire(t, 'l');
    wire.impairer.apply(wire.at, rate, undefined);
    const before = wire.shown();
    const at = meddledAt(1, wire, (requests) => {
      const errors = wire.netlink.batch(requests);
      wire.tc('qdisc change dev v0 root handle 4e57: tbf rate 5mbit burst 5k limit 20k');
      return errors;
    });
    const error = refusalOf(() => wire.impairer.apply(at, faster, undefined));
    assert.equal(error.code, 'read-back-differs');
    assert.match(error.message, /5mbit/);
    assert.equal(wire.shown(), before);
    assert.deepEqual(wire.impairer.entries()[0]?.setting.egress, rate);
  });

  test('says so where the way back fails, too, and keeps the entry', (t) => {
    const wire = makeTbfWire(t, 'm');
    wire.tc('qdisc add dev v0 root handle 7: pfifo limit 77');
    const before = wire.shown();
    let batches = 0;
    const at = meddledAt(1, wire, (requests) => {
      wire.netlink.batch(requests);
      batches++;
      return requests.map(() => failure);
    });
    const twice = meddledAt(2, { ...wire, at }, (requests) => requests.map(() => failure));
    const error = refusalOf(() => wire.impairer.apply(twice, rate, undefined));
    assert.equal(batches, 1);
    assert.match(error.message, /nor could what was there before be put back: .*EBUSY/);
    assert.equal(wire.impairer.entries().length, 1);
    wire.impairer.clear(wire.at);
    assert.equal(wire.shown(), before);
  });
});
