import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FileConditions, parsePercent } from '@netweir/api';
import { conditionsOf } from './conditions.ts';

const read = (value: unknown) => conditionsOf(FileConditions.parse(value));

describe('The conditions of a lab file', () => {
  test('are names in either spelling', () => {
    assert.equal(read('wifi_bad'), 'wifi-bad');
    assert.equal(read('mobile-3g'), 'mobile-3g');
    assert.equal(read('mobile'), 'mobile-4g');
  });

  test('are quantities with units, the same both ways or each way', () => {
    const wanted = {
      delay: { mean: '100ms', jitter: '10ms' },
      loss: { model: 'random', probability: '1.5%' },
      rate: { rate: '10mbit' },
      limitPackets: 50,
    };
    const text = { delay: '100ms', jitter: '10ms', loss: '1.5%', rate: '10mbit', limit: 50 };
    assert.deepEqual(read(text), wanted);
    assert.deepEqual(read({ egress: text, ingress: 'wifi' }), { egress: wanted, ingress: 'wifi' });
    assert.deepEqual(read({ loss_gemodel: '1%,20%' }), {
      loss: { model: 'gilbert-elliott', p: '1%', r: '20%' },
    });
  });

  test('are numbers with their units in the keys', () => {
    const limits = {
      rate_kbit: 2000,
      latency_ms: '100',
      jitter_ms: 30,
      loss_pct: 0.1,
      reorder_pct: 5,
      duplicate_pct: 1,
      corrupt_pct: 0,
    };
    assert.deepEqual(read(limits), {
      delay: { mean: '100ms', jitter: '30ms' },
      loss: { model: 'random', probability: '0.1%' },
      reorder: { probability: '5%' },
      duplicate: { probability: '1%' },
      rate: { rate: '2000kbit' },
    });
    assert.deepEqual(read({ latency_ms: 0, loss_pct: '' }), {});
  });

  test('lose in bursts as often as asked for', () => {
    const { loss } = read({ loss_pct: 5, loss_burst_pkts: 8 }) as {
      loss: { model: string; p: string; r: string };
    };
    assert.equal(loss.model, 'gilbert-elliott');
    const [p, r] = [parsePercent(loss.p), parsePercent(loss.r)];
    assert.ok(Math.abs(p / (p + r) - 0.05) < 1e-8, `${p / (p + r)}`);
    assert.equal(loss.r, '12.5%');
  });

  test('let a queue hold what its time is worth at the rate', () => {
    assert.deepEqual(read({ rate_kbit: 12_000, latency_ms: 20, buffer_ms: 80 }), {
      delay: { mean: '20ms' },
      rate: { rate: '12000kbit' },
      limitPackets: 100,
    });
  });

  test('are refused where the kernel could not do them', () => {
    assert.throws(() => read({ reorder_pct: 10 }), { code: 'invalid-combination' });
    assert.throws(() => read({ jitter: '10ms' }), /jitter needs delay/);
    assert.throws(() => read({ loss_pct: 101 }), /more than 100%/);
  });
});
