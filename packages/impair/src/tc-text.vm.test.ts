import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { directionOfTc, isNetweirError, isUntouched } from '@netweir/api';
import { deleteQdisc, dumpQdiscs, TC_H_ROOT } from '@netweir/kernel';
import fc from 'fast-check';
import { rootOf } from './original.ts';
import { makeWire, type Wire } from './wire.test-support.ts';

/** Each pair of options is met several times. */
const RUNS = 150;

/** A number with one of its units, each letter small or capital. */
const unit = (...units: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...units), fc.boolean())
    .map(([text, isCapital]) => (isCapital ? text.toUpperCase() : text));

/**
 * Times that iproute2 before 6.9 sends exactly: it knows whole microseconds, and sends ticks of 64 ns,
 * of which 8 us are the least whole number.
 */
const time = (maxMs: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 125 * maxMs }), unit('', 'us', 'usec', 'usecs'))
      .map(([eights, name]) => `${eights * 8}${name}`),
    fc
      .tuple(fc.integer({ min: 1, max: maxMs }), unit('ms', 'msec', 'msecs'))
      .map(([ms, name]) => `${ms}${name}`),
    fc
      .tuple(fc.integer({ min: 1, max: Math.max(1, Math.floor(maxMs / 1000)) }), unit('s', 'sec'))
      .map(([s, name]) => (maxMs < 1000 ? `${s}ms` : `${s}${name}`)),
  );

const percent: fc.Arbitrary<string> = fc
  .tuple(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom('', '%'))
  .map(([thousandths, sign]) => `${thousandths / 1000}${sign}`);

const optional = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(fc.constant(''), arbitrary);

const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((all) => all.filter((part) => part !== '').join(' '));

const rateUnits = ['bit', 'kbit', 'kibit', 'mbit', 'mibit', 'gbit', 'bps', 'kbps', 'kibps', 'mbps'];

const rate = fc
  .tuple(fc.integer({ min: 16, max: 9000 }), unit('', ...rateUnits))
  .map(([halves, name]) => `${halves / 2}${name}`);

const size = fc
  .tuple(fc.integer({ min: 1, max: 1000 }), unit('', 'b', 'k', 'kb', 'm', 'mbit'))
  .map(([count, name]) => `${count}${name}`);

const distribution = fc.constantFrom('normal', 'pareto', 'paretonormal');
const whole = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map(String);

const delay = fc.oneof(
  join(fc.constantFrom('delay', 'latency', 'del'), time(200_000)),
  join(fc.constant('delay'), time(200_000), time(2000), optional(percent)),
  join(fc.constant('delay'), time(200_000), time(2000), fc.constant('distribution'), distribution),
  join(fc.constant('delay'), time(9000), fc.constant('reorder'), percent, optional(percent)),
  join(
    fc.constant('reorder'),
    percent,
    fc.constant('gap'),
    whole(1, 9),
    fc.constant('delay'),
    time(99),
  ),
);

const loss = join(
  fc.constantFrom('loss', 'drop'),
  fc.oneof(
    join(fc.constantFrom('', 'random'), percent, optional(percent)),
    fc
      .integer({ min: 1, max: 5 })
      .chain((count) =>
        join(fc.constant('state'), ...Array.from({ length: count }, () => percent)),
      ),
    fc
      .integer({ min: 1, max: 4 })
      .chain((count) =>
        join(fc.constant('gemodel'), ...Array.from({ length: count }, () => percent)),
      ),
  ),
  fc.constantFrom('', 'ecn'),
);

const rateOption = join(
  fc.constant('rate'),
  rate,
  fc.oneof(
    fc.constant(''),
    whole(-99, 99),
    join(whole(-99, 99), whole(1, 99)),
    join(whole(-99, 99), whole(1, 99), whole(-99, 99)),
  ),
);

const slot = fc.oneof(
  join(fc.constant('slot'), time(500), optional(join(fc.constant('packets'), whole(1, 99)))),
  join(fc.constant('slot'), time(500), fc.constant('600s'), fc.constant('bytes'), size),
  join(fc.constant('slot distribution'), distribution, time(500), time(500)),
);

/** tc sends the correlation of duplicates only beside another one. */
const chances = fc.oneof(
  join(fc.constant('corrupt'), percent, optional(percent)),
  join(fc.constant('duplicate'), percent),
  join(fc.constant('duplicate'), percent, percent, fc.constant('corrupt'), percent, percent),
);

const netem = fc
  .tuple(
    ...[delay, loss, rateOption, slot, chances, join(fc.constant('limit'), size)].map(optional),
  )
  .chain((options) => fc.shuffledSubarray(options, { minLength: options.length }))
  .map((options) => ['netem', ...options.filter((option) => option !== '')].join(' '));

/** The qdisc as tc shows it behind what it did before, and as the kernel has it, which is more exact. */
function afterTc({ netlink, at, near }: Wire, ...commands: string[]): unknown {
  const input = [...commands, 'qdisc show dev v0 root'].map((command) => `${command}\n`).join('');
  const tc = near.run(() => execFileSync('tc', ['-j', '-batch', '-'], { input, encoding: 'utf8' }));
  const [{ options: json }] = JSON.parse(tc);
  const options = rootOf(netlink.dump(dumpQdiscs(at.ifindex)))?.options;
  assert.ok(options?.kind === 'netem');
  const { seed: _seed, ...kernel } = options;
  return { json, kernel };
}

test('netweir sets what tc sets by the same text, with all options, to the last bit', (t) => {
  const wire = makeWire(t, 'tct');
  const { ifindex } = wire.at;
  fc.assert(
    fc.property(netem, (text) => {
      const direction = directionOfTc(text);
      fc.pre(!isUntouched(direction));
      const byTc = afterTc(wire, `qdisc add dev v0 root ${text}`);
      wire.netlink.request(deleteQdisc({ ifindex, parent: TC_H_ROOT, target: 'v0' }));
      wire.impairer.apply(wire.at, direction, undefined);
      const byNetweir = afterTc(wire);
      wire.impairer.clear(wire.at);
      assert.deepEqual(byNetweir, byTc, text);
    }),
    { numRuns: RUNS },
  );
});

const REFUSED = [
  ...['delay', 'delay foo', 'delay -1ms', 'delay 10m', 'delay 10ms 10%', 'loss .5%', 'loss 101%'],
  ...[
    'loss 1%%',
    'loss',
    'loss 1% loss 2%',
    'loss gemodel',
    'loss foo',
    'gap 5',
    'reorder 5%',
    'ecn',
  ],
  ...['distribution normal', 'delay 1ms distribution normal', 'limit 5x', 'rate 5x', 'rate', 'foo'],
  ...['slow 10ms', 'slot 20ms 10ms', 'slot bytes 1', 'slot 1ms packets', 'duplicate', 'corrupt 1x'],
];

test('what tc refuses, netweir refuses', (t) => {
  const wire = makeWire(t, 'tcr');
  for (const options of REFUSED) {
    const tc = ['qdisc', 'add', 'dev', 'v0', 'root', 'netem', ...options.split(' ')];
    assert.throws(() => wire.near.run(() => execFileSync('tc', tc, { stdio: 'ignore' })), options);
    assert.throws(() => directionOfTc(`netem ${options}`), isNetweirError, options);
  }
});
