import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  PACKET_RECORD_HEADER_LENGTH,
  readPacketRecord,
  writePacketRecord,
} from './packet-record.ts';

describe('The record of a packet', () => {
  test('comes back as it was written, wherever it is', () => {
    const memory = new Uint8Array(8 + PACKET_RECORD_HEADER_LENGTH + 3).fill(0xff);
    const record = memory.subarray(8);
    record.fill(0, 0, PACKET_RECORD_HEADER_LENGTH);
    const view = new DataView(memory.buffer, 8);
    writePacketRecord(view, 0, { timeNs: 0x1_0000_0002n, length: 60, type: 4 });
    assert.deepEqual(readPacketRecord(record), {
      timeHigh: 1,
      timeLow: 2,
      length: 60,
      type: 'outgoing',
      bytes: Uint8Array.of(255, 255, 255),
    });
  });

  test('ends where its message ends, whatever lies behind it in memory', () => {
    const memory = new Uint8Array(2 * PACKET_RECORD_HEADER_LENGTH);
    for (let length = 0; length < PACKET_RECORD_HEADER_LENGTH; length++) {
      assert.throws(() => readPacketRecord(memory.subarray(0, length)), RangeError);
    }
  });
});
