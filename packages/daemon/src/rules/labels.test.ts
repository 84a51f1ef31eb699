import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DIRECTION_FLAGS, isNetweirError, writtenFlag } from '@netweir/api';
import fc from 'fast-check';
import { container, pod } from '../container.test-support.ts';
import { impairmentOfLabels } from './labels.ts';

const RIGHT: readonly (readonly [text: string, direction: unknown])[] = [
  ['delay=100ms', { delay: { mean: '100ms' } }],
  [
    'delay=100ms jitter=10ms loss=1% rate=10mbit',
    {
      delay: { mean: '100ms', jitter: '10ms' },
      loss: { model: 'random', probability: '1%' },
      rate: { rate: '10mbit' },
    },
  ],
  [
    ' delay=100ms,jitter=10ms, distribution=normal ',
    { delay: { mean: '100ms', jitter: '10ms', distribution: 'normal' } },
  ],
  [
    'loss-gemodel=1%,10%,70% rate=1mbit',
    {
      loss: { model: 'gilbert-elliott', p: '1%', r: '10%', lossInBad: '70%' },
      rate: { rate: '1mbit' },
    },
  ],
  [
    'slot-distribution=normal,5ms,1ms,slot-packets=3',
    { slot: { distribution: 'normal', delay: '5ms', jitter: '1ms', maxPackets: 3 } },
  ],
  ['loss=1% ecn', { loss: { model: 'random', probability: '1%' }, ecn: true }],
  ['ecn,loss=1%', { loss: { model: 'random', probability: '1%' }, ecn: true }],
  ['{"delay": {"mean": "5ms"}}', { delay: { mean: '5ms' } }],
];

const WRONG: readonly (readonly [what: string, labels: Record<string, string>, says: RegExp])[] = [
  ['an unknown key', { 'netweir.egress': 'dely=1ms' }, /netweir\.egress has "dely", which is no/],
  ['no value', { 'netweir.egress': 'delay=' }, /gives delay no value/],
  ['no value at all', { 'netweir.egress': 'delay' }, /gives delay no value/],
  ['nothing', { 'netweir.egress': ' ' }, /asks for nothing/],
  ['a key twice', { 'netweir.egress': 'delay=1ms delay=2ms' }, /has delay twice/],
  ['a value for ecn', { 'netweir.egress': 'loss=1% ecn=no' }, /write ecn alone/],
  ['a value after ecn', { 'netweir.egress': 'loss=1% ecn yes' }, /has "yes", which is no key/],
  ['no unit', { 'netweir.egress': 'delay=100' }, /"100" has no unit/],
  ['two losses', { 'netweir.egress': 'loss=1% loss-state=1%' }, /loss and loss-state exclude/],
  ['a jitter alone', { 'netweir.egress': 'jitter=1ms' }, /jitter needs delay/],
  ['reorder alone', { 'netweir.egress': 'reorder=1%' }, /reorder needs a delay/],
  ['a delay of nothing', { 'netweir.egress': 'delay=0ms' }, /asks for nothing/],
  ['only a lease', { 'netweir.for': '5m' }, /need netweir\.egress or netweir\.ingress/],
  ['a lease of no time', { 'netweir.egress': 'loss=1%', 'netweir.for': '0ms' }, /too short/],
  ['another engine', { 'netweir.egress': 'loss=1%', 'netweir.engine': 'ebpf' }, /engine/],
  ['half an object', { 'netweir.ingress': '{"delay":' }, /netweir\.ingress .* is no JSON/],
  ['an object of another kind', { 'netweir.ingress': '{"dely":{}}' }, /ingress.*dely/],
  ['more than 1 KB', { 'netweir.egress': `delay=${'0'.repeat(1024)}1ms` }, /longer than 1024/],
];

describe('labels of a container', () => {
  for (const [text, direction] of RIGHT) {
    test(`${JSON.stringify(text)} are read`, () => {
      const labels = { 'netweir.egress': text, other: 'x' };
      assert.deepEqual(impairmentOfLabels(container({ labels })), { egress: direction });
    });
  }

  for (const [what, labels, says] of WRONG) {
    test(`with ${what} are refused`, () => {
      assert.throws(
        () => impairmentOfLabels(container({ labels })),
        (error) => isNetweirError(error) && says.test(error.message),
      );
    });
  }

  test('may be for both ways, with a lease and an engine', () => {
    const labels = {
      'netweir.egress': 'loss=1%',
      'netweir.ingress': 'delay=1ms',
      'netweir.for': '5m',
      'netweir.engine': 'userspace',
    };
    assert.deepEqual(impairmentOfLabels(container({ labels })), {
      egress: { loss: { model: 'random', probability: '1%' } },
      ingress: { delay: { mean: '1ms' } },
      for: '5m',
      engine: 'userspace',
    });
  });

  test('that are about something else ask for nothing', () => {
    const labels = { 'netweir.test': 'x', app: 'web' };
    assert.equal(impairmentOfLabels(container({ labels })), undefined);
  });

  test('win over annotations of the pod, and these over its labels', () => {
    const delay = (mean: string): Record<string, string> => ({ 'netweir.egress': `delay=${mean}` });
    const both = pod({ annotations: delay('2ms'), labels: delay('3ms') });
    const meanOf = (labels: Record<string, string>, of: typeof both): string | undefined =>
      impairmentOfLabels(container({ labels, pod: of }))?.egress?.delay?.mean;
    assert.equal(meanOf(delay('1ms'), both), '1ms');
    assert.equal(meanOf({}, both), '2ms');
    assert.equal(meanOf({}, pod({ labels: delay('3ms') })), '3ms');
  });

  test('of whatever kind are read or refused with an error of netweir', () => {
    const key = fc.constantFrom(...DIRECTION_FLAGS.map(writtenFlag), '__proto__', 'constructor');
    const value = fc.oneof(
      fc.constantFrom('1ms', '1%', '1mbit', '5', 'normal', '1%,2%', ''),
      fc.string(),
    );
    const flags = fc
      .array(fc.tuple(key, fc.constantFrom('=', '', ' '), value), { maxLength: 6 })
      .map((parts) => parts.map((part) => part.join('')).join(' '));
    const text = fc.oneof(flags, fc.string(), fc.json(), fc.constant('{"__proto__":{}}'));
    const name = fc.constantFrom(
      'netweir.egress',
      'netweir.ingress',
      'netweir.for',
      'netweir.engine',
    );
    fc.assert(
      fc.property(fc.dictionary(name, text), (labels) => {
        try {
          impairmentOfLabels(container({ labels }));
        } catch (error) {
          assert.ok(isNetweirError(error), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
