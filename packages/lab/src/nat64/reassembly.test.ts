import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fragment, Reassembly } from './reassembly.ts';

const LONGEST_IPV4_PAYLOAD = 65_515;

function fragment(offset: number, length: number, more: boolean, identification = 1): Fragment {
  const payload = new Uint8Array(length).fill(offset & 0xff);
  const addresses = { source: Uint8Array.of(1, 2, 3, 4), destination: Uint8Array.of(5, 6, 7, 8) };
  return { ...addresses, protocol: 17, identification, offset, more, payload };
}

function memoryInUse(): number {
  return process.memoryUsage().arrayBuffers;
}

describe('Reassembly', () => {
  test('puts fragments together in whatever order they come, and once they come twice', () => {
    const reassembly = new Reassembly(() => 0);
    assert.equal(reassembly.add(fragment(16, 3, false)), undefined);
    assert.equal(reassembly.add(fragment(0, 8, true)), undefined);
    assert.equal(reassembly.add(fragment(0, 8, true)), undefined);
    assert.equal(reassembly.add(fragment(8, 8, true))?.length, 19);
  });

  test('gives up a datagram whose fragments overlap (RFC 5722)', () => {
    const reassembly = new Reassembly(() => 0);
    reassembly.add(fragment(0, 16, true));
    reassembly.add(fragment(8, 16, true));
    assert.equal(reassembly.add(fragment(24, 8, false)), undefined);
    reassembly.add(fragment(8, 8, true));
    assert.equal(reassembly.add(fragment(16, 8, true)), undefined);
  });

  test('makes nothing that is too long for a packet of IPv4', () => {
    const reassembly = new Reassembly(() => 0);
    const rest = 65_520;
    reassembly.add(fragment(0, 32_760, true));
    reassembly.add(fragment(32_760, rest - 32_760, true));
    assert.equal(reassembly.add(fragment(rest, 8, false)), undefined);
    reassembly.add(fragment(0, 32_760, true, 2));
    const last = LONGEST_IPV4_PAYLOAD - 32_760;
    const whole = reassembly.add(fragment(32_760, last, false, 2));
    assert.equal(whole?.length, LONGEST_IPV4_PAYLOAD);
  });

  test('keeps no more of a datagram than a datagram can have', () => {
    const reassembly = new Reassembly(() => 0);
    const before = memoryInUse();
    for (let identification = 0; identification < 16; identification++) {
      for (let offset = 0; offset < 65_000; offset += 8) {
        reassembly.add(fragment(offset, 1400, true, identification));
      }
    }
    const kept = memoryInUse() - before;
    assert.ok(kept < 64 * 2 ** 20, `${kept} bytes are kept`);
  });

  test('takes a time that grows with the number of fragments alone', () => {
    const timeOf = (count: number): number => {
      const reassembly = new Reassembly(() => 0);
      const start = performance.now();
      reassembly.add(fragment(8 * count, 8, false));
      for (let index = 0; index < count; index++) reassembly.add(fragment(8 * index, 8, true));
      return performance.now() - start;
    };
    timeOf(8000);
    const least = Math.min(timeOf(8000), timeOf(8000), timeOf(8000));
    assert.ok(least < 200, `${least} ms`);
  });
});
