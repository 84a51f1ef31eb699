/**
 * `struct virtio_net_hdr` (linux/virtio_net.h), which stands before each frame that a TAP with
 * IFF_VNET_HDR or a packet socket with PACKET_VNET_HDR carries: what of the frame's checksum and
 * segmentation is still to be done. Both take this form of 10 bytes on every kernel. It is in the
 * byte order of the host.
 */
export const VIRTIO_NET_HDR_LENGTH = 10;

// Bits of `flags`.
/** The checksum from `csumStart` on is to be completed at `csumOffset`: CHECKSUM_PARTIAL. */
export const VIRTIO_NET_HDR_F_NEEDS_CSUM = 1;
/** The checksum was verified on reception: CHECKSUM_UNNECESSARY. */
export const VIRTIO_NET_HDR_F_DATA_VALID = 2;

// Values of `gsoType`.
export const VIRTIO_NET_HDR_GSO_NONE = 0;
export const VIRTIO_NET_HDR_GSO_TCPV4 = 1;
export const VIRTIO_NET_HDR_GSO_UDP = 3;
export const VIRTIO_NET_HDR_GSO_TCPV6 = 4;
/** UDP cut into datagrams, not into IP fragments; since Linux 6.2. */
export const VIRTIO_NET_HDR_GSO_UDP_L4 = 5;
/** A bit beside TCPV4 or TCPV6: CWR is set in the first segment only. */
export const VIRTIO_NET_HDR_GSO_ECN = 0x80;

/** Where a member is, for code that reads no more than it needs of each packet. */
export const VIRTIO_NET_HDR_OFFSET = {
  flags: 0,
  gsoType: 1,
  hdrLen: 2,
  gsoSize: 4,
  csumStart: 6,
  csumOffset: 8,
} as const;

export interface VirtioNetHeader {
  /** VIRTIO_NET_HDR_F_*. */
  flags: number;
  /** VIRTIO_NET_HDR_GSO_*, with VIRTIO_NET_HDR_GSO_ECN or without. */
  gsoType: number;
  /** Length of the link, network and transport headers together; a hint. */
  hdrLen: number;
  /** Payload of each segment, in bytes: the TCP MSS. */
  gsoSize: number;
  /** Where the checksummed part begins, from the start of the frame. */
  csumStart: number;
  /** Where the checksum goes, from `csumStart`. */
  csumOffset: number;
}

/** Throws RangeError where `view` ends within the header. */
export function decodeVirtioNetHeader(view: DataView, at = 0): VirtioNetHeader {
  return {
    flags: view.getUint8(at + VIRTIO_NET_HDR_OFFSET.flags),
    gsoType: view.getUint8(at + VIRTIO_NET_HDR_OFFSET.gsoType),
    hdrLen: view.getUint16(at + VIRTIO_NET_HDR_OFFSET.hdrLen, true),
    gsoSize: view.getUint16(at + VIRTIO_NET_HDR_OFFSET.gsoSize, true),
    csumStart: view.getUint16(at + VIRTIO_NET_HDR_OFFSET.csumStart, true),
    csumOffset: view.getUint16(at + VIRTIO_NET_HDR_OFFSET.csumOffset, true),
  };
}

/** Throws RangeError where `view` ends within the header. */
export function encodeVirtioNetHeader(view: DataView, at: number, header: VirtioNetHeader): void {
  view.setUint8(at + VIRTIO_NET_HDR_OFFSET.flags, header.flags);
  view.setUint8(at + VIRTIO_NET_HDR_OFFSET.gsoType, header.gsoType);
  view.setUint16(at + VIRTIO_NET_HDR_OFFSET.hdrLen, header.hdrLen, true);
  view.setUint16(at + VIRTIO_NET_HDR_OFFSET.gsoSize, header.gsoSize, true);
  view.setUint16(at + VIRTIO_NET_HDR_OFFSET.csumStart, header.csumStart, true);
  view.setUint16(at + VIRTIO_NET_HDR_OFFSET.csumOffset, header.csumOffset, true);
}
