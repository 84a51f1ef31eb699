import { Writer } from '../netlink/writer.ts';

/** The netlink protocol of nftables and conntrack (linux/netlink.h). */
export const NETLINK_NETFILTER = 12;

/** The length of `struct nfgenmsg`, behind which a message's attributes start. */
export const NFGENMSG_LENGTH = 4;
/** Version of `struct nfgenmsg` of which conntrack's flush heeds the family. */
export const NFNETLINK_V1 = 1;

/** A writer that holds `struct nfgenmsg` (linux/netfilter/nfnetlink.h). */
export function nfgenmsg(
  family: number,
  { version = 0, resourceId = 0 }: { version?: number; resourceId?: number } = {},
): Writer {
  return new Writer().u8(family).u8(version).be16(resourceId);
}
