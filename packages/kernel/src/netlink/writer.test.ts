import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Attributes } from './attributes.ts';
import { Writer } from './writer.ts';

describe('Writer', () => {
  test('writes the same bytes whatever capacity it starts with', () => {
    const write = (writer: Writer) =>
      writer
        .u8(1)
        .u16(2)
        .be16(3)
        .u32(4)
        .be32(5)
        .i32(-6)
        .u64(7)
        .i64(-8n)
        .zeros(3)
        .raw(Uint8Array.of(9, 10));
    const expected = write(new Writer(1000)).finish();
    assert.equal(
      Buffer.from(expected).toString('hex'),
      '01020000030400000000000005faffffff0700000000000000f8ffffffffffffff000000090a',
    );
    for (let capacity = 1; capacity < expected.length; capacity++) {
      assert.deepEqual(write(new Writer(capacity)).finish(), expected);
    }
  });

  test('takes 64-bit numbers as it takes bigints', () => {
    const safe = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(safe, (value) => {
        const ofNumber = new Writer().u64(value).i64(value).finish();
        const bigint = BigInt(value);
        const ofBigint = new Writer().u64(BigInt.asUintN(64, bigint)).i64(bigint).finish();
        assert.deepEqual(ofNumber, ofBigint);
      }),
    );
  });

  test('writes text in UTF-8', () => {
    for (const text of ['', 'v0', 'veth-ü', '日本', '🙂x']) {
      const bytes = new Writer(1).attributeString(3, text).finish();
      assert.equal(Attributes.read(bytes).string(3), text);
    }
  });

  test('keeps the memory of writers that are open at once, finished or go on apart', () => {
    const pieces = fc.array(fc.tuple(fc.nat(4), fc.uint8Array({ maxLength: 3000 })));
    fc.assert(
      fc.property(fc.array(fc.nat(6000), { minLength: 5, maxLength: 5 }), pieces, (sizes, all) => {
        const writers = sizes.map((capacity) => new Writer(capacity));
        const finished: { expected: Uint8Array; bytes: Uint8Array }[] = [];
        const expected = sizes.map(() => Buffer.alloc(0));
        for (const [index, piece] of all) {
          const bytes = writers[index]?.raw(piece).zeros(5).finish() ?? assert.fail();
          const whole = Buffer.concat([expected[index] ?? assert.fail(), piece, Buffer.alloc(5)]);
          expected[index] = whole;
          finished.push({ expected: new Uint8Array(whole), bytes });
        }
        for (const { expected, bytes } of finished) assert.deepEqual(bytes, expected);
      }),
    );
  });

  test('pads an attribute and leaves the padding out of its length', () => {
    const bytes = new Writer(1).attributeString(3, 'v0').attributeU8(7, 1).finish();
    assert.equal(Buffer.from(bytes).toString('hex'), '0700030076300000' + '0500070001000000');
  });

  test('marks a nest', () => {
    const bytes = new Writer(1).nest(18, (w) => w.attributeU16(1, 2)).finish();
    assert.equal(Buffer.from(bytes).toString('hex'), '0c001280' + '0600010002000000');
  });

  test('refuses an attribute that is too long for its length field', () => {
    const writer = new Writer();
    assert.equal(writer.attributeBytes(1, new Uint8Array(65531)).length, 65536);
    assert.throws(() => writer.attributeBytes(1, new Uint8Array(65532)), RangeError);
  });
});

describe('Attributes', () => {
  test('give back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0x3fff), fc.uint8Array())), (attributes) => {
        const writer = new Writer(1);
        for (const [type, payload] of attributes) writer.attributeBytes(type, payload);
        assert.deepEqual(
          Attributes.entries(writer.finish()).map(({ type, payload }) => [type, [...payload]]),
          attributes.map(([type, payload]) => [type, [...payload]]),
        );
      }),
    );
  });

  test('never fail on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(300), (bytes, offset) => {
        const read = Attributes.read(bytes, offset);
        for (const { type } of Attributes.entries(bytes, offset)) assert(read.has(type));
      }),
    );
  });
});
