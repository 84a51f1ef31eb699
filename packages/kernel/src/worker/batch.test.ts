import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BatchWriter, readBatch } from './batch.ts';

type Record =
  | { kind: 'message'; handle: number; bytes: number[]; receivedAtNs: bigint }
  | { kind: 'overrun'; handle: number; lost: number }
  | { kind: 'closed'; handle: number; errno: number };

function write(records: readonly Record[]): Uint8Array {
  const writer = new BatchWriter();
  for (const record of records) {
    const { handle } = record;
    if (record.kind === 'message') {
      writer.message(handle, Uint8Array.from(record.bytes), record.receivedAtNs);
    } else if (record.kind === 'overrun') writer.overrun(handle, record.lost);
    else writer.closed(handle, record.errno);
  }
  return writer.take();
}

function read(batch: Uint8Array): Record[] {
  const records: Record[] = [];
  readBatch(batch, {
    message: (handle, bytes, receivedAtNs) =>
      records.push({ kind: 'message', handle, bytes: [...bytes], receivedAtNs }),
    overrun: (handle, lost) => records.push({ kind: 'overrun', handle, lost }),
    closed: (handle, errno) => records.push({ kind: 'closed', handle, errno }),
  });
  return records;
}

const handle = fc.nat(0xffffffff);
const plain = { noNullPrototype: true };
const record: fc.Arbitrary<Record> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('message' as const),
      handle,
      bytes: fc.array(fc.nat(255), { maxLength: 40 }),
      receivedAtNs: fc.bigInt(0n, 2n ** 63n),
    },
    plain,
  ),
  fc.record({ kind: fc.constant('overrun' as const), handle, lost: fc.nat(0xffffffff) }, plain),
  fc.record({ kind: fc.constant('closed' as const), handle, errno: fc.nat(4095) }, plain),
);

test('a batch is read as it was written', () => {
  fc.assert(
    fc.property(fc.array(record), (records) => {
      assert.deepEqual(read(write(records)), records);
    }),
  );
});

test('a writer is empty once its batch is taken', () => {
  const writer = new BatchWriter();
  writer.overrun(1, 2);
  assert(writer.take().length > 0);
  assert.equal(writer.length, 0);
  assert.equal(writer.take().length, 0);
});

test('a batch that ends within a record is refused, however long that says it is', () => {
  const whole = write([{ kind: 'message', handle: 1, bytes: [1, 2, 3], receivedAtNs: 5n }]);
  for (const length of [9, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff]) {
    const batch = whole.slice();
    new DataView(batch.buffer).setUint32(8, length, true);
    assert.throws(() => read(batch), RangeError, `${length}`);
  }
  assert.throws(() => read(whole.subarray(0, 20)), RangeError);
});
