import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ErrorCode } from '../errors/catalogue.ts';
import { isNetweirError } from '../errors/netweir-error.ts';
import { exactDirection } from '../impairment/exact.ts';
import { Direction } from '../impairment/schema.ts';
import { directionOfTc, readTc } from './direction-of-tc.ts';

const limit = { limitPackets: 1000 };
const random = (probability: string, rest: object = {}): object => ({
  loss: { model: 'random', probability, ...rest },
});
const rate = (text: string, rest: object = {}): object => ({ rate: { rate: text, ...rest } });

/** As iproute2 6.1 reads it on Linux 6.1; without a limit its queue is of 1,000 packets. */
const NETEM: readonly (readonly [text: string, expected: object])[] = [
  ['netem', {}],
  ['netem delay 100ms', { delay: { mean: '100ms' } }],
  ['handle 1: netem delay 100ms', { delay: { mean: '100ms' } }],
  ['root handle 1:0 netem latency 1s', { delay: { mean: '1s' } }],
  ['netem delay 1', { delay: { mean: '1us' } }],
  ['netem delay 1.5', { delay: { mean: '1.5us' } }],
  ['netem delay .5ms', { delay: { mean: '500us' } }],
  ['netem delay 40NS', { delay: { mean: '40ns' } }],
  ['netem delay 8usecs 8USEC 1', { delay: { mean: '8us', jitter: '8us', correlation: '1%' } }],
  [
    'netem delay 100ms 10ms 25% distribution normal',
    { delay: { mean: '100ms', jitter: '10ms', correlation: '25%', distribution: 'normal' } },
  ],
  ['netem delay 10ms 5ms delay 20ms', { delay: { mean: '20ms', jitter: '5ms' } }],
  ['netem limit 1k', { limitPackets: 1024 }],
  ['netem limit 5.7', { limitPackets: 5 }],
  ['netem loss 30%', random('30%')],
  ['netem drop 1', random('1%')],
  ['netem loss 1e1%', random('10%')],
  ['netem loss 0x10', random('16%')],
  ['netem loss random 1% 25%', random('1%', { correlation: '25%' })],
  ['netem loss 0 loss 20', random('20%')],
  ['netem loss 1% ecn', { ...random('1%'), ecn: true }],
  [
    'netem loss state 10%',
    { loss: { model: 'state', p13: '10%', p31: '90%', p32: '0%', p23: '100%', p14: '0%' } },
  ],
  [
    'netem loss state 1% 2% 3% 4% 5%',
    { loss: { model: 'state', p13: '1%', p31: '2%', p32: '3%', p23: '4%', p14: '5%' } },
  ],
  [
    'netem loss gemodel 30%',
    {
      loss: { model: 'gilbert-elliott', p: '30%', r: '70%', lossInBad: '100%', lossInGood: '0%' },
    },
  ],
  [
    'netem loss gemodel 1% 10% 70% 0.1%',
    {
      loss: { model: 'gilbert-elliott', p: '1%', r: '10%', lossInBad: '70%', lossInGood: '0.1%' },
    },
  ],
  ['netem duplicate 1% 10%', { duplicate: { probability: '1%', correlation: '10%' } }],
  ['netem corrupt .5%', { corrupt: { probability: '0.5%' } }],
  [
    'netem reorder 25% 50% gap 010 delay 10ms',
    { delay: { mean: '10ms' }, reorder: { probability: '25%', correlation: '50%', gap: 8 } },
  ],
  ['netem delay 10ms reorder 10', { delay: { mean: '10ms' }, reorder: { probability: '10%' } }],
  ['netem delay 10ms reorder 0%', { delay: { mean: '10ms' } }],
  ['netem rate 1e3', rate('1kbit')],
  ['netem rate 5KBps', rate('40kbit')],
  ['netem rate 1Kibit', rate('1.024kbit')],
  ['netem rate 10Gbit', rate('10gbit')],
  ['netem rate 0bit', {}],
  [
    'netem rate 1mbit -5 48 5',
    rate('1mbit', { packetOverheadBytes: -5, cellBytes: 48, cellOverheadBytes: 5 }),
  ],
  [
    'netem slot 10ms 20ms packets 5 bytes 1k',
    { slot: { minDelay: '10ms', maxDelay: '20ms', maxPackets: 5, maxBytes: 1024 } },
  ],
  ['netem slot 1000 2000', { slot: { minDelay: '1us', maxDelay: '2us' } }],
  ['netem slot 0', {}],
  [
    'netem slot distribution pareto 10ms 1ms packets 0x10',
    { slot: { distribution: 'pareto', delay: '10ms', jitter: '1ms', maxPackets: 16 } },
  ],
  ['netem loss 1% seed 18446744073709551615', { ...random('1%'), seed: '18446744073709551615' }],
  [
    'netem d 1ms l 5 r 10%',
    { delay: { mean: '1ms' }, reorder: { probability: '10%' }, limitPackets: 5 },
  ],
];

