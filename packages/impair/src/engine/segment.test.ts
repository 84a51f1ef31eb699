import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type FrameOptions, frameOf, parse, vnetOf } from './frames.test-support.ts';
import { Segmenter } from './segment.ts';
import { VnetHeader } from './vnet-header.ts';

const ROOM = 3;

/** Splits a frame that stands somewhere in a larger buffer. */
function split(frame: Uint8Array, vnet: VnetHeader): Uint8Array[] {
  const buffer = new Uint8Array(frame.length + 2 * ROOM);
  buffer.set(frame, ROOM);
  const segmenter = new Segmenter();
  const count = segmenter.open(buffer, ROOM, frame.length, vnet);
  return Array.from({ length: count }, (_, index) => {
    const target = new Uint8Array(segmenter.lengthOf(index) + 2 * ROOM).fill(0xaa);
    const length = segmenter.write(index, target, ROOM);
    assert.equal(length, segmenter.lengthOf(index));
    assert.ok(target.subarray(0, ROOM).every((byte) => byte === 0xaa));
    assert.ok(target.subarray(ROOM + length).every((byte) => byte === 0xaa));
    return target.subarray(ROOM, ROOM + length);
  });
}

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 7) % 256);

const options: fc.Arbitrary<FrameOptions> = fc.record({
  version: fc.constantFrom(4 as const, 6 as const),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  payload: fc.uint8Array({ minLength: 1, maxLength: 5000 }),
  flags: fc.integer({ min: 0, max: 255 }),
  sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  ipId: fc.integer({ min: 0, max: 0xffff }),
  vlanTags: fc.integer({ min: 0, max: 2 }),
  tcpOptions: fc.constantFrom(0, 12, 40),
  ecn: fc.integer({ min: 0, max: 3 }),
});

describe('Segmenter', () => {
  test('what it splits is whole again when its packets are put together', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 40, max: 3000 }), (wanted, gsoSize) => {
        const packets = split(frameOf(wanted), vnetOf(wanted, gsoSize)).map((packet) =>
          parse(packet, wanted),
        );
        assert.equal(packets.length, Math.ceil(wanted.payload.length / gsoSize));
        assert.deepEqual(
          packets.flatMap(({ payload }) => [...payload]),
          [...wanted.payload],
        );
        assert.ok(packets.slice(0, -1).every(({ payload }) => payload.length === gsoSize));
        for (const [index, packet] of packets.entries()) {
          const id = ((wanted.ipId ?? 0) + index) % 0x1_0000;
          assert.equal(packet.ipId, wanted.version === 4 ? id : 0);
          const sequence = ((wanted.sequence ?? 0) + index * gsoSize) % 2 ** 32;
          assert.equal(packet.sequence, wanted.protocol === 'tcp' ? sequence : 0);
        }
      }),
    );
  });

  test('FIN and PSH stand on the last packet only, CWR on the first only', () => {
    const wanted: FrameOptions = {
      version: 4,
      protocol: 'tcp',
      payload: bytes(3000),
      flags: 0xff,
    };
    const flags = split(frameOf(wanted), vnetOf(wanted, 1000)).map(
      (packet) => parse(packet, wanted).flags,
    );
    assert.deepEqual(flags, [0xff & ~0x09, 0xff & ~0x89, 0xff & ~0x80]);
  });

  test('a frame as large as they come splits into 46 packets', () => {
    const wanted: FrameOptions = { version: 4, protocol: 'tcp', payload: bytes(65_483) };
    const packets = split(frameOf(wanted), vnetOf(wanted, 1448));
    assert.equal(packets.length, 46);
    assert.equal(packets[0]?.length, 14 + 20 + 32 + 1448);
    assert.ok(packets.every((packet) => parse(packet, wanted).ttl === 64));
  });

  test('a frame without payload is one packet', () => {
    const wanted: FrameOptions = { version: 6, protocol: 'udp', payload: bytes(0) };
    const [packet, ...others] = split(frameOf(wanted), vnetOf(wanted, 1000));
    assert.equal(others.length, 0);
    assert.equal(parse(packet ?? new Uint8Array(), wanted).payload.length, 0);
  });

  test('a frame that is not of its type is not split', () => {
    const wanted: FrameOptions = { version: 4, protocol: 'tcp', payload: bytes(3000) };
    const frame = frameOf(wanted);
    const wrong: readonly Partial<VnetHeader>[] = [
      { gsoType: 4 },
      { gsoType: 0 },
      { gsoType: 3 },
      { gsoSize: 0 },
      { flags: 0 },
      { csumStart: 33 },
      { csumStart: 0xffff },
    ];
    for (const change of wrong) {
      const vnet = Object.assign(vnetOf(wanted, 1000), change);
      assert.equal(split(frame, vnet).length, 0, JSON.stringify(change));
    }
  });

  test('random bytes are split or not, but never crash it', () => {
    const noise = fc.uint8Array({ maxLength: 200 });
    const header = fc.uint8Array({ minLength: 10, maxLength: 10 });
    const types = fc.constantFrom(1, 4, 5);
    fc.assert(
      fc.property(
        noise,
        header,
        types,
        fc.integer({ min: 0, max: 60 }),
        (frame, raw, type, start) => {
          const vnet = new VnetHeader();
          vnet.read(raw, 0);
          Object.assign(vnet, { flags: 1, gsoType: type, csumStart: start });
          // Most of the noise shall get past the first look.
          if (frame.length > 14) frame.set(type === 4 ? [0x86, 0xdd, 0x60] : [8, 0, 0x45], 12);
          const packets = split(frame, vnet);
          assert.ok(packets.every((packet) => packet.length <= frame.length));
        },
      ),
      { numRuns: 5000 },
    );
  });
});

test('a virtio header is read as the kernel writes it', () => {
  const vnet = new VnetHeader();
  vnet.read(Uint8Array.from([0xff, 1, 0x81, 66, 0, 0xa8, 5, 34, 0, 16, 0]), 1);
  assert.deepEqual(
    { ...vnet },
    { flags: 1, gsoType: 1, gsoSize: 1448, csumStart: 34, csumOffset: 16 },
  );
  assert.deepEqual([vnet.needsChecksum, vnet.isGso], [true, true]);
});
