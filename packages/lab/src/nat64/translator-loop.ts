import {
  addressOf,
  decodeVirtioNetHeader,
  Epoll,
  encodeVirtioNetHeader,
  monotonicNs,
  readAt,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_LENGTH,
  type VirtioNetHeader,
  WakeFd,
  writeAt,
} from '@netweir/kernel';
import { IPV4_HEADER_LENGTH } from './ipv4.ts';
import { IPV6_HEADER_LENGTH } from './ipv6.ts';
import { contentOf, HEADROOM, type Packet } from './packet.ts';
import { Translator } from './translator.ts';

/** What the main thread tells the translators'. */
export type TranslatorCommand =
  | {
      readonly kind: 'add';
      readonly device: number;
      readonly fd: number;
      readonly pool: Uint8Array;
    }
  | { readonly kind: 'remove'; readonly device: number }
  | { readonly kind: 'stop' };

/** How the loop reaches the main thread. */
export interface TranslatorLink {
  /** The next command, or undefined where there is none. */
  receive(): TranslatorCommand | undefined;
  /** The descriptor of a device is used no more. */
  removed(device: number): void;
}

interface Device {
  readonly fd: number;
  readonly translator: Translator;
}

const WAKE = 0;
const LARGEST_PACKET = 65_535;
/** No device may keep the others waiting for longer than this many packets. */
const TURN_LENGTH = 64;
const NS_PER_MS = 1_000_000;
const EINTR = 4;

/** Translates what comes from any number of TUN interfaces, for as long as it is not told to stop. */
export class TranslatorLoop {
  readonly #epoll = new Epoll();
  readonly #wake: WakeFd;
  readonly #link: TranslatorLink;
  readonly #devices = new Map<number, Device>();
  readonly #memory = new Uint8Array(HEADROOM + LARGEST_PACKET);
  readonly #view = new DataView(this.#memory.buffer);
  readonly #address = addressOf(this.#memory);
  #nowMs = 0;
  #stopped = false;

  /** `wakeFd` is that of a WakeFd, which is woken after every command. */
  constructor(wakeFd: number, link: TranslatorLink) {
    this.#wake = new WakeFd(wakeFd);
    this.#link = link;
    this.#epoll.add(wakeFd, WAKE);
  }

  /** Blocks until the command to stop. */
  run(): void {
    while (!this.#stopped) {
      const count = this.#epoll.wait();
      this.#nowMs = monotonicNs() / NS_PER_MS;
      for (let index = 0; index < count; index++) {
        const handle = this.#epoll.handle(index);
        if (handle === WAKE) this.#obey();
        else this.#serve(handle);
      }
    }
    this.#epoll.close();
  }

  #obey(): void {
    this.#wake.clear();
    for (let command = this.#link.receive(); command; command = this.#link.receive()) {
      if (command.kind === 'add') this.#add(command.device, command.fd, command.pool);
      else if (command.kind === 'remove') this.#remove(command.device);
      else this.#stopped = true;
    }
  }

  #add(device: number, fd: number, pool: Uint8Array): void {
    this.#devices.set(device, { fd, translator: new Translator(pool, () => this.#nowMs) });
    this.#epoll.add(fd, device);
  }

  #remove(device: number): void {
    const found = this.#devices.get(device);
    if (found && this.#devices.delete(device)) this.#epoll.remove(found.fd);
    this.#link.removed(device);
  }

  #serve(number: number): void {
    const device = this.#devices.get(number);
    if (!device) return;
    const from = HEADROOM - VIRTIO_NET_HDR_LENGTH;
    for (let turn = 0; turn < TURN_LENGTH; turn++) {
      const length = readAt(device.fd, this.#address + from, LARGEST_PACKET);
      if (length === -EINTR) continue;
      // Nothing is left, or the interface is gone and about to be removed here too.
      if (length < VIRTIO_NET_HDR_LENGTH) return;
      this.#translate(device, from + length);
    }
  }

  #translate({ fd, translator }: Device, end: number): void {
    const header = decodeVirtioNetHeader(this.#view, HEADROOM - VIRTIO_NET_HDR_LENGTH);
    const packets = translator.translate({
      bytes: this.#memory,
      start: HEADROOM,
      end,
      isPartial: (header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) !== 0,
      isSegmented: header.gsoType !== VIRTIO_NET_HDR_GSO_NONE,
    });
    for (const packet of packets) this.#write(fd, packet, header);
  }

  /** What the interface does not take is lost, as on any other way. */
  #write(fd: number, packet: Packet, header: VirtioNetHeader): void {
    const isOwn = packet.bytes === this.#memory;
    if (!isOwn) this.#memory.set(contentOf(packet), HEADROOM);
    const start = isOwn ? packet.start : HEADROOM;
    const from = start - VIRTIO_NET_HDR_LENGTH;
    const isIpv4 = (this.#memory[start] as number) >> 4 === 4;
    encodeVirtioNetHeader(this.#view, from, headerAfter(header, packet, isIpv4));
    const length = packet.end - packet.start + VIRTIO_NET_HDR_LENGTH;
    writeAt(fd, this.#address + from, length);
  }
}

/** What is still to be done to a packet after its translation. */
function headerAfter(
  { gsoType, gsoSize, hdrLen, csumStart, csumOffset }: VirtioNetHeader,
  { isPartial, isSegmented }: Packet,
  isIpv4: boolean,
): VirtioNetHeader {
  const transportAt = isIpv4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
  return {
    flags: isPartial ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0,
    gsoType: isSegmented ? gsoTypeAfter(gsoType) : VIRTIO_NET_HDR_GSO_NONE,
    hdrLen: isSegmented ? hdrLen - csumStart + transportAt : 0,
    gsoSize: isSegmented ? gsoSize : 0,
    csumStart: isPartial ? transportAt : 0,
    csumOffset: isPartial ? csumOffset : 0,
  };
}

function gsoTypeAfter(gsoType: number): number {
  const ecn = gsoType & VIRTIO_NET_HDR_GSO_ECN;
  const type = gsoType & ~VIRTIO_NET_HDR_GSO_ECN;
  if (type === VIRTIO_NET_HDR_GSO_TCPV6) return VIRTIO_NET_HDR_GSO_TCPV4 | ecn;
  return type === VIRTIO_NET_HDR_GSO_TCPV4 ? VIRTIO_NET_HDR_GSO_TCPV6 | ecn : gsoType;
}
