import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as libc from './libc.ts';
import { monotonicNs } from './monotonic-clock.ts';
import {
  ADDRESSES,
  makeRoute,
  ping,
  type Route,
  startLoop,
} from './redirect-route.test-support.ts';
import { AF_INET } from './route/address-family.ts';
import type { Space } from './route/witness.test-support.ts';

const SOCK_DGRAM_NONBLOCK = 0x802;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const PORT = 7000;
const DATAGRAM_BYTES = 1000;
const DATAGRAMS = 20;

function sockaddrIn(address: string, port: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, AF_INET, true);
  view.setUint16(2, port, false);
  address.split('.').forEach((byte, index) => {
    view.setUint8(4 + index, Number(byte));
  });
  return new Uint8Array(view.buffer);
}

function udpSocket(t: TestContext, { netns }: Space, address: string): number {
  const fd = netns.socket(AF_INET, SOCK_DGRAM_NONBLOCK);
  t.after(() => void libc.close(fd));
  assert.equal(libc.bind(fd, sockaddrIn(address, PORT)), 0);
  return fd;
}

/** Sends datagrams that the kernel cuts from one block; returns the lengths of those that arrive. */
function sendSegmented(from: number, to: number, address: string): number[] {
  assert.equal(libc.connect(from, sockaddrIn(address, PORT)), 0);
  assert.equal(libc.setsockoptInt(from, SOL_UDP, UDP_SEGMENT, DATAGRAM_BYTES), 0);
  const block = Uint8Array.from({ length: DATAGRAMS * DATAGRAM_BYTES }, (_, index) => index % 251);
  assert.equal(libc.send(from, block, block.length, 0), block.length);
  const lengths: number[] = [];
  const datagram = new Uint8Array(2 * DATAGRAM_BYTES);
  for (const deadline = monotonicNs() + 2e9; monotonicNs() < deadline; ) {
    const length = libc.recv(to, datagram, 0);
    if (length < 0) continue;
    const start = lengths.length * DATAGRAM_BYTES;
    const expected = block.subarray(start, start + DATAGRAM_BYTES);
    assert.deepEqual(datagram.subarray(0, length), expected);
    lengths.push(length);
    if (lengths.length === DATAGRAMS) break;
  }
  return lengths;
}

/** Makes `v0` a port of a bridge, which takes its addresses. */
function putIntoBridge({ near }: Route): void {
  near.run('ip', 'link', 'add', 'br0', 'type', 'bridge');
  near.run('ip', 'addr', 'flush', 'dev', 'v0');
  near.run('ip', 'link', 'set', 'v0', 'master', 'br0');
  near.run('ip', 'addr', 'add', `${ADDRESSES.ipv4[0]}/24`, 'dev', 'br0');
  near.run('ip', 'link', 'set', 'br0', 'up');
}

describe('Frames taken through user space', () => {
  test('of UDP that the kernel segments arrive whole, both ways', async (t) => {
    const route = makeRoute(t, 'uso');
    const loop = await startLoop(t, route);
    const near = udpSocket(t, route.near, ADDRESSES.ipv4[0]);
    const far = udpSocket(t, route.far, ADDRESSES.ipv4[1]);
    const expected = new Array(DATAGRAMS).fill(DATAGRAM_BYTES);
    assert.deepEqual(sendSegmented(near, far, ADDRESSES.ipv4[1]), expected);
    assert.deepEqual(sendSegmented(far, near, ADDRESSES.ipv4[0]), expected);
    const { egress, ingress } = await loop.counters();
    assert.deepEqual([egress.refused, ingress.refused], [0, 0]);
    t.diagnostic(`kept whole: ${egress.gso} of the packets sent, ${ingress.gso} received`);
  });

  test('of a bridge port reach the bridge and leave it', async (t) => {
    const route = makeRoute(t, 'bridge');
    putIntoBridge(route);
    const loop = await startLoop(t, route);
    ping(route.near, ADDRESSES.ipv4[1], 20);
    ping(route.far, ADDRESSES.ipv4[0], 20);
    const { egress, ingress } = await loop.counters();
    assert(egress.frames >= 40 && ingress.frames >= 40, JSON.stringify({ egress, ingress }));
  });
});
