import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { parseClass, replaceClass } from './class.ts';
import { parseFilter } from './filter.ts';
import { restorableHtb } from './htb.ts';
import { neutralNetem } from './netem.ts';
import { addQdisc, changeQdisc, deleteQdisc, dumpQdiscs, parseQdisc, type Qdisc } from './qdisc.ts';
import { decodeQdiscOptions, encodeQdiscOptions, type QdiscOptions } from './qdisc-options.ts';
import { type RateSpec, rateSpec } from './ratespec.ts';
import { handle, TC_H_ROOT } from './tcmsg.ts';

/** tc qdisc add dev d0 root netem delay 100ms 10ms; RTM_GETQDISC on a kernel with xstats. */
const NETEM_DUMP =
  '88010000 24000200 66000000 8d000000 00000000 02000000 00000180 ffffffff 02000000 ' +
  '0a000100 6e657465 6d000000 7c000200 84d71700 e8030000 00000000 00000000 00000000 ' +
  '5a620200 0c000a00 00e1f505 00000000 0c000b00 80969800 00000000 10000100 00000000 ' +
  '00000000 00000000 0c000300 00000000 00000000 0c000400 00000000 00000000 14000600 ' +
  '00000000 00000000 00000000 00000000 0c000e00 adaef146 196f6586 05000c00 00000000 ' +
  '6c000700 3c000400 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ' +
  '00000000 00000000 00000000 00000000 00000000 00000000 00000000 14000100 00000000 ' +
  '00000000 00000000 00000000 18000300 00000000 00000000 00000000 00000000 00000000 ' +
  '2c000300 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ' +
  '00000000 00000000 3c000400 00000000 00000000 00000000 00000000 00000000 00000000 ' +
  '00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 ';

const root = { ifindex: 2, parent: TC_H_ROOT, target: 'd0' };
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const rate: fc.Arbitrary<RateSpec> = fc.record({
  bytesPerSecond: fc.oneof(
    fc.integer({ min: 1, max: 15_625_000 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  ),
  overhead: u16,
  mpu: u16,
  linklayer: fc.integer({ min: 0, max: 15 }),
});

/** The messages in a dump's bytes, in hexadecimal. */
function messagesOf(hex: string): Message[] {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const messages: Message[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const body = bytes.subarray(at + 16, at + length);
    messages.push({ type: bytes.readUInt16LE(at + 4), flags: bytes.readUInt16LE(at + 6), body });
    at += (length + 3) & ~3;
  }
  return messages;
}

/** The answers to a command of the dump. */
function answersTo(command: string): Message[] {
  const dump = readFileSync(new URL('../../golden/tc_dump.txt', import.meta.url), 'utf8');
  const block = dump.split(/^\$ /m).find((text) => text.startsWith(command)) ?? '';
  return [...block.matchAll(/^RX\[\d+\] (.*)$/gm)].flatMap(([, hex = '']) => messagesOf(hex));
}

describe('parseQdisc', () => {
  test('reads a netem as the kernel dumps it', () => {
    const [message] = messagesOf(NETEM_DUMP);
    assert.ok(message);
    const { rawOptions, ...qdisc } = parseQdisc(message) ?? assert.fail();
    assert.equal(rawOptions?.length, 120);
    assert.deepEqual(qdisc, {
      ifindex: 2,
      handle: handle(0x8001),
      parent: TC_H_ROOT,
      kind: 'netem',
      options: {
        ...neutralNetem,
        latencyNs: 100_000_000,
        jitterNs: 10_000_000,
        seed: 0x8665_6f19_46f1_aeadn,
      },
      stats: {
        bytes: 0,
        packets: 0,
        qlen: 0,
        backlogBytes: 0,
        drops: 0,
        requeues: 0,
        overlimits: 0,
        xstats: new Uint8Array(56),
      },
    });
  });

  test('reads the qdiscs of a whole dump', () => {
    const qdiscs = answersTo('tc -s qdisc show dev d0').map(parseQdisc).filter(Boolean) as Qdisc[];
    assert.deepEqual(
      qdiscs
        .filter(({ ifindex }) => ifindex === 2)
        .sort((a, b) => a.handle - b.handle)
        .map(({ options, kind }) => options ?? kind),
      [
        { kind: 'prio', bands: 4, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] },
        {
          kind: 'fq_codel',
          limit: 1000,
          flows: 1024,
          quantumBytes: 1514,
          intervalUs: 99_999,
          targetUs: 4999,
          ecn: true,
          ceThresholdUs: 999,
          memoryLimitBytes: 33_554_432,
          dropBatchSize: 64,
        },
        'sfq',
        { kind: 'pfifo', limitPackets: 100 },
        { kind: 'bfifo', limitBytes: 100_000 },
      ],
    );
  });

  test('passes over messages of other types', () => {
    const message = { type: 16, flags: 0, body: new Uint8Array(32) };
    assert.equal(parseQdisc(message), undefined);
    assert.equal(parseClass(message), undefined);
    assert.equal(parseFilter(message), undefined);
  });

  test('any bytes are a qdisc, a class or a filter', () => {
    const kinds = ['netem', 'tbf', 'htb', 'prio', 'fq_codel', 'pfifo', 'bfifo', 'clsact', 'sfq'];
    const body = fc
      .tuple(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 200 }), fc.boolean())
      .map(([kind, bytes, wrapped]) => {
        if (!wrapped) return bytes;
        const writer = new Writer(512).zeros(20).attributeString(1, kind);
        return writer.attributeBytes(2, bytes).attributeBytes(7, bytes).finish();
      });
    fc.assert(
      fc.property(body, (bytes) => {
        assert.ok(parseQdisc({ type: 36, flags: 0, body: bytes }));
        assert.ok(parseClass({ type: 40, flags: 0, body: bytes }));
        assert.ok(parseFilter({ type: 44, flags: 0, body: bytes }));
      }),
    );
  });
});

