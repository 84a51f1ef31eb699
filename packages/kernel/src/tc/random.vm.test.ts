import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Request } from '../netlink/request.ts';
import { addClass, changeClass, dumpClasses } from './class.ts';
import type { HtbClass } from './htb.ts';
import { burstToTicks, ticksToBurst } from './psched.ts';
import { addQdisc, dumpQdiscs, replaceQdisc } from './qdisc.ts';
import type { RateSpec } from './ratespec.ts';
import type { Tbf } from './tbf.ts';
import { handle } from './tcmsg.ts';
import { makeWire, type Wire } from './witness.test-support.ts';

/** NETWEIR_RANDOM_IMPAIRMENTS says how many, NETWEIR_FUZZ_SEED which. */
const COUNT = Number(process.env.NETWEIR_RANDOM_IMPAIRMENTS ?? 2000);
const SEED = Number(process.env.NETWEIR_FUZZ_SEED ?? 1);
/** How many classes are set with one batch. */
const CLASSES = 100;
const ROOT = handle(0x4e57);

const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytesPerSecond = fc.oneof(
  fc.integer({ min: 1, max: 100_000_000 }),
  fc.integer({ min: 1, max: 2 ** 45 }),
);
const rate: fc.Arbitrary<RateSpec> = record({
  bytesPerSecond,
  overhead: u16,
  mpu: u16,
  linklayer: fc.integer({ min: 0, max: 2 }),
});
const htbClass: fc.Arbitrary<HtbClass> = record({
  kind: fc.constant('htb' as const),
  rate,
  ceil: rate,
  burstBytes: u32,
  cburstBytes: u32,
  quantumBytes: fc.integer({ min: 1, max: 0x7fff_ffff }),
  prio: fc.integer({ min: 0, max: 7 }),
});

/** Plain objects, as deepEqual tells them from those without a prototype. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

function carryOut({ space }: Wire, requests: readonly Request[]): void {
  assert.deepEqual(
    space.socket.batch(requests).filter((error) => error !== undefined),
    [],
  );
}

/** Bursts are kept as times, in steps of 64 ns. */
function asKept(bytes: number, { bytesPerSecond: perSecond }: RateSpec): number {
  return ticksToBurst(burstToTicks(bytes, perSecond), perSecond);
}

describe('Random classes and buckets', () => {
  test('classes of htb come back from the kernel as they were written', (t) => {
    const wire = makeWire(t, 'h');
    const { root, space } = wire;
    const htb = { kind: 'htb', defaultMinor: 0, rate2quantum: 10 } as const;
    carryOut(wire, [addQdisc({ ...root, handle: ROOT }, htb)]);
    for (let done = 0; done < COUNT; done += CLASSES) {
      const wanted = fc.sample(htbClass, { numRuns: CLASSES, seed: SEED + done });
      const set = done === 0 ? addClass : changeClass;
      const place = { ifindex: root.ifindex, parent: ROOT, target: 'v0' };
      carryOut(
        wire,
        wanted.map((one, index) => set({ ...place, handle: ROOT + index + 1 }, one)),
      );
      const found = new Map(
        space.socket.dump(dumpClasses(root.ifindex)).map((one) => [one.handle, one.options]),
      );
      wanted.forEach((one, index) => {
        assert.deepEqual(found.get(ROOT + index + 1), {
          ...one,
          burstBytes: asKept(one.burstBytes, one.rate),
          cburstBytes: asKept(one.cburstBytes, one.ceil),
        });
      });
    }
    t.diagnostic(`${COUNT} classes`);
  });

  test('token buckets come back from the kernel as they were written', (t) => {
    const wire = makeWire(t, 't');
    const { root, space } = wire;
    for (const wanted of fc.sample(bucket, { numRuns: COUNT / 10, seed: SEED })) {
      carryOut(wire, [replaceQdisc({ ...root, handle: ROOT }, wanted)]);
      const found = space.socket.dump(dumpQdiscs(root.ifindex)).find((one) => one.handle === ROOT);
      assert.ok(found?.options?.kind === 'tbf');
      const { burstBytes, peak, ...rest } = found.options;
      const { burstBytes: sentBurst, peak: sentPeak, ...sent } = wanted;
      assert.deepEqual(rest, sent);
      assert.deepEqual(peak?.rate, sentPeak?.rate);
      assertNear(burstBytes, sentBurst, sent.rate);
      if (peak && sentPeak) assertNear(peak.burstBytes, sentPeak.burstBytes, sentPeak.rate);
    }
    t.diagnostic(`${COUNT / 10} token buckets`);
  });
});

/** Of an Ethernet, with what takes no more than the 274 s that a dump can show. */
const bucket: fc.Arbitrary<Tbf> = fc
  .tuple(rate, u32, fc.integer({ min: 2000, max: 0x7fff_ffff }), fc.option(bytesPerSecond))
  .map(([spec, limitBytes, burst, more]) => {
    const own = { ...spec, linklayer: 1, overhead: 0, mpu: 0 };
    const peakRate = { ...own, bytesPerSecond: own.bytesPerSecond + (more ?? 0) };
    const most = own.bytesPerSecond * 200;
    const burstBytes = Math.min(burst, most);
    return {
      kind: 'tbf',
      rate: own,
      limitBytes,
      burstBytes,
      ...(more !== null && { peak: { rate: peakRate, burstBytes } }),
    };
  });

function assertNear(found: number, sent: number, { bytesPerSecond: perSecond }: RateSpec): void {
  const step = Math.ceil((perSecond * 128) / 1e9) + 1;
  assert.ok(Math.abs(found - sent) <= step, `${found} for ${sent} at ${perSecond} bytes a second`);
}
