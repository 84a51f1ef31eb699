import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rebase, VnetHeader } from './vnet-header.ts';

const NEEDS_CSUM = 1;
const TCPV4 = 1;

/** A header as the kernel writes it: flags, kind, hdr_len, gso_size, csum_start, csum_offset. */
function header(flags: number, kind: number, ...fields: number[]): Uint8Array {
  const words = Uint16Array.from([flags | (kind << 8), ...fields]);
  return new Uint8Array(words.buffer);
}

describe('A virtio-net header', () => {
  test('is read field by field', () => {
    const vnet = new VnetHeader();
    vnet.read(header(NEEDS_CSUM, TCPV4, 66, 1448, 34, 16), 0);
    const { isGso, needsChecksum, gsoSize, csumStart, csumOffset } = vnet;
    assert.deepEqual([isGso, needsChecksum], [true, true]);
    assert.deepEqual([gsoSize, csumStart, csumOffset], [1448, 34, 16]);
  });

  test('counts from the frame that is left when its start is taken away', () => {
    const bytes = header(NEEDS_CSUM, TCPV4, 74, 1448, 42, 16);
    rebase(bytes, 8);
    assert.deepEqual(bytes, header(NEEDS_CSUM, TCPV4, 66, 1448, 34, 16));
  });

  test('says nothing of lengths that it does not have', () => {
    const bytes = header(0, 0, 0, 0, 0, 0);
    rebase(bytes, 8);
    assert.deepEqual(bytes, header(0, 0, 0, 0, 0, 0));
  });
});