describe('statistics', () => {
  const body = (write: (writer: Writer) => Writer) =>
    write(new Writer(512).zeros(20).attributeString(1, 'pfifo')).finish();

  test('count 64-bit packets, and no hardware ones', () => {
    const bytes = body((writer) =>
      writer.nest(7, (nest) => {
        nest.attribute(1, (w) => w.u64(5_000_000_000).u32(7).u32(0));
        nest.attributeFlag(6).attributeU64(8, 4_294_967_303);
        nest.attribute(7, (w) => w.u64(1).u32(1).u32(0));
        nest.attribute(3, (w) => w.u32(1).u32(2).u32(3).u32(4).u32(5));
        nest.attributeU32(4, 9);
      }),
    );
    assert.deepEqual(parseQdisc({ type: 36, flags: 0, body: bytes })?.stats, {
      bytes: 5_000_000_000,
      packets: 4_294_967_303,
      qlen: 1,
      backlogBytes: 2,
      drops: 3,
      requeues: 4,
      overlimits: 5,
      xstats: Uint8Array.of(9, 0, 0, 0),
    });
  });

  test('come from the older structure where there is no other', () => {
    const bytes = body((writer) =>
      writer.attribute(3, (w) => w.u64(1000).u32(10).u32(2).u32(3).u32(0).u32(0).u32(4).u32(500)),
    );
    assert.deepEqual(parseQdisc({ type: 36, flags: 0, body: bytes })?.stats, {
      bytes: 1000,
      packets: 10,
      qlen: 4,
      backlogBytes: 500,
      drops: 2,
      requeues: 0,
      overlimits: 3,
    });
  });
});

describe('requests', () => {
  test('say what they do to which interface', () => {
    const { operation, target } = addQdisc(root, neutralNetem);
    assert.deepEqual([operation, target], ['add netem qdisc', 'd0']);
    assert.equal(changeQdisc(root, neutralNetem).operation, 'change netem qdisc');
    assert.equal(deleteQdisc(root).operation, 'delete qdisc');
    assert.equal(deleteQdisc({ ...root, kind: 'netem' }).operation, 'delete netem qdisc');
  });

  test('put raw options back byte by byte', () => {
    const rawOptions = Uint8Array.of(1, 2, 3, 4, 5);
    const { body } = addQdisc(root, { kind: 'cake', rawOptions });
    const parsed = parseQdisc({ type: 36, flags: 0, body });
    assert.deepEqual(parsed?.rawOptions, rawOptions);
    assert.equal(parsed?.options, undefined);
  });

  test('put a dumped htb back with the version that htb accepts', () => {
    const init = (version: number, direct: number) =>
      new Writer()
        .attribute(2, (w) => w.u32(version).u32(10).u32(0x30).u32(0).u32(direct))
        .attributeU32(5, 1000)
        .finish();
    assert.deepEqual(restorableHtb(init(0x30011, 77)), init(3, 0));
    const { body } = addQdisc(root, { kind: 'htb', rawOptions: init(0x30011, 77) });
    assert.deepEqual(parseQdisc({ type: 36, flags: 0, body })?.rawOptions, init(3, 0));
  });

  test('a dump of one interface leaves out the qdiscs of others', () => {
    const [message] = messagesOf(NETEM_DUMP);
    assert.ok(message);
    assert.equal(dumpQdiscs(3).parse(message), undefined);
    assert.equal(dumpQdiscs(2).parse(message)?.kind, 'netem');
    assert.equal(dumpQdiscs().parse(message)?.kind, 'netem');
  });

  test('a filter has its priority and protocol in one member', () => {
    const header = Buffer.from(
      '00000000020000000000000000000100dd860600'.replace('dd86', '86dd'),
      'hex',
    );
    const body = Buffer.concat([header, Buffer.from('0800010075333200', 'hex')]);
    assert.deepEqual(parseFilter({ type: 44, flags: 0, body }), {
      ifindex: 2,
      handle: 0,
      parent: handle(1),
      prio: 6,
      protocol: 0x86dd,
      chain: 0,
      kind: 'u32',
      options: undefined,
      rawOptions: undefined,
    });
  });
});

