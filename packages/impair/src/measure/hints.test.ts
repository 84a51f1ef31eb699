import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Direction,
  exactDirection,
  type ImpairmentReport,
  type Mechanism,
} from '@netweir/api';
import type { Compared } from './compare.ts';
import type { Element } from './element.ts';
import { type Circumstances, withHints } from './hints.ts';

const DELAY: Compared = {
  heading: 'forward',
  by: 'udp',
  quantity: 'delay',
  unit: 'ms',
  set: 50,
  achieved: 54,
  low: 53.9,
  high: 54.1,
  allowance: 1,
  samples: 1000,
  verdict: 'differs',
};

function element(set: Direction, dropped: number, mechanism: Mechanism = 'netem'): Element {
  const counters = {
    sentBytes: 0,
    sentPackets: 0,
    droppedPackets: dropped,
    queuedPackets: 0,
    queuedBytes: 0,
  };
  const passage = { report: {} as ImpairmentReport, direction: 'egress' as const };
  return { name: 'host/eth0', passage, set, exact: exactDirection(set), mechanism, counters };
}

function hintsFor(compared: Compared, more: Partial<Circumstances> = {}): string {
  const circumstances = {
    elements: [],
    after: [],
    isWayKnown: true,
    foreign: [],
    lateMs: 0,
    ...more,
  };
  return withHints(compared, circumstances).hints.join('\n');
}

describe('hints', () => {
  test('are none where all is as set', () => {
    const one: Compared = { ...DELAY, verdict: 'as set' };
    assert.equal(hintsFor(one, { isWayKnown: false, lateMs: 100 }), '');
  });

  test('name full queues by what was dropped though no loss is set', () => {
    const loss: Compared = { ...DELAY, quantity: 'loss', unit: '%', set: 0, achieved: 20 };
    const delay = { delay: { mean: '100ms' }, limitPackets: 5 };
    const full = { elements: [element(delay, 10)], after: [element(delay, 90)] };
    assert.match(hintsFor(loss, full), /queue was full .* host\/eth0 \(5 packets\)/u);
    const lossy: Direction = { loss: { model: 'random', probability: '1%' } };
    const asked = { elements: [element(lossy, 10)], after: [element(lossy, 90)] };
    assert.doesNotMatch(hintsFor(loss, asked), /queue/u);
  });

  test('name correlation, which changes the share that is lost', () => {
    const loss: Compared = { ...DELAY, quantity: 'loss', unit: '%', set: 10, achieved: 4 };
    const set: Direction = { loss: { model: 'random', probability: '10%', correlation: '50%' } };
    assert.match(hintsFor(loss, { elements: [element(set, 0)] }), /correlation/u);
  });

  test('name timers of the kernel, the engine, and others on the way', () => {
    const delay = { delay: { mean: '50ms' } };
    assert.match(hintsFor(DELAY, { elements: [element(delay, 0)] }), /CONFIG_HZ/u);
    const engine = { elements: [element(delay, 0, 'userspace')] };
    assert.match(hintsFor(DELAY, engine), /userspace engine/u);
    const others = { isWayKnown: false, foreign: ['netem on host/eth1'] };
    assert.match(hintsFor(DELAY, others), /not known[\s\S]*netem on host\/eth1/u);
  });

  test('name the bursts of token buckets, and what could not be offered', () => {
    const rate: Compared = { ...DELAY, quantity: 'rate', unit: 'bit/s', set: 1e9, achieved: 1.2e9 };
    const bucket = { elements: [element({ rate: { rate: '1gbit' } }, 0, 'tbf')] };
    assert.match(hintsFor(rate, bucket), /token bucket/u);
    const less: Compared = { ...rate, achieved: 4e8, verdict: 'unclear' };
    assert.match(hintsFor(less, { offeredBitPerSec: 4e8 }), /offer 400 Mbit\/s only, of 1000/u);
    assert.doesNotMatch(hintsFor(less, { offeredBitPerSec: 1.3e9 }), /offer/u);
  });

  test('tell of too few packets only where there are too few', () => {
    const few: Compared = { ...DELAY, low: 20, high: 80, verdict: 'unclear' };
    assert.match(hintsFor(few), /1000 packets are too few/u);
    assert.doesNotMatch(hintsFor({ ...DELAY, verdict: 'unclear' }), /too few/u);
    const none: Compared = { ...DELAY, achieved: null, low: null, high: null, samples: 0 };
    assert.match(hintsFor({ ...none, verdict: 'unclear' }), /nothing arrived/u);
  });

  test('what may be the lateness of the measuring process is unclear and no difference', () => {
    const circumstances = { elements: [], after: [], isWayKnown: true, foreign: [] };
    const late = withHints(DELAY, { ...circumstances, lateMs: 20 });
    assert.equal(late.verdict, 'unclear');
    assert.match(late.hints.join(), /20 ms late/u);
    assert.equal(withHints(DELAY, { ...circumstances, lateMs: 2 }).verdict, 'differs');
    const early = { ...DELAY, achieved: 46 };
    assert.equal(withHints(early, { ...circumstances, lateMs: 20 }).verdict, 'differs');
  });
});
