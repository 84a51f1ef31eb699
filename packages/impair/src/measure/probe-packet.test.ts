import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeProbe, encodeProbe, PROBE_HEADER_LENGTH } from './probe-packet.ts';

const STREAM = 0x1234_5678;
const LENGTH = 64;

describe('a probe packet', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), (stream, sequence) => {
        const packet = encodeProbe(stream, sequence, LENGTH);
        assert.deepEqual(decodeProbe(stream, packet, LENGTH), { sequence, corrupted: false });
      }),
    );
  });

  test('with any one bit wrong is told by its number, and told to be damaged', () => {
    for (let bit = 0; bit < LENGTH * 8; bit++) {
      const packet = encodeProbe(STREAM, 4711, LENGTH);
      packet[bit >> 3] = (packet[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const probe = decodeProbe(STREAM, packet, LENGTH);
      assert.deepEqual(probe, { sequence: 4711, corrupted: true }, `bit ${bit}`);
    }
  });

  test('of another stream or length is none', () => {
    const packet = encodeProbe(STREAM, 1, LENGTH);
    assert.equal(decodeProbe(STREAM + 1, packet, LENGTH), undefined);
    assert.equal(decodeProbe(STREAM, packet.subarray(1), LENGTH), undefined);
    assert.equal(decodeProbe(STREAM, new Uint8Array(PROBE_HEADER_LENGTH), LENGTH), undefined);
  });
});
