import type { ExactDirection } from '@netweir/api';
import {
  addressOf,
  completeChecksum,
  readAt,
  STAMP_LENGTH,
  VIRTIO_NET_HDR_LENGTH,
} from '@netweir/kernel';
import { invertBit } from './corrupt.ts';
import { DirectionModel, NOTHING } from './direction.ts';
import { isEcnCapable, markCongestion } from './ecn.ts';
import { type Fate, HELD, SENT, type Verdict } from './fate.ts';
import { NO_PACKET, PacketPool } from './packet-pool.ts';
import { Segmenter } from './segment.ts';
import { rebase, VnetHeader } from './vnet-header.ts';

/** The longest frame with its header: 64 KiB of IP, Ethernet, a VLAN tag. */
const FRAME_BYTES = 0x1_0000 + VIRTIO_NET_HDR_LENGTH + 64;
/** Puts the stamp behind the header of 10 bytes where numbers of 4 bytes may be. */
const STAMP_ALIGNMENT = 6;
const STAMP_AGE_NS = 60_000_000_000;
/** Frames that a lane may take before the others have their turn. */
const TURN_FRAMES = 32;

/** Frames that are delivered before the others, and the beat, have their turn: some milliseconds. */
const RELEASED_FRAMES = 1024;
/** The same for the end of a lane, when nobody waits for these frames in time: some hundred µs. */
const DRAINED_FRAMES = 128;
/** Turns for the frames of a whole TAP's queue (TAP_QUEUE_FRAMES): no more can be left over. */
const REST_TURNS = 256;

/** Hands a frame with its virtio-net header to the kernel; negative where it was not taken. */
export type Deliver = (address: number, length: number) => number;

export interface LaneOptions {
  /** The TAP from which frames come. */
  readonly tapFd: number;
  readonly deliver: Deliver;
  readonly exact: ExactDirection;
  readonly seed: bigint;
  readonly nowNs: number;
  /** Whether frames come behind the time when the program saw them. */
  readonly isStamped: boolean;
}

