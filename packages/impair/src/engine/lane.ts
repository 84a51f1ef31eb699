import {
  addressOf,
  completeChecksum,
  monotonicNs,
  readAt,
  STAMP_LENGTH,
  VIRTIO_NET_HDR_LENGTH,
} from '@netweir/kernel';
import type { Branch } from './branch.ts';
import { Branches } from './branches.ts';
import { invertBit } from './corrupt.ts';
import { NOTHING } from './direction.ts';
import { isEcnCapable, markCongestion } from './ecn.ts';
import { type Fate, HELD, SENT } from './fate.ts';
import type { LaneChange } from './lane-change.ts';
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
  readonly change: LaneChange;
  readonly seed: bigint;
  readonly nowNs: number;
  /** Of `sharedCounters`, for its rules. */
  readonly counters: Float64Array;
  /** Whether frames come behind the time when the program saw them. */
  readonly isStamped: boolean;
}

/** One direction of one interface: takes frames, decides about them, keeps and delivers them. */
export class Lane {
  readonly #branches: Branches;
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

  constructor(options: LaneOptions) {
    const { tapFd, deliver, change, seed, nowNs, isStamped, counters } = options;
    this.#tapFd = tapFd;
    this.#deliver = deliver;
    this.#isStamped = isStamped;
    this.#branches = new Branches(change, seed, nowNs, counters);
  }

  /** When `release` is to be called next; Infinity while nothing waits. */
  get wakeNs(): number {
    return this.#branches.wakeNs;
  }

  /** Takes other settings, and counters for them; what waits stays as it is. */
  configure(change: LaneChange, seed: bigint, nowNs: number, counters: Float64Array): void {
    this.#branches.configure(change, seed, nowNs, counters);
  }

  /** Writes to the counters what has changed. */
  publish(): void {
    this.#branches.publish();
  }