const LINES: readonly (readonly [name: string, text: string, expected: object])[] = [
  ['a whole line', 'tc qdisc add dev eth0 root netem delay 10ms', { delay: { mean: '10ms' } }],
  [
    'a line as people type it',
    'sudo tc q a dev eth0 root handle 1: netem delay 10ms # slow',
    { delay: { mean: '10ms' } },
  ],
  ['a line over two', 'tc -n blue qdisc replace dev "eth0" \\\n  root netem loss 1%', random('1%')],
  [
    'what replaces something',
    'tc qdisc del dev eth0 root; tc qdisc add dev eth0 root netem loss 1%',
    random('1%'),
  ],
  [
    'a change of what was there',
    'tc qdisc add dev eth0 root netem loss 1%\ntc qdisc change dev eth0 root netem loss 2%',
    random('2%'),
  ],
  [
    'a netem in the class of an htb',
    `tc qdisc add dev eth0 root handle 1: htb default 10
tc class add dev eth0 parent 1: classid 1:10 htb rate 1mbit
tc qdisc add dev eth0 parent 1:10 handle 10: netem delay 100ms limit 50`,
    { delay: { mean: '100ms' }, ...rate('1mbit'), limitPackets: 50 },
  ],
  [
    'a class that borrows',
    `tc qdisc add dev eth0 root handle 1: htb default 0x10 r2q 5
tc class add dev eth0 parent 1: classid 1:1 htb rate 10mbit ceil 1gbit
tc class add dev eth0 parent 1:1 classid 1:10 htb rate 1mbit ceil 50mbit prio 1 quantum 1514`,
    rate('10mbit'),
  ],
  [
    'an htb as it stands behind root',
    'htb default 1; class add parent 1: classid 1:1 htb rate 1mbit; qdisc add parent 1:1 netem loss 1%',
    { ...random('1%'), ...rate('1mbit') },
  ],
  [
    'a tbf behind a netem',
    'tc qdisc add dev eth0 root handle 1: netem delay 100ms && tc qdisc add dev eth0 parent 1:1 handle 10: tbf rate 256kbit buffer 1600 limit 3000',
    { delay: { mean: '100ms' }, ...rate('256kbit') },
  ],
  [
    'a netem behind a tbf of ATM',
    'tc qdisc add dev eth0 root handle 1: tbf rate 8mbit burst 10k latency 50ms overhead 40 linklayer atm\ntc qdisc add dev eth0 parent 1:1 netem delay 5ms rate 9mbit',
    {
      delay: { mean: '5ms' },
      ...rate('8mbit', { packetOverheadBytes: 40, cellBytes: 48, cellOverheadBytes: 5 }),
    },
  ],
];

describe('what tc says', () => {
  for (const [text, expected] of NETEM) {
    test(`${text} is what tc means by it`, () => {
      assert.deepEqual(readTc(text), { direction: { ...limit, ...expected }, notes: [] });
    });
  }

  for (const [name, text, expected] of LINES) {
    test(`${name} is one direction`, () => {
      assert.deepEqual(directionOfTc(text), { ...limit, ...expected });
    });
  }

  test('a tbf is its rate, with a queue of whole frames, and what is left out is said', () => {
    const { direction, notes } = readTc('tbf rate 1mbit burst 32kbit latency 400ms');
    // 1 Mbit/s for 400 ms are 50,000 bytes, and the bucket is 4,096.
    assert.deepEqual(direction, { rate: { rate: '1mbit' }, limitPackets: 36 });
    assert.match(notes.join('\n'), /bucket of 4096 bytes.*\n.*queue of 54096 bytes/);
    assert.deepEqual(readTc('tbf rate 1mbit burst 32kbit limit 54096').direction, direction);
  });

  test('the bursts of htb are left out, and that is said', () => {
    const text = 'htb default 1; class add parent 1: classid 1:1 htb rate 1mbit burst 15k';
    assert.match(readTc(text).notes.join(), /bursts are not taken over/);
  });
});

