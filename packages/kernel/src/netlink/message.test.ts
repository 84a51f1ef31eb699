import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  attributeAt,
  MessageCursor,
  readDone,
  readError,
  readMessages,
  writeHeader,
} from './message.ts';
import { Writer } from './writer.ts';

const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;

function message(type: number, body: Uint8Array, padding = true): Uint8Array {
  const writer = new Writer()
    .u32(16 + body.length)
    .u16(type)
    .u16(2)
    .u32(7)
    .u32(0)
    .raw(body);
  return padding ? writer.zeros(-body.length & 3).finish() : writer.finish();
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe('writeHeader', () => {
  test('writes struct nlmsghdr', () => {
    const bytes = new Uint8Array(20);
    writeHeader(new DataView(bytes.buffer), 4, 76, 36, 0x505, 0x6b026884);
    assert.equal(Buffer.from(bytes).toString('hex'), '000000004c000000240005058468026b00000000');
  });
});

describe('readMessages', () => {
  test('gives back every message of a datagram, whatever their lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (bodies) => {
        const datagram = concat(...bodies.map((body, index) => message(index + 16, body)));
        const read = readMessages(datagram);
        assert.deepEqual(
          read.map(({ type }) => type),
          bodies.map((_, index) => index + 16),
        );
        assert.deepEqual(
          read.map(({ body }) => [...body]),
          bodies.map((body) => [...body]),
        );
      }),
    );
  });

  test('takes a last message that is not padded', () => {
    const datagram = concat(message(16, Uint8Array.of(1)), message(17, Uint8Array.of(2), false));
    assert.deepEqual(
      readMessages(datagram).map(({ type }) => type),
      [16, 17],
    );
  });

  test('stops before a message that is cut', () => {
    const datagram = concat(message(16, Uint8Array.of(1)), message(17, new Uint8Array(40)));
    assert.equal(readMessages(datagram.subarray(0, datagram.length - 1)).length, 1);
  });

  test('never fails on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const { body } of readMessages(bytes)) assert(body.length <= bytes.length);
      }),
    );
  });

  test('works on bytes that lie unaligned in their memory', () => {
    const datagram = message(16, Uint8Array.of(1, 2, 3));
    const shifted = new Uint8Array(datagram.length + 1);
    shifted.set(datagram, 1);
    assert.deepEqual([...(readMessages(shifted.subarray(1))[0]?.body ?? [])], [1, 2, 3]);
  });
});

describe('MessageCursor', () => {
  for (const length of [0, 1, 15, 17, 0xffffffff]) {
    test(`calls a message malformed that says to be ${length} bytes long in a datagram of 16`, () => {
      const view = new DataView(new ArrayBuffer(16));
      view.setUint32(0, length, true);
      const cursor = new MessageCursor(view);
      assert.equal(cursor.next(), false);
      assert.equal(cursor.malformed, true);
    });
  }

  test('calls a rest that is too short for a header malformed, and an empty datagram not', () => {
    const short = new MessageCursor(new DataView(new ArrayBuffer(15)));
    const empty = new MessageCursor(new DataView(new ArrayBuffer(0)));
    assert.deepEqual([short.next(), short.malformed], [false, true]);
    assert.deepEqual([empty.next(), empty.malformed], [false, false]);
  });

  test('reads only as much of its view as it is told to', () => {
    const datagram = concat(message(16, new Uint8Array(4)), message(17, new Uint8Array(4)));
    const view = new DataView(datagram.buffer);
    const cursor = new MessageCursor(view);
    cursor.reset(view, 20);
    assert.deepEqual([cursor.next(), cursor.next(), cursor.malformed], [true, false, false]);
  });
});

describe('readError', () => {
  const request = new Writer().u32(36).u16(36).u16(5).u32(7).u32(0);
  const tlvs = new Writer()
    .attributeString(1, 'slot min delay greater than max delay')
    .attributeU32(2, 76);

  test('reads the text and the offset behind a capped request', () => {
    const body = new Writer().i32(-22).raw(request.finish()).raw(tlvs.finish()).finish();
    assert.deepEqual(readError(body, NLM_F_CAPPED | NLM_F_ACK_TLVS), {
      errno: 22,
      kernelText: 'slot min delay greater than max delay',
      offset: 76,
      missingAttribute: undefined,
    });
  });

  test('reads them behind a request that is echoed whole', () => {
    const echoed = new Writer().i32(-22).raw(request.finish()).zeros(20).raw(tlvs.finish());
    assert.equal(readError(echoed.finish(), NLM_F_ACK_TLVS).offset, 76);
  });

  test('reads a warning of a request that succeeded', () => {
    const text = new Writer().attributeString(1, 'quantum is small');
    const body = new Writer().i32(0).raw(request.finish()).raw(text.finish()).finish();
    const verdict = readError(body, NLM_F_CAPPED | NLM_F_ACK_TLVS);
    assert.deepEqual([verdict.errno, verdict.kernelText], [0, 'quantum is small']);
  });

  test('never takes a body that is too short for success', () => {
    assert.equal(readError(new Uint8Array(3), 0).errno, 74);
  });

  test('never fails on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(0xffff), (bytes, flags) => {
        assert(readError(bytes, flags).errno >= 0);
        assert(readDone(bytes, flags).errno >= 0);
      }),
    );
  });
});

describe('readDone', () => {
  test('reads the error of a dump that was refused', () => {
    const text = new Writer().attributeString(1, 'Invalid header for link dump');
    const body = new Writer().i32(-22).raw(text.finish()).finish();
    const verdict = readDone(body, 0x202);
    assert.deepEqual([verdict.errno, verdict.kernelText], [22, 'Invalid header for link dump']);
  });

  test('is success without an error number', () => {
    assert.equal(readDone(new Uint8Array(), 2).errno, 0);
  });
});

describe('attributeAt', () => {
  const body = new Writer()
    .zeros(4)
    .attributeU32(3, 1)
    .nest(18, (w) => w.attributeU8(1, 2))
    .finish();

  test('gives the type at an offset that counts from the header', () => {
    assert.deepEqual(
      [20, 28, 32].map((offset) => attributeAt(body, offset)),
      [3, 18, 1],
    );
  });

  test('is undefined outside of the request', () => {
    assert.equal(attributeAt(body, 4), undefined);
    assert.equal(attributeAt(body, 16 + body.length), undefined);
  });
});