  /**
   * Takes the frames that have come, at most a turn's worth. Returns 0, or the errno that ends the lane. `nowNs` may
   * be the time a moment ago.
   */
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
      // It may have come after `nowNs`, while the thread was busy with others: its delay must not begin before that.
      this.#take(monotonicNs(), length);
      return;
    }
    this.#frame.set(this.#arrivalHeader);
    rebase(this.#frame, STAMP_LENGTH);
    if (stampNs > this.#lastStampNs) this.#lastStampNs = stampNs;
    this.#take(this.#lastStampNs, length - STAMP_LENGTH);
  }

  /** Delivers what is due, the earliest first, at most a turn's worth; returns how many frames. */
  release(nowNs: number): number {
    let released = 0;
    while (released < RELEASED_FRAMES) {
      const { first } = this.#branches;
      if (first === undefined || first.wakeNs > nowNs) break;
      // There may be none, where its slot is used up: then it wakes later.
      const handle = first.model.dequeue(nowNs);
      if (handle !== NOTHING) {
        this.#deliverHeld(first, handle);
        released += 1;
      }
      this.#branches.settle(first);
    }
    return released;
  }

  /**
   * For the end of the lane, once nothing is redirected any more: takes and delivers a turn's worth of
   * what is still there, due or not; whether more is left.
   */
  drain(nowNs: number): boolean {
    if (this.#restTurns > 0) this.#restTurns = this.receive(nowNs) === 0 ? this.#restTurns - 1 : 0;
    for (let turn = 0; turn < DRAINED_FRAMES; turn++) {
      const { first } = this.#branches;
      const handle = first?.model.drain() ?? NOTHING;
      if (first === undefined || handle === NOTHING) return this.#restTurns > 0;
      this.#deliverHeld(first, handle);
      this.#branches.settle(first);
    }
    return true;
  }

  /** Gives memory back; for moments without traffic. */
  trim(): void {
    this.#branches.trim();
    this.#pool.trim();
  }

  #take(nowNs: number, length: number): void {
    const branch = this.#branches.of(
      this.#frame,
      VIRTIO_NET_HDR_LENGTH,
      length - VIRTIO_NET_HDR_LENGTH,
    );
    if (branch.isUntouched) this.#count(branch, this.#deliver(this.#frameAddress, length), length);
    else this.#impair(branch, nowNs, length);
    this.#branches.settle(branch);
  }

  /** Has the branch decide about a frame, and carries it out. */
  #impair(branch: Branch, nowNs: number, length: number): void {
    const frame = this.#frame;
    const vnet = this.#vnet;
    const { model } = branch;
    vnet.read(frame, 0);
    const bytes = length - VIRTIO_NET_HDR_LENGTH;
    const segments = vnet.isGso
      ? this.#segmenter.open(frame, VIRTIO_NET_HDR_LENGTH, bytes, vnet)
      : 0;
    const first = segments > 0 ? this.#segmenter.lengthOf(0) : bytes;
    const capable = model.marks && isEcnCapable(frame, VIRTIO_NET_HDR_LENGTH, bytes);
    // As long as all of its segments, each with headers (net/core/dev.c, qdisc_pkt_len_init).
    const wireBytes = segments > 1 ? bytes + (segments - 1) * (first - vnet.gsoSize) : bytes;
    const { duplicate, packet } = model.enqueue(
      nowNs,
      wireBytes,
      capable,
      Math.max(1, segments),
      first,
    );
    // Both are of one frame, which the packet itself may alter: the duplicate goes first.
    if (duplicate.outcome !== 0) this.#dispatch(branch, duplicate, length, segments);
    this.#dispatch(branch, packet, length, segments);
  }

  #dispatch(branch: Branch, fate: Fate, length: number, segments: number): void {
    if (fate.isOfFirstSegment && fate.outcome >= SENT && segments > 0)
      this.#dispatchSegments(branch, fate, segments);
    else this.#pass(branch, fate, this.#frame, this.#frameAddress, length);
  }

  #dispatchSegments(branch: Branch, whole: Fate, segments: number): void {
    for (let index = 0; index < segments; index++) {
      this.#segment.fill(0, 0, VIRTIO_NET_HDR_LENGTH);
      const bytes = this.#segmenter.write(index, this.#segment, VIRTIO_NET_HDR_LENGTH);
      const length = bytes + VIRTIO_NET_HDR_LENGTH;
      if (whole.isMarked) markCongestion(this.#segment, VIRTIO_NET_HDR_LENGTH, bytes);
      if (index === 0) {
        this.#pass(branch, whole, this.#segment, this.#segmentAddress, length);
        continue;
      }
      const { duplicate, packet } = branch.model.enqueueRest(bytes, whole);
      this.#pass(branch, duplicate, this.#segment, this.#segmentAddress, length);
      this.#pass(branch, packet, this.#segment, this.#segmentAddress, length);
    }
  }

  /** Sends a packet now or keeps it, altered as its fate says. */
  #pass(branch: Branch, fate: Fate, from: Buffer, address: number, length: number): void {
    if (fate.outcome !== SENT && fate.outcome !== HELD) return;
    const isAltered = fate.isMarked || fate.corruptBit >= 0;
    if (fate.outcome === SENT && !isAltered) {
      this.#count(branch, this.#deliver(address, length), length);
      return;
    }
    // What is altered is a copy: the frame may still be wanted as it came.
    const handle = this.#pool.alloc(length);
    if (handle === NO_PACKET) {
      branch.undelivered += 1;
      return;
    }
    const bytes = this.#pool.bytes(handle);
    const at = this.#pool.offset(handle);
    from.copy(bytes, at, 0, length);
    if (isAltered) this.#alter(fate, bytes, at, length);
    branch.queuedBytes += length - VIRTIO_NET_HDR_LENGTH;
    if (fate.outcome === HELD) branch.model.hold(fate, handle);
    else this.#deliverHeld(branch, handle);
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

  #deliverHeld(branch: Branch, handle: number): void {
    const length = this.#pool.length(handle);
    const bytes = this.#pool.bytes(handle);
    const address = this.#addressOf(bytes) + this.#pool.offset(handle);
    this.#count(branch, this.#deliver(address, length), length);
    branch.queuedBytes -= length - VIRTIO_NET_HDR_LENGTH;
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

  #count(branch: Branch, result: number, length: number): void {
    if (result < 0) {
      branch.undelivered += 1;
      return;
    }
    branch.sentPackets += 1;
    branch.sentBytes += length - VIRTIO_NET_HDR_LENGTH;
  }
}
