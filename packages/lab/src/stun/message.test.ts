import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { answerBinding, bindingRequest, type Change, mappedAddress } from './binding.ts';
import {
  BINDING_ERROR,
  BINDING_SUCCESS,
  decodeAddress,
  decodeStun,
  ERROR_CODE,
  encodeAddress,
  encodeStun,
  OTHER_ADDRESS,
  RESPONSE_ORIGIN,
  type StunMessage,
  UNKNOWN_ATTRIBUTES,
} from './message.ts';

/** RFC 5769 section 2.2. */
const SAMPLE_IPV4 = `
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200008 0001a147 e112a643
  00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
  80280004 c07d4c96`;
/** RFC 5769 section 2.3. */
const SAMPLE_IPV6 = `
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae
  8022000b 74657374 20766563 746f7220
  00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
  00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
  80280004 c8fb0b4c`;

const TRANSACTION = Uint8Array.from({ length: 12 }, (_, index) => index + 1);
const CLIENT = { address: '198.18.0.10', port: 40_000 };
const FIRST = { address: '198.18.0.1', port: 3478 };
const OTHER = { address: '198.18.0.2', port: 3479 };

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

function decode(hex: string): StunMessage {
  const message = decodeStun(bytes(hex));
  assert.ok(message);
  return message;
}

function value({ attributes }: StunMessage, type: number): Uint8Array {
  const found = attributes.find((attribute) => attribute.type === type);
  assert.ok(found);
  return found.value;
}

describe('STUN', () => {
  test('reads the sample responses of RFC 5769', () => {
    const ipv4 = mappedAddress(decode(SAMPLE_IPV4));
    assert.deepEqual(ipv4, { address: '192.0.2.1', port: 32_853 });
    const ipv6 = mappedAddress(decode(SAMPLE_IPV6));
    assert.deepEqual(ipv6, { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 });
  });

  test('writes a request and reads an answer as RFC 8489 lays them out', () => {
    // Type, length, cookie, transaction; CHANGE-REQUEST with both flags.
    const request = bindingRequest(TRANSACTION, { address: true, port: true });
    const expected = '0001 0008 2112a442 0102030405060708090a0b0c 0003 0004 00000006';
    assert.deepEqual(Buffer.from(encodeStun(request)), bytes(expected));
    assert.deepEqual(decode(expected), request);
  });

  test('tells a client of either family how it is seen', () => {
    for (const client of [CLIENT, { address: '2001:db8::10', port: 1 }]) {
      const server = { origin: () => FIRST, other: undefined };
      const answer = answerBinding(bindingRequest(TRANSACTION), client, server);
      assert.ok(answer);
      const read = decodeStun(encodeStun(answer.message));
      assert.deepEqual(read && mappedAddress(read), client);
      assert.deepEqual(decodeAddress(value(answer.message, RESPONSE_ORIGIN)), FIRST);
    }
  });

  test('answers from where it is asked to, and tells its other address', () => {
    const wishes: Change[] = [];
    const server = {
      origin: (change: Change) => {
        wishes.push(change);
        return OTHER;
      },
      other: OTHER,
    };
    for (const change of [
      { address: true, port: true },
      { address: false, port: true },
      { address: true, port: false },
      { address: false, port: false },
    ]) {
      const answer = answerBinding(bindingRequest(TRANSACTION, change), CLIENT, server);
      assert.deepEqual(answer?.change, change);
      assert.deepEqual(wishes.pop(), change);
      assert.equal(answer?.message.type, BINDING_SUCCESS);
      assert.deepEqual(decodeAddress(value(answer.message, OTHER_ADDRESS)), OTHER);
    }
  });

  test('refuses what has to be understood and is not: CHANGE-REQUEST too, with one address', () => {
    const request = bindingRequest(TRANSACTION, { address: true, port: false });
    const server = { origin: () => FIRST, other: undefined };
    const answer = answerBinding(request, CLIENT, server);
    assert.equal(answer?.message.type, BINDING_ERROR);
    assert.deepEqual([...value(answer.message, ERROR_CODE).subarray(2, 4)], [4, 20]);
    assert.deepEqual([...value(answer.message, UNKNOWN_ATTRIBUTES)], [0, 3]);
    assert.equal(mappedAddress(answer.message), undefined);
    const indication = { ...request, type: 0x0011 };
    assert.equal(answerBinding(indication, CLIENT, server), undefined);
  });

  test('takes nothing else for a message, whatever bytes come', () => {
    for (const text of ['PROBE', 'x'.repeat(20), '']) {
      assert.equal(decodeStun(Buffer.from(text)), undefined);
    }
    const whole = bytes(SAMPLE_IPV4);
    for (let length = 0; length < whole.length; length++) {
      assert.equal(decodeStun(whole.subarray(0, length)), undefined);
    }
    const tail = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(tail, (body) => {
        const head = Buffer.from('01010000 2112a442'.replace(' ', ''), 'hex');
        head.writeUInt16BE(body.length, 2);
        const message = decodeStun(Buffer.concat([head, TRANSACTION, body]));
        if (message) mappedAddress(message);
      }),
    );
  });

  test('reads back the addresses and attributes that it writes', () => {
    const address = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', 'fd10::5'));
    fc.assert(
      fc.property(address, fc.nat(65_535), (ip, port) => {
        assert.deepEqual(decodeAddress(encodeAddress({ address: ip, port })), {
          address: ip,
          port,
        });
      }),
    );
    const attribute = fc.record(
      { type: fc.nat(0xffff), value: fc.uint8Array({ maxLength: 9 }) },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(attribute), (attributes) => {
        const message = { type: 1, transactionId: TRANSACTION, attributes };
        assert.deepEqual(decodeStun(encodeStun(message)), message);
      }),
    );
  });
});
