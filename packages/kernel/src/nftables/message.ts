import { NFGENMSG_LENGTH, nfgenmsg } from '../netfilter/nfgenmsg.ts';
import { Attributes } from '../netlink/attributes.ts';
import type { Message, Query, Request } from '../netlink/request.ts';
import type { Writer } from '../netlink/writer.ts';
import { bodyView } from '../route/body-view.ts';
import { unlessMalformed } from '../route/malformed.ts';
import { familyName, familyNumber, type NftFamily } from './family.ts';

export const NFNL_SUBSYS_NFTABLES = 10;

/** enum nf_tables_msg_types (linux/netfilter/nf_tables.h) */
export const NFT_MSG_NEWTABLE = 0;
export const NFT_MSG_GETTABLE = 1;
export const NFT_MSG_DELTABLE = 2;
export const NFT_MSG_NEWCHAIN = 3;
export const NFT_MSG_GETCHAIN = 4;
export const NFT_MSG_DELCHAIN = 5;
export const NFT_MSG_NEWRULE = 6;
export const NFT_MSG_GETRULE = 7;
export const NFT_MSG_DELRULE = 8;
export const NFT_MSG_NEWSET = 9;
export const NFT_MSG_GETSET = 10;
export const NFT_MSG_DELSET = 11;
export const NFT_MSG_NEWSETELEM = 12;
export const NFT_MSG_GETSETELEM = 13;
export const NFT_MSG_DELSETELEM = 14;
export const NFT_MSG_NEWOBJ = 18;
export const NFT_MSG_GETOBJ = 19;
export const NFT_MSG_DELOBJ = 20;

/** An item of a list of attributes (NFTA_LIST_ELEM). */
export const NFTA_LIST_ELEM = 1;

/** What a request of nftables is: its words, its message type and what to write behind the header. */
interface NftRequest {
  readonly operation: string;
  readonly target: string;
  readonly family: NftFamily | undefined;
  readonly message: number;
  readonly flags?: number;
  readonly write?: (writer: Writer) => void;
}

export function nftRequest(request: NftRequest): Request {
  const { operation, target, family, message, flags = 0, write } = request;
  const writer = nfgenmsg(familyNumber(family));
  write?.(writer);
  return { operation, target, type: messageType(message), flags, body: writer.finish() };
}

/** A request whose answer is messages of type `answer`, each of which `decode` reads. */
export function nftQuery<T>(
  request: NftRequest,
  answer: number,
  decode: (attributes: Attributes, family: NftFamily) => T | undefined,
): Query<T> {
  return {
    ...nftRequest(request),
    parse: ({ type, body }: Message) => {
      if (type !== messageType(answer)) return undefined;
      return unlessMalformed(() => {
        const family = familyName(bodyView(body).getUint8(0));
        return family && decode(Attributes.read(body, NFGENMSG_LENGTH), family);
      });
    },
  };
}

/** What an attribute of the kernel's says; its absence counts as a malformed message. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError('an attribute is missing');
  return value;
}

function messageType(message: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | message;
}
