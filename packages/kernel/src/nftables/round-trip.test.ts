import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  countConntrack,
  deleteConntrack,
  dumpConntrack,
  parseConntrackMessage,
} from '../conntrack/conntrack.ts';
import { matchesConntrack } from '../conntrack/filter.ts';
import { Attributes } from '../netlink/attributes.ts';
import { Writer } from '../netlink/writer.ts';
import { addChain, listChains } from './chain.ts';
import { listCtTimeouts } from './ct-timeout.ts';
import { DATA_TYPES, type DataTypeName } from './data-type.ts';
import { listElements } from './element.ts';
import { type Expression, register } from './expression.ts';
import { readExpressions, writeExpressions } from './expression-codec.ts';
import { boundsOf, successor } from './interval.ts';
import { match } from './match.ts';
import { dnatTo, snatTo } from './nat.ts';
import { appendRule, listRules } from './rule.ts';
import { RuleDraft, type Statement } from './rule-draft.ts';
import { ip, ip6, meta, tcp, udp } from './selector.ts';
import { listSets } from './set.ts';
import { limitRate, updateSet } from './statement.ts';
import { addTable, listTables } from './table.ts';
import { encodeTransaction } from './transaction.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 16 });
/** fast-check's records have no prototype by default, which deepEqual minds. */
const record = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(members, { noNullPrototype: true });
const chain = { family: 'inet', table: 't', chain: 'c' } as const;

const expression: fc.Arbitrary<Expression> = fc.oneof(
  record({ name: fc.constant('meta' as const), key: u32, dreg: u32 }),
  record({ name: fc.constant('cmp' as const), sreg: u32, op: u32, data: bytes }),
  record({
    name: fc.constant('immediate' as const),
    dreg: u32,
    data: fc.oneof(
      bytes,
      record({ code: fc.integer({ min: -5, max: 1 }) }),
      record({ code: fc.constant(-3), chain: fc.string({ unit: 'grapheme-ascii' }) }),
    ),
  }),
  record({
    name: fc.constant('nat' as const),
    type: u32,
    family: u32,
    addressMin: u32,
    portMax: u32,
  }),
  record({
    name: fc.constant('dynset' as const),
    set: fc.string({ unit: 'grapheme-ascii' }),
    op: u32,
    sregKey: u32,
    timeoutMs: fc.maxSafeNat(),
  }),
  record({ name: fc.constant('fwd' as const), sregDevice: u32 }),
  record({ name: fc.constant('dup' as const), sregDevice: u32 }),
  record({
    name: fc.constant('unknown' as const),
    kind: fc.constant('queue'),
    data: fc.constant(Uint8Array.of(8, 0, 1, 0, 0, 0, 0, 1)),
  }),
  fc.constant({ name: 'notrack' as const }),
);

function draft(...statements: Statement[]): RuleDraft {
  const rule = new RuleDraft('inet', () => 1);
  for (const statement of statements) statement(rule);
  return rule;
}

describe('What the encoders write, the decoders read back', () => {
  test('expressions', () => {
    fc.assert(
      fc.property(fc.array(expression), (expressions) => {
        const writer = new Writer();
        writeExpressions(writer, expressions);
        const read = readExpressions(writer.finish());
        assert.deepEqual(read, expressions);
      }),
    );
  });

  test('values of every type', () => {
    for (const name of Object.keys(DATA_TYPES) as DataTypeName[]) {
      const { length, encode, decode } = DATA_TYPES[name];
      const random = fc.uint8Array({ minLength: length, maxLength: length });
      fc.assert(
        fc.property(random, (value) => {
          if (name === 'ifname') return;
          assert.deepEqual(encode(decode(value)), value, name);
        }),
      );
    }
  });

  test('tuples of connections', () => {
    const tuple = record({
      source: fc.ipV4(),
      destination: fc.ipV4(),
      protocol: fc.nat(255),
      sourcePort: fc.nat(65535),
      destinationPort: fc.nat(65535),
    });
    fc.assert(
      fc.property(tuple, u32, (original, id) => {
        const request = deleteConntrack({ family: 4, original, zone: 3, id });
        const [copied] = Attributes.entries(request.body, 4);
        assert.ok(copied);
        // An entry has both directions; its other members are as in the request.
        const body = new Writer().raw(request.body).attributeBytes(2, copied.payload).finish();
        const entry = parseConntrackMessage({ type: 0x100, flags: 0, body });
        assert.deepEqual(
          [entry?.original, entry?.reply, entry?.zone, entry?.id],
          [original, original, 3, id],
        );
        assert.ok(
          entry && matchesConntrack({ zone: 3, original: { protocol: original.protocol } }, entry),
        );
        assert.ok(entry && !matchesConntrack({ zone: 4 }, entry));
      }),
    );
  });
});

