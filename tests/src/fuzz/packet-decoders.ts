import {
  completeChecksum,
  decodeEchoReply,
  decodeVirtioNetHeader,
  encodeVirtioNetHeader,
  readPacketRecord,
  VIRTIO_NET_HDR_LENGTH,
} from '@netweir/kernel';
import { isEcnCapable, markCongestion } from '../../../packages/impair/dist/engine/ecn.js';
import {
  type FrameOptions,
  frameOf,
  vnetOf,
} from '../../../packages/impair/dist/engine/frames.test-support.js';
import { Segmenter } from '../../../packages/impair/dist/engine/segment.js';
import { rebase, VnetHeader } from '../../../packages/impair/dist/engine/vnet-header.js';
import { encodeEchoRequest } from '../../../packages/kernel/dist/icmp/echo-packet.js';
import { BatchWriter, readBatch } from '../../../packages/kernel/dist/worker/batch.js';
import { type Decoder, isRangeError, ofBytes } from './decoder.ts';
import { viewOf } from './kernel-decoders.ts';
import { words } from './kernel-seeds.ts';
import { joined } from './mutate-bytes.ts';

const payload = new Uint8Array(100).fill(7);
const FRAMES: readonly FrameOptions[] = [
  { version: 4, protocol: 'tcp', payload, ecn: 1 },
  { version: 6, protocol: 'tcp', payload, ecn: 2, vlanTags: 1 },
  { version: 4, protocol: 'udp', payload, vlanTags: 2 },
  { version: 6, protocol: 'udp', payload },
];

/** Frames behind their `struct virtio_net_hdr`, as a TAP gives them. */
const VNET_FRAMES = FRAMES.map((options) => {
  const { flags, gsoType, gsoSize, csumStart, csumOffset } = vnetOf(options, 30);
  const header = new Uint8Array(VIRTIO_NET_HDR_LENGTH);
  encodeVirtioNetHeader(viewOf(header), 0, {
    ...{ flags, gsoType, gsoSize, csumStart, csumOffset, hdrLen: 54 },
  });
  return joined([header, frameOf(options)]);
});

const ECHO_REPLIES = [
  Uint8Array.of(0x45, ...new Array<number>(19).fill(0), 0, 0, 0, 0, 0, 7, 0, 9),
  Uint8Array.of(129, 0, 0, 0, 0, 7, 0, 9),
  encodeEchoRequest(6, { identifier: 1, sequence: 2 }, new Uint8Array(8)),
];

const BATCH = batch();

export const PACKET_DECODERS: readonly Decoder[] = [
  ofBytes({
    name: 'decodeVirtioNetHeader',
    covers: ['kernel/virtio-net-header.ts decodeVirtioNetHeader'],
    seeds: VNET_FRAMES,
    decode: (bytes) => decodeVirtioNetHeader(viewOf(bytes)),
    mayThrow: isRangeError,
  }),
  ofBytes({
    name: 'decodeEchoReply',
    covers: ['kernel/icmp/echo-packet.ts decodeEchoReply'],
    seeds: ECHO_REPLIES,
    decode: (bytes) => decodeEchoReply(4, bytes) ?? decodeEchoReply(6, bytes),
  }),
  ofBytes({
    name: 'readPacketRecord',
    covers: ['kernel/packet-record.ts readPacketRecord'],
    seeds: [joined([words(1, 2, 60, 4), payload])],
    decode: readPacketRecord,
    mayThrow: isRangeError,
  }),
  ofBytes({
    name: 'readBatch',
    covers: ['kernel/worker/batch.ts readBatch'],
    seeds: [BATCH],
    decode: (bytes) => {
      let records = 0;
      const count = (): void => void records++;
      readBatch(bytes, { message: count, overrun: count, closed: count });
      return records;
    },
    mayThrow: isRangeError,
  }),
  ofBytes({
    name: 'completeChecksum',
    covers: [],
    seeds: VNET_FRAMES,
    decode: (bytes) => {
      const { csumStart, csumOffset } = vnetIn(bytes);
      const frame = bytes.slice(VIRTIO_NET_HDR_LENGTH);
      return completeChecksum(frame, 0, frame.length, csumStart, csumOffset) ? frame : undefined;
    },
  }),
  ofBytes({
    name: 'Segmenter',
    covers: [],
    seeds: VNET_FRAMES,
    decode: segmentsOf,
  }),
  ofBytes({
    name: 'markCongestion',
    covers: [],
    seeds: VNET_FRAMES.map((bytes) => bytes.subarray(VIRTIO_NET_HDR_LENGTH)),
    decode: (bytes) => {
      const frame = bytes.slice();
      const isCapable = isEcnCapable(frame, 0, frame.length);
      if (markCongestion(frame, 0, frame.length) !== isCapable) throw new Error('they differ');
      return isCapable ? frame : undefined;
    },
  }),
  ofBytes({
    name: 'VnetHeader',
    covers: [],
    seeds: VNET_FRAMES,
    decode: (bytes) => {
      const header = bytes.slice(0, VIRTIO_NET_HDR_LENGTH);
      rebase(header, 8);
      return [vnetIn(bytes).isGso, vnetIn(header).needsChecksum];
    },
  }),
];

const segmenter = new Segmenter();

/** Every packet that a frame stands for; no longer than the frame, which they are written beside. */
function segmentsOf(bytes: Uint8Array): unknown {
  const length = bytes.length - VIRTIO_NET_HDR_LENGTH;
  if (length < 0) return undefined;
  const count = segmenter.open(bytes, VIRTIO_NET_HDR_LENGTH, length, vnetIn(bytes));
  const target = new Uint8Array(length);
  let sum = 0;
  for (let index = 0; index < count; index++) sum += segmenter.write(index, target, 0);
  return count === 0 ? undefined : [count, sum];
}

function vnetIn(bytes: Uint8Array): VnetHeader {
  const vnet = new VnetHeader();
  vnet.read(bytes, 0);
  return vnet;
}

function batch(): Uint8Array {
  const writer = new BatchWriter();
  writer.message(1, payload, 5n);
  writer.overrun(2, 7);
  writer.closed(1, 0);
  return writer.take();
}
