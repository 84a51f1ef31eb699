import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactDirection } from '@netweir/api';
import { defaultLimitPackets } from './limit.ts';

const limitOf = (direction: Parameters<typeof exactDirection>[0]): number =>
  defaultLimitPackets(exactDirection(direction));

test('without a delay the queue is as long as tc makes it', () => {
  assert.equal(limitOf({ loss: { model: 'random', probability: '1%' } }), 1000);
  assert.equal(limitOf({ rate: { rate: '10gbit' } }), 1000);
});

test('a delay line holds what a million packets a second put into it', () => {
  assert.equal(limitOf({ delay: { mean: '100ms' } }), 100_000);
});

test('a jitter lengthens the delay line by four deviations', () => {
  assert.equal(limitOf({ delay: { mean: '100ms', jitter: '10ms' } }), 140_000);
});

test('a rate bounds the delay line by its smallest frames', () => {
  // 51.2 Mbit/s are 100,000 frames of 64 bytes a second.
  assert.equal(limitOf({ delay: { mean: '100ms' }, rate: { rate: '51200kbit' } }), 10_000);
  assert.equal(limitOf({ delay: { mean: '100ms' }, rate: { rate: '64kbit' } }), 1000);
});

test('slots count as a delay', () => {
  assert.equal(limitOf({ slot: { minDelay: '1ms', maxDelay: '20ms' } }), 20_000);
  assert.equal(limitOf({ slot: { distribution: 'normal', delay: '10ms', jitter: '1ms' } }), 14_000);
});

test('no delay makes the queue longer than a million packets', () => {
  assert.equal(limitOf({ delay: { mean: '1h' } }), 1_000_000);
});
