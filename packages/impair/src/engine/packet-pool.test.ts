import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_PACKET_BYTES, NO_PACKET, PacketPool } from './packet-pool.ts';
import { Prng } from './prng.ts';

const LENGTHS = [0, 60, 256, 257, 1514, 2048, 2049, 9014, 65_550, MAX_PACKET_BYTES];

/** Fills a packet with a number of its own, so that an overlap shows. */
function stamp(pool: PacketPool, handle: number): void {
  const [bytes, at] = [pool.bytes(handle), pool.offset(handle)];
  bytes.fill(handle % 251, at, at + pool.length(handle));
}

function isIntact(pool: PacketPool, handle: number): boolean {
  const [bytes, at, length] = [pool.bytes(handle), pool.offset(handle), pool.length(handle)];
  if (at + length > bytes.length) return false;
  return length === 0 || (bytes[at] === handle % 251 && bytes[at + length - 1] === handle % 251);
}

/** Takes and frees packets at random, and looks at each that it frees. */
class Churn {
  readonly pool = new PacketPool();
  readonly #prng = new Prng(10n);
  readonly #lengths = new Map<number, number>();
  readonly #held: number[] = [];

  get held(): number {
    return this.#held.length;
  }

  step(): void {
    const takes = this.#held.length <= 3000 && this.#prng.below(100) < 50;
    if (takes || this.#held.length === 0) this.#take();
    else this.#free(this.#prng.below(this.#held.length));
  }

  freeAll(): void {
    while (this.#held.length > 0) this.#free(0);
  }

  #take(): void {
    const long = this.#prng.below(1000) === 0;
    const length = LENGTHS[this.#prng.below(long ? LENGTHS.length : 6)] ?? 0;
    const handle = this.pool.alloc(length);
    if (this.#lengths.has(handle)) assert.fail(`packet ${handle} was given twice`);
    this.#lengths.set(handle, length);
    this.#held.push(handle);
    stamp(this.pool, handle);
  }

  #free(at: number): void {
    const handle = this.#held[at] ?? NO_PACKET;
    this.#held[at] = this.#held.at(-1) ?? NO_PACKET;
    this.#held.pop();
    if (!isIntact(this.pool, handle)) assert.fail(`packet ${handle} has been written to`);
    if (this.pool.length(handle) !== this.#lengths.get(handle)) assert.fail('another length');
    this.#lengths.delete(handle);
    this.pool.free(handle);
  }
}

describe('PacketPool', () => {
  test('a million random takings and freeings leak nothing and never overlap', () => {
    const churn = new Churn();
    for (let step = 0; step < 1_000_000; step++) {
      churn.step();
      if (step % 50_000 === 0) churn.pool.trim();
    }
    const { pool } = churn;
    assert.equal(pool.packets, churn.held);
    churn.freeAll();
    pool.trim();
    pool.trim();
    assert.deepEqual([pool.packets, pool.memoryBytes], [0, 0]);
  });

  test('a burst is kept for the next one, and given back when none comes', () => {
    const pool = new PacketPool();
    const burst = (): void => {
      const handles = Array.from({ length: 100_000 }, () => pool.alloc(1514));
      for (const handle of handles) pool.free(handle);
    };
    burst();
    const memory = pool.memoryBytes;
    assert.ok(memory <= 100_000 * 2048 + (1 << 20), `${memory} bytes for 100,000 packets`);
    pool.trim();
    burst();
    pool.trim();
    assert.equal(pool.memoryBytes, memory);
    pool.trim();
    assert.equal(pool.memoryBytes, 0);
  });

  test('a handle is a small integer, and so is every one after many slabs', () => {
    const pool = new PacketPool();
    const handles = Array.from({ length: 5000 }, () => pool.alloc(16_000));
    assert.ok(
      handles.every((handle) => Number.isInteger(handle) && handle >= 0 && handle < 2 ** 31),
    );
    assert.equal(new Set(handles).size, 5000);
  });

  test('what is too long gets no memory', () => {
    const pool = new PacketPool();
    assert.equal(pool.alloc(MAX_PACKET_BYTES + 1), NO_PACKET);
    assert.equal(pool.packets, 0);
  });

  test('a packet freed twice, or never taken, is an error', () => {
    const pool = new PacketPool();
    const handle = pool.alloc(60);
    pool.free(handle);
    assert.throws(() => pool.free(handle), RangeError);
    assert.throws(() => pool.free(12_345_678), RangeError);
    assert.throws(() => pool.free(NO_PACKET), RangeError);
    assert.equal(pool.packets, 0);
  });
});
