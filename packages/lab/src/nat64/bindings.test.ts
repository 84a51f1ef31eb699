import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseIpAddress } from '@netweir/kernel';
import { Bindings } from './bindings.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from './packet.ts';
import { SYN } from './tcp-session.ts';

const ACK = 0x10;
const FIN = 0x01;
const RST = 0x04;
const client = (number: number): Uint8Array => parseIpAddress(`2001:db8::${number}`).bytes;
const A = client(1);
const B = client(2);
const remote = (number: number, port = 53) => ({
  address: parseIpAddress(`198.51.100.${number}`).bytes,
  port,
});
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Bindings with a clock of the test's own. */
function made(): { bindings: Bindings; pass: (ms: number) => void } {
  let now = 0;
  return {
    bindings: new Bindings(() => now),
    pass: (ms) => {
      now += ms;
    },
  };
}

describe('A binding', () => {
  test('keeps no more sessions than a client has use for, the latest of them', () => {
    const { bindings, pass } = made();
    const far = (number: number) => ({
      address: Uint8Array.of(198, number >> 16, number >> 8, number),
      port: 80,
    });
    bindings.outward(IPPROTO_TCP, A, 4000, far(0), SYN);
    for (let number = 1; number < 200_000; number++) {
      bindings.outward(IPPROTO_TCP, A, 4000, far(number), SYN);
    }
    const last = far(199_999);
    bindings.inward(IPPROTO_TCP, 4000, last, SYN | ACK);
    // Established, and then broken off: the binding ends with what is left of its sessions.
    bindings.inward(IPPROTO_TCP, 4000, last, RST);
    pass(4 * MINUTE - SECOND);
    assert.ok(bindings.ofPort(IPPROTO_TCP, 4000));
    pass(2 * SECOND);
    assert.equal(bindings.ofPort(IPPROTO_TCP, 4000), undefined);
  });

  test('has the port of the client, for all destinations', () => {
    const { bindings } = made();
    const ports = [1, 2, 3].map(
      (number) => bindings.outward(IPPROTO_UDP, A, 4000, remote(number), 0)?.port,
    );
    assert.deepEqual(ports, [4000, 4000, 4000]);
  });

  test('of a second client with the port has another one of the same parity and range', () => {
    const { bindings } = made();
    const portOf = (address: Uint8Array, port: number): number | undefined =>
      bindings.outward(IPPROTO_UDP, address, port, remote(1), 0)?.port;
    assert.deepEqual([portOf(A, 4001), portOf(B, 4001)], [4001, 4003]);
    assert.deepEqual([portOf(A, 1022), portOf(B, 1022), portOf(B, 2)], [1022, 2, 4]);
    assert.deepEqual([portOf(A, 65_535), portOf(B, 65_535)], [65_535, 1025]);
  });

  test('of one protocol is none of another', () => {
    const { bindings } = made();
    const udp = bindings.outward(IPPROTO_UDP, A, 4000, remote(1), 0);
    const tcp = bindings.outward(IPPROTO_TCP, B, 4000, remote(1), SYN);
    const echo = bindings.outward(IPPROTO_ICMP, B, 4000, remote(1, 0), 0);
    assert.deepEqual([udp?.port, tcp?.port, echo?.port], [4000, 4000, 4000]);
    assert.deepEqual(bindings.inward(IPPROTO_TCP, 4000, remote(1), ACK)?.client, B);
    assert.deepEqual(bindings.inward(IPPROTO_UDP, 4000, remote(1), 0)?.client, A);
  });

  test('cannot be had when all ports are taken, and can again when one is free', () => {
    const { bindings, pass } = made();
    for (let port = 1024; port < 65_536; port += 2) {
      bindings.outward(IPPROTO_UDP, A, port, remote(1), 0);
    }
    assert.equal(bindings.outward(IPPROTO_UDP, B, 2000, remote(1), 0), undefined);
    assert.equal(bindings.outward(IPPROTO_UDP, B, 2001, remote(1), 0)?.port, 2001);
    pass(5 * MINUTE);
    assert.equal(bindings.outward(IPPROTO_UDP, B, 2000, remote(1), 0)?.port, 2000);
  });

  const lifetimes = { UDP: [IPPROTO_UDP, 5 * MINUTE], ICMP: [IPPROTO_ICMP, MINUTE] } as const;
  for (const [name, [protocol, lifetime]] of Object.entries(lifetimes)) {
    test(`of ${name} ends ${lifetime / SECOND} seconds after its last packet, of either side`, () => {
      const { bindings, pass } = made();
      bindings.outward(protocol, A, 4000, remote(1), 0);
      pass(lifetime - 1);
      assert.ok(bindings.inward(protocol, 4000, remote(1), 0));
      pass(lifetime - 1);
      assert.ok(bindings.ofClient(protocol, A, 4000));
      pass(1);
      assert.equal(bindings.ofClient(protocol, A, 4000), undefined);
      assert.equal(bindings.inward(protocol, 4000, remote(1), 0), undefined);
    });
  }
});

