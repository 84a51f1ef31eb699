import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldChecksum, sumWords } from '../internet-checksum.ts';
import { decodeEchoReply, encodeEchoRequest } from './echo-packet.ts';

test('an IPv4 request sums up to zero with its checksum', () => {
  const packet = encodeEchoRequest(4, { identifier: 7, sequence: 9 }, Uint8Array.of(1, 2, 3));
  assert.equal(foldChecksum(sumWords(packet, 0, packet.length, 0)), 0);
});

test('a reply behind an IPv4 header with options is read', () => {
  const packet = encodeEchoRequest(4, { identifier: 513, sequence: 65535 }, new Uint8Array(8));
  packet[0] = 0;
  const datagram = new Uint8Array(24 + packet.length);
  datagram[0] = 0x46;
  datagram.set(packet, 24);
  assert.deepEqual(decodeEchoReply(4, datagram), { identifier: 513, sequence: 65535 });
});

test('a request is no reply', () => {
  const request = encodeEchoRequest(6, { identifier: 1, sequence: 1 }, new Uint8Array(8));
  assert.equal(decodeEchoReply(6, request), undefined);
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(4, 6), (bytes, family) => {
      decodeEchoReply(family, bytes);
    }),
  );
});
