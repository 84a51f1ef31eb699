import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  decodeVirtioNetHeader,
  encodeVirtioNetHeader,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_LENGTH,
} from './virtio-net-header.ts';

describe('struct virtio_net_hdr', () => {
  test('of a TCP packet to be cut is laid out as the kernel has it', () => {
    const view = new DataView(new ArrayBuffer(VIRTIO_NET_HDR_LENGTH + 1));
    encodeVirtioNetHeader(view, 1, {
      flags: VIRTIO_NET_HDR_F_NEEDS_CSUM,
      gsoType: VIRTIO_NET_HDR_GSO_TCPV4 | VIRTIO_NET_HDR_GSO_ECN,
      hdrLen: 66,
      gsoSize: 1448,
      csumStart: 34,
      csumOffset: 16,
    });
    assert.equal(Buffer.from(view.buffer).toString('hex'), '00018142' + '00a805220010' + '00');
  });

  test('comes back as it was encoded, wherever it is', () => {
    const u8 = fc.integer({ min: 0, max: 0xff });
    const u16 = fc.integer({ min: 0, max: 0xffff });
    const members = {
      flags: u8,
      gsoType: u8,
      hdrLen: u16,
      gsoSize: u16,
      csumStart: u16,
      csumOffset: u16,
    };
    const header = fc.record(members, { noNullPrototype: true });
    fc.assert(
      fc.property(header, fc.integer({ min: 0, max: 20 }), (it, at) => {
        const view = new DataView(new ArrayBuffer(at + VIRTIO_NET_HDR_LENGTH));
        encodeVirtioNetHeader(view, at, it);
        assert.deepEqual(decodeVirtioNetHeader(view, at), it);
      }),
    );
  });
});