describe('What arrives malformed', () => {
  test('is passed over, or read as what it says', () => {
    const set = { family: 'ip', table: 't', set: 's', key: ['ipv4_addr', 'inet_service'] } as const;
    const queries = [
      listTables(),
      listChains(),
      listRules(),
      listSets(),
      listElements(set),
      listCtTimeouts(),
      dumpConntrack(),
      countConntrack(),
    ];
    const types = [...Array.from({ length: 30 }, (_, index) => 0x0a00 + index), 0x100, 0x105];
    const valid = encodeTransaction([
      addTable(chain),
      addChain({ ...chain, base: { type: 'nat', hook: 'prerouting', priority: 0 } }),
      appendRule(chain, match(tcp.dport, [80, 443]), dnatTo({ address: '10.0.0.1', port: 5 })),
    ]).map(({ body }) => body);
    const damaged = fc
      .tuple(fc.constantFrom(...valid), fc.nat(300), fc.nat(255), fc.nat(300))
      .map(([body, at, value, cut]) => {
        const copy = body.slice(0, Math.max(body.length - cut, 0));
        if (at < copy.length) copy[at] = value;
        return copy;
      });
    const noise = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(noise, damaged), fc.constantFrom(...types), (body, type) => {
        for (const query of queries) query.parse({ type, flags: 0, body });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('Rules', () => {
  test('ask for a protocol once, and before what needs it', () => {
    const rule = draft(match(udp.dport, 53), match(udp.sport, 53), match(ip.saddr, '10.0.0.1'));
    const keys = rule.expressions.flatMap((part) => (part.name === 'meta' ? [part.key] : []));
    assert.deepEqual(keys, [16, 15]);
  });

  test('ask for the protocols of all parts of a concatenation before the first is loaded', () => {
    const rule = draft(updateSet('m', { key: udp.sport, data: [ip.saddr, udp.sport] }));
    assert.deepEqual(
      rule.expressions.map(({ name }) => name),
      ['meta', 'cmp', 'meta', 'cmp', 'payload', 'payload', 'payload', 'dynset'],
    );
    const loads = rule.expressions.flatMap((part) => (part.name === 'payload' ? [part.dreg] : []));
    assert.deepEqual(loads, [1, 2, 13]);
  });

  test('refuse what no packet can be', () => {
    assert.throws(() => draft(match(udp.dport, 1), match(tcp.dport, 1)), RangeError);
    assert.throws(() => draft(match(ip.saddr, '10.0.0.1'), match(ip6.saddr, '::1')), RangeError);
    assert.throws(() => draft(match(ip.saddr, '10.0.0.1'), snatTo({ address: '::1' })), RangeError);
  });

  test('refuse values that are none', () => {
    const bad: (() => unknown)[] = [
      () => draft(match(udp.dport, 65536)),
      () => draft(match(ip.saddr, '10.0.0.256')),
      () => draft(match(ip.saddr, '2001:db8::1')),
      () => draft(match(ip.saddr, '2001:db8::/32')),
      () => draft(match(meta.l4proto, 'tpc')),
      () => draft(match(meta.iifname, 'a-name-that-is-too-long')),
      () => draft(match(udp.dport, { from: 9, to: 5 })),
      () => draft(snatTo({})),
      () => limitRate({ rate: 0, per: 'second' }),
      () => register(16),
      () => register(-1),
    ];
    for (const attempt of bad) {
      assert.throws(
        attempt,
        (error) => error instanceof Error && /RangeError|InvalidValueError/.test(error.name),
      );
    }
  });
});

test('The bounds of a prefix hold it whole, and what follows is not in it', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, length) => {
      const { from, to } = boundsOf('ipv4_addr', `${address}/${length}`);
      const number = (value: Uint8Array) => Buffer.from(value).readUInt32BE();
      assert.equal(number(to) - number(from) + 1, 2 ** (32 - length));
      const next = successor(to);
      assert.equal(next ? number(next) : 2 ** 32, number(to) + 1);
    }),
  );
});