describe('options decode to what was encoded', () => {
  const peak = fc.record({ rate, burstBytes: u32 });
  const arbitraries: Record<string, fc.Arbitrary<QdiscOptions>> = {
    tbf: fc.record(
      { kind: fc.constant('tbf' as const), rate, limitBytes: u32, burstBytes: u32, peak },
      { requiredKeys: ['kind', 'rate', 'limitBytes', 'burstBytes'] },
    ),
    htb: fc.record(
      { kind: fc.constant('htb' as const), defaultMinor: u16, rate2quantum: u32, directQlen: u32 },
      { requiredKeys: ['kind', 'defaultMinor', 'rate2quantum'] },
    ),
    prio: fc
      .integer({ min: 2, max: 16 })
      .chain((bands) =>
        fc
          .array(fc.integer({ min: 0, max: bands - 1 }), { minLength: 16, maxLength: 16 })
          .map((priomap) => ({ kind: 'prio' as const, bands, priomap })),
      ),
    fq_codel: fc.record(
      {
        kind: fc.constant('fq_codel' as const),
        limit: u32,
        flows: u32,
        quantumBytes: u32,
        intervalUs: u32,
        targetUs: u32,
        ecn: fc.boolean(),
        ceThresholdUs: u32,
        memoryLimitBytes: u32,
        dropBatchSize: u32,
      },
      { requiredKeys: ['kind'] },
    ),
    pfifo: u32.map((limitPackets) => ({ kind: 'pfifo' as const, limitPackets })),
    bfifo: u32.map((limitBytes) => ({ kind: 'bfifo' as const, limitBytes })),
  };

  for (const [kind, arbitrary] of Object.entries(arbitraries)) {
    test(kind, () => {
      fc.assert(
        fc.property(arbitrary, (options) => {
          const payload = encodeQdiscOptions(options);
          assert.deepEqual(decodeQdiscOptions(kind, payload), structuredClone(options));
        }),
      );
    });
  }

  test('clsact and ingress, which have none', () => {
    assert.equal(encodeQdiscOptions({ kind: 'clsact' }), undefined);
    assert.deepEqual(decodeQdiscOptions('clsact', undefined), { kind: 'clsact' });
    assert.deepEqual(decodeQdiscOptions('ingress', undefined), { kind: 'ingress' });
  });

  test('a class of htb, its bursts within what 64 ns of its rate are worth', () => {
    const place = { ifindex: 2, parent: handle(1), handle: handle(1, 1), target: 'd0' };
    const burst = fc.integer({ min: 0, max: 10_000_000 });
    const htbClass = fc.record({
      kind: fc.constant('htb' as const),
      rate,
      ceil: rate,
      burstBytes: burst,
      cburstBytes: burst,
      quantumBytes: u32,
      prio: fc.integer({ min: 0, max: 7 }),
    });
    fc.assert(
      fc.property(htbClass, (options) => {
        const ticks = (bytes: number, { bytesPerSecond }: RateSpec) =>
          (bytes * 1e9) / 64 / bytesPerSecond;
        fc.pre(ticks(options.burstBytes, options.rate) < 2 ** 32);
        fc.pre(ticks(options.cburstBytes, options.ceil) < 2 ** 32);
        const { body } = replaceClass(place, options);
        const decoded = parseClass({ type: 40, flags: 0, body })?.options ?? assert.fail();
        const { burstBytes, cburstBytes, ...exact } = decoded;
        assert.deepEqual(
          { ...structuredClone(options), burstBytes, cburstBytes },
          {
            ...exact,
            burstBytes,
            cburstBytes,
          },
        );
        const worth = (spec: RateSpec) =>
          spec.bytesPerSecond <= 15_625_000 ? 0 : (spec.bytesPerSecond * 64) / 1e9;
        assert.ok(Math.abs(options.burstBytes - burstBytes) <= worth(options.rate));
        assert.ok(Math.abs(options.cburstBytes - cburstBytes) <= worth(options.ceil));
      }),
    );
  });

  test('refuse what their field cannot hold', () => {
    const plain = rateSpec(1000);
    const bands = (count: number, band: number) => Array.from({ length: count }, () => band);
    const bad: QdiscOptions[] = [
      { kind: 'tbf', rate: { ...plain, overhead: 65_536 }, limitBytes: 1, burstBytes: 1 },
      { kind: 'tbf', rate: plain, limitBytes: -1, burstBytes: 1 },
      { kind: 'htb', defaultMinor: 0x1_0000, rate2quantum: 10 },
      { kind: 'prio', bands: 17, priomap: bands(16, 0) },
      { kind: 'prio', bands: 2, priomap: bands(15, 0) },
      { kind: 'prio', bands: 2, priomap: bands(16, 2) },
      { kind: 'fq_codel', targetUs: 1.5 },
      { kind: 'pfifo', limitPackets: 2 ** 32 },
    ];
    for (const options of bad) assert.throws(() => encodeQdiscOptions(options), RangeError);
  });
});