describe('A binding of TCP', () => {
  /** A connection as far as `packets` have brought it; then whether it is there after a time. */
  function lives(
    packets: readonly (readonly [side: 'v6' | 'v4', flags: number])[],
    ms: number,
  ): boolean {
    const { bindings, pass } = made();
    for (const [side, flags] of packets) {
      if (side === 'v6') bindings.outward(IPPROTO_TCP, A, 4000, remote(1, 80), flags);
      else bindings.inward(IPPROTO_TCP, 4000, remote(1, 80), flags);
    }
    pass(ms);
    return bindings.ofClient(IPPROTO_TCP, A, 4000) !== undefined;
  }
  const opened = [
    ['v6', SYN],
    ['v4', SYN | ACK],
    ['v6', ACK],
  ] as const;
  const TRANSITORY = 4 * MINUTE;
  const ESTABLISHED = 124 * MINUTE;

  const cases = {
    'begins with a SYN only': { packets: [['v6', ACK]], lifetime: 0 },
    'waits four minutes for an answer': { packets: [['v6', SYN]], lifetime: TRANSITORY },
    'lives two hours and four minutes once answered': { packets: opened, lifetime: ESTABLISHED },
    'lives as long when one side has finished': {
      packets: [...opened, ['v4', FIN]],
      lifetime: ESTABLISHED,
    },
    'lives four minutes when both sides have finished, whatever comes': {
      packets: [...opened, ['v4', FIN], ['v6', FIN], ['v4', ACK]],
      lifetime: TRANSITORY,
    },
    'lives four minutes after a reset': { packets: [...opened, ['v4', RST]], lifetime: TRANSITORY },
    'lives on where a reset was none': {
      packets: [...opened, ['v4', RST], ['v6', ACK]],
      lifetime: ESTABLISHED,
    },
  } as const;
  for (const [name, { packets, lifetime }] of Object.entries(cases)) {
    test(name, () => {
      if (lifetime > 0) assert.equal(lives(packets, lifetime - 1), true);
      assert.equal(lives(packets, lifetime), false);
    });
  }

  test('lives as long as its last connection', () => {
    const { bindings, pass } = made();
    for (const number of [1, 2]) {
      bindings.outward(IPPROTO_TCP, A, 4000, remote(number, 80), SYN);
      bindings.inward(IPPROTO_TCP, 4000, remote(number, 80), SYN | ACK);
    }
    bindings.inward(IPPROTO_TCP, 4000, remote(1, 80), RST);
    pass(TRANSITORY);
    assert.ok(bindings.ofClient(IPPROTO_TCP, A, 4000));
    bindings.inward(IPPROTO_TCP, 4000, remote(2, 80), RST);
    pass(TRANSITORY);
    assert.equal(bindings.ofClient(IPPROTO_TCP, A, 4000), undefined);
  });
});
