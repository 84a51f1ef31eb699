import fc from 'fast-check';

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

/** tc has always read the nanoseconds of slots. */
const slotTime = fc.oneof(
  time(500),
  fc
    .tuple(fc.integer({ min: 1, max: 600_000_000 }), unit('', 'ns', 'nsec', 'nsecs'))
    .map(([ns, name]) => `${ns}${name}`),
);

const slot = fc.oneof(
  join(fc.constant('slot'), slotTime, optional(join(fc.constant('packets'), whole(1, 99)))),
  join(fc.constant('slot'), slotTime, fc.constant('600s'), fc.constant('bytes'), size),
  join(fc.constant('slot distribution'), distribution, slotTime, slotTime),
);

/** tc sends the correlation of duplicates only beside another one. */
const chances = fc.oneof(
  join(fc.constant('corrupt'), percent, optional(percent)),
  join(fc.constant('duplicate'), percent),
  join(fc.constant('duplicate'), percent, percent, fc.constant('corrupt'), percent, percent),
);

/** What tc takes for a netem, with times that iproute2 6.1 sends exactly. */
export const netemText: fc.Arbitrary<string> = fc
  .tuple(
    ...[delay, loss, rateOption, slot, chances, join(fc.constant('limit'), size)].map(optional),
  )
  .chain((options) => fc.shuffledSubarray(options, { minLength: options.length }))
  .map((options) => ['netem', ...options.filter((option) => option !== '')].join(' '));