/** One direction of one interface: takes frames, decides about them, keeps and delivers them. */
export class Lane {
  readonly model: DirectionModel;
  sentPackets = 0;
  sentBytes = 0;
  /** Frames that the kernel did not take back, as with a link that is down. */
  undelivered = 0;
  queuedBytes = 0;
  readonly #tapFd: number;
  readonly #deliver: Deliver;
  readonly #isStamped: boolean;
  readonly #pool = new PacketPool();
  readonly #addresses = new WeakMap<Uint8Array, number>();
  readonly #arrival = Buffer.alloc(STAMP_ALIGNMENT + STAMP_LENGTH + FRAME_BYTES);
  readonly #arrivalAddress = addressOf(this.#arrival) + STAMP_ALIGNMENT;
  readonly #arrivalHeader = this.#arrival.subarray(
    STAMP_ALIGNMENT,
    STAMP_ALIGNMENT + VIRTIO_NET_HDR_LENGTH,
  );
  readonly #stamp = new Uint32Array(
    this.#arrival.buffer,
    this.#arrival.byteOffset + STAMP_ALIGNMENT + VIRTIO_NET_HDR_LENGTH,
    2,
  );
  readonly #frame = this.#arrival.subarray(STAMP_ALIGNMENT + STAMP_LENGTH);
  readonly #frameAddress = this.#arrivalAddress + STAMP_LENGTH;
  /** Turns in which `drain` still looks for frames in the TAP. */
  #restTurns = REST_TURNS;
  /** Processors that send at the same time do not make time go back. */
  #lastStampNs = 0;
  readonly #segment = Buffer.alloc(FRAME_BYTES);
  readonly #segmentAddress = addressOf(this.#segment);
  readonly #vnet = new VnetHeader();
  readonly #copyVnet = new VnetHeader();
  readonly #segmenter = new Segmenter();

  constructor({ tapFd, deliver, exact, seed, nowNs, isStamped }: LaneOptions) {
    this.#tapFd = tapFd;
    this.#deliver = deliver;
    this.#isStamped = isStamped;
    this.model = new DirectionModel(exact, seed, nowNs);
  }

  /** Takes the frames that have come, at most a turn's worth. Returns 0, or the errno that ends the lane. */
  receive(nowNs: number): number {
    for (let turn = 0; turn < TURN_FRAMES; turn++) {
      const length = readAt(this.#tapFd, this.#arrivalAddress, FRAME_BYTES);
      if (length < 0) return -length;
      this.#arrive(nowNs, length);
    }
    return 0;
  }

  /** Takes a frame as of the time when it came, which may be long ago where the thread had no turn. */
  #arrive(nowNs: number, length: number): void {
    const [low = 0, high = 0] = this.#stamp;
    const stampNs = low + high * 0x1_0000_0000;
    // What has no stamp begins with MAC addresses, which are no time of the last minute.
    if (!this.#isStamped || Math.abs(nowNs - stampNs) > STAMP_AGE_NS) {
      const end = STAMP_ALIGNMENT + length;
      this.#arrival.copyWithin(STAMP_ALIGNMENT + STAMP_LENGTH, STAMP_ALIGNMENT, end);
      this.#take(nowNs, length);
      return;
    }
    this.#frame.set(this.#arrivalHeader);
    rebase(this.#frame, STAMP_LENGTH);
    if (stampNs > this.#lastStampNs) this.#lastStampNs = stampNs;
    this.#take(this.#lastStampNs, length - STAMP_LENGTH);
  }

  /** Delivers what is due, at most a turn's worth; returns how many frames. */
  release(nowNs: number): number {
    const { model } = this;
    for (let released = 0; released < RELEASED_FRAMES; released++) {
      const handle = model.dequeue(nowNs);
      if (handle === NOTHING) return released;
      this.#deliverHeld(handle);
    }
    return RELEASED_FRAMES;
  }

  /**
   * For the end of the lane, once nothing is redirected any more: takes and delivers a turn's worth of
   * what is still there, due or not; whether more is left.
   */
  drain(nowNs: number): boolean {
    if (this.#restTurns > 0) this.#restTurns = this.receive(nowNs) === 0 ? this.#restTurns - 1 : 0;
    const { model } = this;
    for (let turn = 0; turn < DRAINED_FRAMES; turn++) {
      const handle = model.drain();
      if (handle === NOTHING) return this.#restTurns > 0;
      this.#deliverHeld(handle);
    }
    return true;
  }

  /** Gives memory back; for moments without traffic. */
  trim(): void {
    this.model.trim();
    this.#pool.trim();
  }

  #take(nowNs: number, length: number): void {
    const frame = this.#frame;
    const vnet = this.#vnet;
    vnet.read(frame, 0);
    const bytes = length - VIRTIO_NET_HDR_LENGTH;
    const segments = vnet.isGso
      ? this.#segmenter.open(frame, VIRTIO_NET_HDR_LENGTH, bytes, vnet)
      : 0;
    const first = segments > 0 ? this.#segmenter.lengthOf(0) : bytes;
    const capable = this.model.marks && isEcnCapable(frame, VIRTIO_NET_HDR_LENGTH, bytes);
    // As long as all of its segments, each with headers (net/core/dev.c, qdisc_pkt_len_init).
    const wireBytes = segments > 1 ? bytes + (segments - 1) * (first - vnet.gsoSize) : bytes;
    const verdict = this.model.enqueue(nowNs, wireBytes, capable, Math.max(1, segments), first);
    this.#carryOut(nowNs, verdict, length, segments, capable);
  }

  #carryOut(
    nowNs: number,
    verdict: Verdict,
    length: number,
    segments: number,
    capable: boolean,
  ): void {
    const { duplicate, packet } = verdict;
    // Both are of one frame, which the packet itself may alter: the duplicate goes first.
    if (duplicate.outcome !== 0) this.#dispatch(nowNs, duplicate, length, segments, capable);
    this.#dispatch(nowNs, packet, length, segments, capable);
  }

  #dispatch(nowNs: number, fate: Fate, length: number, segments: number, capable: boolean): void {
    if (fate.isOfFirstSegment && fate.outcome >= SENT && segments > 0)
      this.#dispatchSegments(nowNs, fate, segments, capable);
    else this.#pass(fate, this.#frame, this.#frameAddress, length);
  }

  #dispatchSegments(nowNs: number, whole: Fate, segments: number, capable: boolean): void {
    for (let index = 0; index < segments; index++) {
      this.#segment.fill(0, 0, VIRTIO_NET_HDR_LENGTH);
      const bytes = this.#segmenter.write(index, this.#segment, VIRTIO_NET_HDR_LENGTH);
      const length = bytes + VIRTIO_NET_HDR_LENGTH;
      if (whole.isMarked) markCongestion(this.#segment, VIRTIO_NET_HDR_LENGTH, bytes);
      if (index === 0) {
        this.#pass(whole, this.#segment, this.#segmentAddress, length);
        continue;
      }
      const { duplicate, packet } = this.model.enqueueRest(nowNs, bytes, capable, whole);
      this.#pass(duplicate, this.#segment, this.#segmentAddress, length);
      this.#pass(packet, this.#segment, this.#segmentAddress, length);
    }
  }

  /** Sends a packet now or keeps it, altered as its fate says. */
  #pass(fate: Fate, from: Buffer, address: number, length: number): void {
    if (fate.outcome !== SENT && fate.outcome !== HELD) return;
    const isAltered = fate.isMarked || fate.corruptBit >= 0;
    if (fate.outcome === SENT && !isAltered) {
      this.#count(this.#deliver(address, length), length);
      return;
    }
    // What is altered is a copy: the frame may still be wanted as it came.
    const handle = this.#pool.alloc(length);
    if (handle === NO_PACKET) {
      this.undelivered += 1;
      return;
    }
    const bytes = this.#pool.bytes(handle);
    const at = this.#pool.offset(handle);
    from.copy(bytes, at, 0, length);
    if (isAltered) this.#alter(fate, bytes, at, length);
    this.queuedBytes += length - VIRTIO_NET_HDR_LENGTH;
    if (fate.outcome === HELD) this.model.hold(fate, handle);
    else this.#deliverHeld(handle);
  }

  #alter(fate: Fate, bytes: Uint8Array, at: number, length: number): void {
    const start = at + VIRTIO_NET_HDR_LENGTH;
    const frameBytes = length - VIRTIO_NET_HDR_LENGTH;
    if (fate.isMarked) markCongestion(bytes, start, frameBytes);
    if (fate.corruptBit < 0) return;
    const { isGso, needsChecksum, csumStart, csumOffset } = this.#header(bytes, at);
    // A frame that nobody could split keeps its header, without which it would be too long to send.
    if (needsChecksum && !isGso) {
      completeChecksum(bytes, start, frameBytes, csumStart, csumOffset);
      bytes.fill(0, at, start);
    }
    invertBit(bytes, start, fate.corruptBit);
  }

  #header(bytes: Uint8Array, at: number): VnetHeader {
    this.#copyVnet.read(bytes, at);
    return this.#copyVnet;
  }

  #deliverHeld(handle: number): void {
    const length = this.#pool.length(handle);
    const bytes = this.#pool.bytes(handle);
    this.#count(this.#deliver(this.#addressOf(bytes) + this.#pool.offset(handle), length), length);
    this.queuedBytes -= length - VIRTIO_NET_HDR_LENGTH;
    this.#pool.free(handle);
  }

  /** Slabs do not move, so that each is asked for its address once. */
  #addressOf(slab: Uint8Array): number {
    let address = this.#addresses.get(slab);
    if (address === undefined) {
      address = addressOf(slab);
      this.#addresses.set(slab, address);
    }
    return address;
  }

  #count(result: number, length: number): void {
    if (result < 0) {
      this.undelivered += 1;
      return;
    }
    this.sentPackets += 1;
    this.sentBytes += length - VIRTIO_NET_HDR_LENGTH;
  }
}
