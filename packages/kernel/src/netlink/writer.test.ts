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