/** What is wrong, by which code, and what the error has to name. */
const WRONG: readonly (readonly [text: string, code: ErrorCode, message: RegExp])[] = [
  ['', 'invalid-combination', /nothing is at the root/],
  ['netem foo', 'invalid-request', /"foo"/],
  ['netem delay', 'invalid-request', /"delay" is the last word, where a time/],
  ['netem delay foo', 'invalid-quantity', /"foo" behind "delay" is not a time/],
  ['netem delay -1ms', 'invalid-quantity', /"-1ms" behind "delay"/],
  ['netem delay 10m', 'invalid-quantity', /"10m" behind "delay"/],
  ['netem delay 99999999999999999999s', 'invalid-quantity', /is not a time/],
  ['netem delay 10ms 10%', 'invalid-quantity', /"10%" behind "10ms" is not a time/],
  ['netem loss .5%', 'invalid-request', /".5%"/],
  ['netem loss 101%', 'invalid-quantity', /"101%" behind "loss" is not a percentage/],
  ['netem loss 1%%', 'invalid-quantity', /"1%%"/],
  ['netem loss', 'invalid-request', /random, state or gemodel is expected/],
  ['netem loss 1% loss 2%', 'invalid-combination', /loss is said twice/],
  ['netem loss gemodel', 'invalid-request', /a percentage is expected/],
  ['netem delay 10ms gap 5', 'invalid-combination', /gap needs reorder/],
  ['netem reorder 5%', 'invalid-combination', /reorder needs a delay/],
  ['netem delay 10ms distribution normal', 'invalid-combination', /distribution needs a delay/],
  ['netem delay 10ms 1ms distribution experimental', 'invalid-quantity', /"experimental"/],
  ['netem ecn', 'invalid-combination', /ecn needs a loss/],
  ['netem limit 0', 'invalid-combination', /limit 0 drops every packet/],
  ['netem limit 5x', 'invalid-quantity', /"5x" behind "limit" is not a size/],
  ['netem limit 5constructor', 'invalid-quantity', /"5constructor" behind "limit" is not a size/],
  ['netem delay 5constructor', 'invalid-quantity', /"5constructor" behind "delay" is not a time/],
  ['netem rate 50%', 'invalid-quantity', /"50%" behind "rate" is not a rate/],
  ['netem rate 7', 'invalid-quantity', /"7" behind "rate" is not a rate/],
  ['netem rate 1mbit 5 x', 'invalid-request', /"x"/],
  ['netem slow 10ms', 'invalid-request', /"slow"/],
  ['netem slot 20ms 10ms', 'invalid-combination', /second time is below/],
  ['netem slot bytes 1', 'invalid-request', /"bytes"/],
  ['netem seed x', 'invalid-quantity', /"x" behind "seed" is not a seed/],
  ['netem delay 5s 3s', 'invalid-combination', /jitter is above/],
  ['fq_codel', 'invalid-request', /"fq_codel"/],
  ['tbf rate 1mbit latency 400ms', 'invalid-combination', /tbf needs a rate and a burst/],
  ['tbf rate 1mbit burst 10k', 'invalid-combination', /either limit or latency/],
  [
    'tbf rate 1mbit burst 10k limit 9k latency 1ms',
    'invalid-combination',
    /either limit or latency/,
  ],
  ['tbf rate 1mbit burst 10k limit 9k peakrate 2mbit', 'invalid-combination', /peakrate/],
  ['tbf rate 1mbit burst 10k limit 9k mpu 64', 'invalid-combination', /mpu/],
  ['tc filter add dev eth0 u32', 'invalid-request', /"filter"/],
  ['tc qdisc add dev eth0 ingress', 'invalid-request', /"ingress"/],
  [
    'tc qdisc add dev eth0 parent x netem',
    'invalid-quantity',
    /"x" behind "parent" is not a handle/,
  ],
  ['tc qdisc show dev eth0', 'invalid-request', /"show"/],
  ['tc -j qdisc add dev eth0 root netem', 'invalid-request', /"-j"/],
  ['htb default 1', 'invalid-combination', /`default` is no class/],
  ['htb default 1; class add parent 1: classid 1:1 htb', 'invalid-combination', /needs a rate/],
  [
    'htb default 1; class add parent 1: htb rate 1mbit',
    'invalid-combination',
    /parent and classid/,
  ],
  [
    'htb default 1; class add parent 1: classid 1:1 htb rate 1mbit; class add parent 1: classid 1:2 htb rate 2mbit',
    'invalid-combination',
    /the class 1:2 gets none/,
  ],
  [
    'tc qdisc add dev a root handle 1: netem delay 1ms; tc qdisc add dev a parent 1:1 netem loss 1%',
    'invalid-combination',
    /one netem hangs on another/,
  ],
  [
    'tc qdisc add dev a root netem loss 1%; tc qdisc add dev b root netem loss 1%',
    'invalid-combination',
    /several interfaces: a, b/,
  ],
];

describe('what tc does not say', () => {
  for (const [text, code, message] of WRONG) {
    test(`${JSON.stringify(text)} is refused, with what is wrong and what to write`, () => {
      assert.throws(
        () => readTc(text),
        (error: unknown) => {
          assert.ok(isNetweirError(error), String(error));
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.ok(error.remedy);
          return true;
        },
      );
    });
  }

  test('whatever is written is a direction, or refused by an error of netweir', () => {
    const words = fc.constantFrom(
      ...[
        'netem',
        'tbf',
        'htb',
        'root',
        'handle',
        'parent',
        'classid',
        '1:',
        '1:1',
        ':1',
        'dev',
        'x',
      ],
      ...['delay', 'loss', 'state', 'gemodel', 'limit', 'rate', 'burst', 'latency', 'default', '1'],
      ...[
        'slot',
        'distribution',
        'normal',
        'packets',
        'gap',
        'reorder',
        'ecn',
        '10ms',
        '1%',
        '0x1',
      ],
      ...['tc', 'qdisc', 'class', 'add', 'del', ';', '&&', '\n', '', '#', '-5', '1e9', '1e99', '"'],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, (tc) => {
        try {
          const direction = Direction.parse(readTc(`netem ${tc}`).direction);
          exactDirection(direction);
        } catch (error) {
          assert.ok(isNetweirError(error), String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
