import * as libc from '../libc.ts';
import { PACKET_RECORD_HEADER_LENGTH, writePacketRecord } from '../packet-record.ts';

const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

/** `struct msghdr` of 64-bit architectures: where its members are that the kernel reads or sets. */
const MSGHDR_LENGTH = 56;
const MSG_NAME = 0;
const MSG_NAMELEN = 8;
const MSG_IOV = 16;
const MSG_IOVLEN = 24;
const MSG_CONTROL = 32;
const MSG_CONTROLLEN = 40;
const IOVEC_LENGTH = 16;

const SOCKADDR_LL_LENGTH = 20;
const SLL_PKTTYPE = 10;

const CONTROL_LENGTH = 128;
const CMSG_HEADER_LENGTH = 16;
const CMSG_ALIGNMENT = 8;
const SOL_SOCKET = 1;
const SCM_TIMESTAMPNS_NEW = 64;
const SOL_PACKET = 263;
const PACKET_AUXDATA = 8;
const NS_PER_S = 1_000_000_000n;

/** `struct tpacket_auxdata` and its status bits (linux/if_packet.h). */
const TP_VLAN_TCI = 16;
const TP_VLAN_TPID = 18;
const TP_STATUS_VLAN_VALID = 1 << 4;

const VLAN_TAG_LENGTH = 4;
const MAC_ADDRESSES_LENGTH = 12;
/** The packet lies behind its record's header, before which a VLAN tag's length is left free. */
const PACKET_AT = VLAN_TAG_LENGTH + PACKET_RECORD_HEADER_LENGTH;

/**
 * Receives from packet sockets, and makes a record of each packet (see packet-record.ts). A VLAN tag that
 * the kernel has taken out of the packet is put back. Receiving allocates little.
 */
export class PacketReception {
  readonly #memory: Uint8Array;
  readonly #view: DataView;
  readonly #snapLength: number;
  readonly #name = new Uint8Array(new ArrayBuffer(SOCKADDR_LL_LENGTH));
  readonly #control = new DataView(new ArrayBuffer(CONTROL_LENGTH));
  readonly #iovec = new DataView(new ArrayBuffer(IOVEC_LENGTH));
  readonly #msghdr = new DataView(new ArrayBuffer(MSGHDR_LENGTH));
  readonly #address: number;
  #start = VLAN_TAG_LENGTH;
  #end = VLAN_TAG_LENGTH;
  #timeNs = 0n;
  #vlan: { tpid: number; tci: number } | undefined;

  constructor(snapLength: number) {
    this.#snapLength = snapLength;
    this.#memory = new Uint8Array(PACKET_AT + snapLength);
    this.#view = new DataView(this.#memory.buffer);
    setAddress(this.#iovec, 0, this.#memory, PACKET_AT);
    this.#iovec.setBigUint64(8, BigInt(snapLength), true);
    setAddress(this.#msghdr, MSG_NAME, this.#name);
    setAddress(this.#msghdr, MSG_IOV, bytesOf(this.#iovec));
    this.#msghdr.setBigUint64(MSG_IOVLEN, 1n, true);
    setAddress(this.#msghdr, MSG_CONTROL, bytesOf(this.#control));
    this.#address = libc.addressOf(bytesOf(this.#msghdr));
  }

  /** The result of recvmsg(2): the packet's whole length, or a negated error number. */
  receive(fd: number): number {
    this.#msghdr.setUint32(MSG_NAMELEN, SOCKADDR_LL_LENGTH, true);
    this.#msghdr.setUint32(MSG_CONTROLLEN, CONTROL_LENGTH, true);
    const length = libc.recvmsgAt(fd, this.#address, MSG_DONTWAIT | MSG_TRUNC);
    if (length >= 0) this.#take(length);
    return length;
  }

  /** The packet that was received last, until the next is. */
  get record(): Uint8Array {
    return this.#memory.subarray(this.#start, this.#end);
  }

  #take(received: number): void {
    this.#readControl();
    const type = this.#name[SLL_PKTTYPE] ?? 0;
    const tag = this.#vlan ? VLAN_TAG_LENGTH : 0;
    if (this.#vlan) this.#putBack(this.#vlan);
    this.#start = VLAN_TAG_LENGTH - tag;
    const captured = Math.min(received + tag, this.#snapLength);
    this.#end = this.#start + PACKET_RECORD_HEADER_LENGTH + captured;
    const header = { timeNs: this.#timeNs, length: received + tag, type };
    writePacketRecord(this.#view, this.#start, header);
  }

  #putBack({ tpid, tci }: { tpid: number; tci: number }): void {
    const start = PACKET_AT - VLAN_TAG_LENGTH;
    this.#memory.copyWithin(start, PACKET_AT, PACKET_AT + MAC_ADDRESSES_LENGTH);
    this.#view.setUint16(start + MAC_ADDRESSES_LENGTH, tpid);
    this.#view.setUint16(start + MAC_ADDRESSES_LENGTH + 2, tci);
  }

  #readControl(): void {
    this.#vlan = undefined;
    const end = this.#msghdr.getUint32(MSG_CONTROLLEN, true);
    for (let at = 0; at + CMSG_HEADER_LENGTH <= end; ) {
      const length = this.#control.getUint32(at, true);
      if (length < CMSG_HEADER_LENGTH) return;
      this.#readMessage(at);
      at += Math.ceil(length / CMSG_ALIGNMENT) * CMSG_ALIGNMENT;
    }
  }

  #readMessage(at: number): void {
    const level = this.#control.getInt32(at + 8, true);
    const type = this.#control.getInt32(at + 12, true);
    const data = at + CMSG_HEADER_LENGTH;
    if (level === SOL_SOCKET && type === SCM_TIMESTAMPNS_NEW) {
      const seconds = this.#control.getBigInt64(data, true);
      this.#timeNs = seconds * NS_PER_S + this.#control.getBigInt64(data + 8, true);
    } else if (level === SOL_PACKET && type === PACKET_AUXDATA) {
      const isTagged = this.#control.getUint32(data, true) & TP_STATUS_VLAN_VALID;
      if (isTagged) {
        const tci = this.#control.getUint16(data + TP_VLAN_TCI, true);
        this.#vlan = { tci, tpid: this.#control.getUint16(data + TP_VLAN_TPID, true) };
      }
    }
  }
}

function bytesOf({ buffer }: DataView<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer);
}

function setAddress(view: DataView, at: number, bytes: Uint8Array, offset = 0): void {
  view.setBigUint64(at, BigInt(libc.addressOf(bytes) + offset), true);
}
