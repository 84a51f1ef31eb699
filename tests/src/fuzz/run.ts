import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Decoder, Message } from './decoder.ts';
import { LONGEST } from './mutate-bytes.ts';
import { hashOf, Random } from './random.ts';
import { watch } from './watchdog.ts';

/** NETWEIR_FUZZ_MESSAGES says how many messages each decoder gets, NETWEIR_FUZZ_SEED which. */
const MESSAGES = Number(process.env.NETWEIR_FUZZ_MESSAGES ?? 5000);
const SEED = Number(process.env.NETWEIR_FUZZ_SEED ?? 1);
const IS_SHORT = process.env.NETWEIR_FUZZ_MESSAGES === undefined;
const SLOW_SHARE = 10;

/** No single message may take longer; others use the machine, too. */
const LONGEST_CALL_MS = 2000;
/** Some decoders keep a bounded part of what they read: fragments, bindings. */
const MEMORY_GROWTH_BYTES = 48 * 2 ** 20;
/** Of what is in use while messages are read, with what is not collected yet. */
const MEMORY_PEAK_BYTES = 768 * 2 ** 20;
const MEMORY_CHECK_EVERY = 4096;
/** One message in so many is read twice, with other bytes around it. */
const OVERREAD_CHECK_EVERY = 16;
const WARM_UP_MESSAGES = 2000;

const SMALL = IS_SHORT ? 2048 : 16_384;
const GROWTH = 16;
/** Time per byte may grow by this: it would be 16 where it is quadratic. */
const GROWTH_PER_BYTE = 6;
/** What is faster than this is no matter, whatever its growth. */
const FAST_MS = IS_SHORT ? 50 : 100;

const ATTEMPTS = 4;

const MARGIN = 64;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Tally {
  read: number;
  passedOver: number;
  refused: number;
  slowestMs: number;
  ms: number;
}

/** A test for each decoder: with mutated messages, and with long ones. */
export function fuzzAll(decoders: readonly Decoder[]): void {
  for (const decoder of decoders) {
    test(`${decoder.name} reads whatever comes, or refuses it`, (t) => {
      fuzz(t, decoder);
    });
    test(`${decoder.name} takes a time that grows with a message's length alone`, () => {
      checkGrowth(decoder);
    });
  }
}

/** The message of a number; the same for the same seed. */
function messageOf({ name, message }: Decoder, index: number): Message {
  return message(new Random(hashOf(`${SEED} ${name} ${index}`)));
}

function fuzz(t: TestContext, decoder: Decoder): void {
  const count = IS_SHORT && decoder.isSlow ? MESSAGES / SLOW_SHARE : MESSAGES;
  const tally = { read: 0, passedOver: 0, refused: 0, slowestMs: 0, ms: 0 };
  const watched = watch(`${decoder.name}, seed ${SEED}`);
  try {
    for (let index = 0; index < Math.min(count, WARM_UP_MESSAGES); index++) {
      watched.at(index);
      tell(tally, decoder, index);
    }
    const before = memoryInUse();
    for (let index = Math.min(count, WARM_UP_MESSAGES); index < count; index++) {
      watched.at(index);
      tell(tally, decoder, index);
      if (index % MEMORY_CHECK_EVERY === 0) checkPeak(decoder, index);
    }
    const growth = memoryInUse() - before;
    assert.ok(growth < MEMORY_GROWTH_BYTES, `${decoder.name} keeps ${growth} bytes`);
  } finally {
    watched.end();
  }
  const { read, passedOver, refused, slowestMs, ms } = tally;
  t.diagnostic(
    `${decoder.name}: ${count} messages, ${read} read, ${passedOver} passed over, ${refused} refused; ` +
      `${((1000 * ms) / count).toFixed(1)} us each, at most ${slowestMs.toFixed(1)} ms`,
  );
  assert.ok(read > count / 100, `${decoder.name}: only ${read} of ${count} messages mean anything`);
}

function tell(tally: Tally, decoder: Decoder, index: number): void {
  const message = messageOf(decoder, index);
  const start = performance.now();
  try {
    const value = decoder.decode(message);
    if (value === undefined) tally.passedOver++;
    else tally.read++;
  } catch (error) {
    if (!decoder.mayThrow(error)) throw failure(decoder, index, message, error);
    tally.refused++;
  }
  const ms = performance.now() - start;
  tally.ms += ms;
  tally.slowestMs = Math.max(tally.slowestMs, ms);
  if (ms > LONGEST_CALL_MS) throw failure(decoder, index, message, `it took ${ms} ms`);
  if (index % OVERREAD_CHECK_EVERY === 0 && typeof message !== 'string' && !decoder.isStateful) {
    checkOverread(decoder, index, message);
  }
}

/** What lies around a message in memory must not matter. */
function checkOverread(decoder: Decoder, index: number, message: Uint8Array): void {
  const [first, second] = [0, 0xff].map((around) => {
    const memory = new Uint8Array(MARGIN + Math.min(message.length, LONGEST) + MARGIN).fill(around);
    memory.set(message, MARGIN);
    try {
      return decoder.decode(memory.subarray(MARGIN, MARGIN + message.length));
    } catch (error) {
      return String(error);
    }
  });
  if (!isDeepStrictEqual(first, second)) {
    throw failure(decoder, index, message, 'it reads what is not in the message');
  }
}

/** Says how to get the message again: by its number and seed, or as it is. */
function failure(decoder: Decoder, index: number, message: Message, cause: unknown): Error {
  const text =
    typeof message === 'string' ? inspect(message) : Buffer.from(message).toString('hex');
  const what = `${decoder.name}, message ${index} of seed ${SEED} (${message.length} long): ${text}`;
  return new Error(`${what.slice(0, 20_000)}\n${inspect(cause)}`, { cause });
}

function memoryInUse(): number {
  // The memory of arrays is given back only after a collection has ended.
  for (let times = 0; times < 3; times++) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What nobody uses any more is left where it is as long as the machine has memory. */
function checkPeak(decoder: Decoder, index: number): void {
  const { heapUsed, external } = process.memoryUsage();
  if (heapUsed + external < MEMORY_PEAK_BYTES) return;
  const used = memoryInUse();
  assert.ok(
    used < MEMORY_PEAK_BYTES / 2,
    `${decoder.name} uses ${used} bytes at message ${index} of seed ${SEED}`,
  );
}

function checkGrowth(decoder: Decoder): void {
  const watched = watch(`${decoder.name}, long messages`);
  try {
    decoder.grown(SMALL * GROWTH).forEach((large, shape) => {
      watched.at(shape);
      if (timeOf(decoder, large, 1, 1) < FAST_MS) return;
      const largeMs = timeOf(decoder, large, 1);
      const sameMs = timeOf(decoder, decoder.grown(SMALL)[shape] ?? '', GROWTH);
      const ratio = largeMs / sameMs;
      const start = inspect(large).slice(0, 300);
      assert.ok(
        ratio < GROWTH_PER_BYTE,
        `${decoder.name} takes ${largeMs.toFixed(1)} ms for ${large.length} bytes, ${ratio.toFixed(1)} times as long as for them in ${GROWTH} parts: ${start}`,
      );
    });
  } finally {
    watched.end();
  }
}

/** How long it takes to read a message so many times: the least of a few, since others use the machine, too. */
function timeOf(decoder: Decoder, message: Message, times: number, attempts = ATTEMPTS): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const start = performance.now();
    for (let time = 0; time < times; time++) {
      try {
        decoder.decode(message);
      } catch (error) {
        if (!decoder.mayThrow(error)) throw failure(decoder, attempt, message, error);
      }
    }
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
