import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { completeChecksum, foldChecksum, sumWords } from '@netweir/kernel';
import fc from 'fast-check';
import { isEcnCapable, markCongestion } from './ecn.ts';
import { type FrameOptions, frameOf, onesSum, parse, vnetOf } from './frames.test-support.ts';

const version = fc.constantFrom(4 as const, 6 as const);
const protocol = fc.constantFrom('tcp' as const, 'udp' as const);
const payload = fc.uint8Array({ maxLength: 300 });
const vlanTags = fc.integer({ min: 0, max: 2 });

/** The packet with its transport checksum complete. */
function completed(wanted: FrameOptions): Uint8Array {
  const frame = frameOf(wanted);
  const { csumStart, csumOffset } = vnetOf(wanted, 0);
  assert.ok(completeChecksum(frame, 0, frame.length, csumStart, csumOffset));
  return frame;
}

describe('checksums', () => {
  test('the example of RFC 1071 sums to ddf2', () => {
    const example = Uint8Array.from([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
    assert.equal(foldChecksum(sumWords(example, 0, 8, 0)), ~0xddf2 & 0xffff);
  });

  test('any part of any bytes sums as it does by another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 3, maxLength: 100 }), (bytes) => {
        const part = bytes.subarray(1);
        assert.equal(foldChecksum(sumWords(bytes, 1, bytes.length, 0)), ~onesSum(part) & 0xffff);
      }),
    );
  });

  test('a checksum left to the device is right when completed', () => {
    fc.assert(
      fc.property(fc.record({ version, protocol, payload, vlanTags }), (wanted) => {
        assert.deepEqual(parse(completed(wanted), wanted).payload, wanted.payload);
      }),
    );
  });

  test('a sum of 0 becomes ffff, as 0 means none', () => {
    const frame = Uint8Array.from([0xff, 0xff, 0, 0]);
    assert.ok(completeChecksum(frame, 0, 4, 0, 2));
    assert.deepEqual([...frame], [0xff, 0xff, 0xff, 0xff]);
  });

  test('a place outside the frame changes nothing', () => {
    const frame = new Uint8Array(64).fill(5);
    for (const [start, offset] of [
      [60, 0],
      [34, 27],
      [0xffff, 0xffff],
    ] as const) {
      assert.ok(!completeChecksum(frame, 0, 60, start, offset));
    }
    assert.ok(!completeChecksum(frame, 32, 40, 0, 0));
    assert.ok(frame.every((byte) => byte === 5));
  });
});

describe('congestion marks', () => {
  for (const version of [4, 6] as const) {
    for (const ecn of [1, 2, 3]) {
      test(`IPv${version} with ECN ${ecn} is marked, and its checksum stays right`, () => {
        const wanted: FrameOptions = { version, protocol: 'tcp', payload: Uint8Array.of(1), ecn };
        const frame = completed(wanted);
        const marked = completed({ ...wanted, ecn: 3 });
        assert.ok(isEcnCapable(frame, 0, frame.length));
        assert.ok(markCongestion(frame, 0, frame.length));
        assert.deepEqual(frame, marked);
      });
    }

    test(`IPv${version} that takes no part in ECN stays as it is`, () => {
      const wanted: FrameOptions = { version, protocol: 'udp', payload: Uint8Array.of(1), ecn: 0 };
      const frame = completed(wanted);
      assert.ok(!isEcnCapable(frame, 0, frame.length));
      assert.ok(!markCongestion(frame, 0, frame.length));
      assert.deepEqual(frame, completed(wanted));
    });
  }

  test('marking keeps the header right for any content, behind VLAN tags too', () => {
    const ecn = fc.integer({ min: 1, max: 3 });
    const ipId = fc.integer({ min: 0, max: 0xffff });
    const frames = fc.record({ version, protocol, payload, vlanTags, ecn, ipId });
    fc.assert(
      fc.property(frames, (wanted) => {
        const frame = completed(wanted);
        assert.ok(markCongestion(frame, 0, frame.length));
        assert.equal(parse(frame, wanted).payload.length, wanted.payload.length);
      }),
    );
  });

  test('what is not IP, or not whole, is not marked', () => {
    const wanted: FrameOptions = {
      version: 4,
      protocol: 'tcp',
      payload: new Uint8Array(0),
      ecn: 2,
    };
    const frame = completed(wanted);
    assert.ok(!markCongestion(frame, 0, 33));
    assert.ok(!markCongestion(frame, 0, 0));
    frame.set([0x08, 0x06], 12);
    assert.ok(!markCongestion(frame, 0, frame.length));
  });

  test('random bytes never crash it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        if (bytes.length > 14) bytes.set([8, 0, 0x45], 12);
        const before = Uint8Array.from(bytes);
        if (!markCongestion(bytes, 0, bytes.length)) assert.deepEqual(bytes, before);
      }),
    );
  });
});
