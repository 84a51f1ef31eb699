import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import type { PacketRecord } from '@netweir/kernel';
import {
  enhancedPacketLength,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
  writeEnhancedPacket,
} from './pcapng.ts';
import { PcapngFile } from './pcapng-file.ts';

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

const PACKET: PacketRecord = {
  timeHigh: 0x01020304,
  timeLow: 0x05060708,
  length: 100,
  type: 'outgoing',
  bytes: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd, 0xee),
};

/** By the format's description: type, length, time, captured and original length, data, flags, end. */
const PACKET_BLOCK = `
  06000000 34000000 00000000 04030201 08070605 05000000 64000000
  aabbccdd ee000000
  0200 0400 02000000 00000000
  34000000`;

describe('pcapng', () => {
  test('starts with a section of unknown length', () => {
    const expected = `
      0a0d0d0a 2c000000 4d3c2b1a 0100 0000 ffffffffffffffff
      0400 0700 6e65747765697200
      00000000
      2c000000`;
    assert.deepEqual(sectionHeader(), bytes(expected));
  });

  test('tells the interface’s name, its kind of packets, and that times are in nanoseconds', () => {
    const expected = `
      01000000 38000000 0100 0000 00000400
      0200 0400 65746830
      0300 0b00 6c6170746f70206574683000
      0900 0100 09000000
      00000000
      38000000`;
    const about = {
      name: 'eth0',
      description: 'laptop eth0',
      linkType: 1,
      snapLength: 262_144,
    } as const;
    assert.deepEqual(interfaceDescription(about), bytes(expected));
  });

  test('has a packet with its time, both lengths and its direction', () => {
    const block = Buffer.alloc(enhancedPacketLength(PACKET.bytes.length));
    writeEnhancedPacket(block, 0, PACKET);
    assert.deepEqual(block, bytes(PACKET_BLOCK));
    for (const [type, flags] of [
      ['host', 0b0_0101],
      ['multicast', 0b0_1001],
      ['broadcast', 0b0_1101],
      ['otherhost', 0b1_0001],
    ] as const) {
      writeEnhancedPacket(block, 0, { ...PACKET, type });
      assert.equal(block.readUInt32LE(block.length - 12), flags, type);
    }
  });

  test('ends with what became of the packets', () => {
    const expected = `
      05000000 58000000 00000000 01000000 03000000
      0200 0800 01000000 02000000
      0300 0800 01000000 03000000
      0400 0800 0a00000000000000
      0700 0800 0300000000000000
      0800 0800 0700000000000000
      00000000
      58000000`;
    const statistics = {
      startNs: (1n << 32n) + 2n,
      endNs: (1n << 32n) + 3n,
      received: 10,
      delivered: 7,
      dropped: 3,
    };
    assert.deepEqual(interfaceStatistics(statistics), bytes(expected));
  });
});

describe('A pcapng file', () => {
  const end = interfaceStatistics({
    startNs: 0n,
    endNs: 0n,
    received: 0,
    delivered: 0,
    dropped: 0,
  });

  test('has all packets in order, whatever their lengths', async () => {
    const stream = new PassThrough();
    const content = stream.toArray();
    const file = new PcapngFile(stream, sectionHeader(), Number.POSITIVE_INFINITY);
    const sizes = [5, 300_000, 0, 60_000, 250_000, 1];
    const blocks = sizes.map((size, index) => {
      const packet = { ...PACKET, bytes: new Uint8Array(size).fill(index) };
      assert.equal(file.packet(packet), 'written');
      const block = Buffer.alloc(enhancedPacketLength(size));
      writeEnhancedPacket(block, 0, packet);
      return block;
    });
    await file.end(end);
    const written = Buffer.concat(await content);
    assert.ok(written.equals(Buffer.concat([sectionHeader(), ...blocks, end])));
    assert.equal(file.length, written.length);
  });

  test('has no packet more than its limit allows, its end included', async () => {
    const room = sectionHeader().length + 2 * enhancedPacketLength(5) + end.length;
    for (const [limit, fates] of [
      [room, ['written', 'written', 'over-limit']],
      [room - 1, ['written', 'over-limit', 'over-limit']],
    ] as const) {
      const stream = new PassThrough();
      const file = new PcapngFile(stream, sectionHeader(), limit);
      const actual = fates.map(() => file.packet(PACKET));
      assert.deepEqual(actual, fates);
      const content = stream.toArray();
      await file.end(end);
      assert.ok(Buffer.concat(await content).length <= limit);
    }
  });

  test('drops what a stream does not take in time, and fails with the stream', async () => {
    const stream = new PassThrough();
    const file = new PcapngFile(stream, sectionHeader(), Number.POSITIVE_INFINITY);
    const packet = { ...PACKET, bytes: new Uint8Array(1 << 20) };
    const fates = new Set<string>();
    for (let count = 0; count < 70; count++) {
      fates.add(file.packet(packet));
      await Promise.resolve();
    }
    assert.deepEqual([...fates], ['written', 'dropped']);
    stream.destroy(new Error('no space'));
    assert.equal(file.packet(PACKET), 'dropped');
    await assert.rejects(file.end(end), /no space/);
  });
});
