import { Attributes } from '../netlink/attributes.ts';
import type { Message } from '../netlink/request.ts';
import { NLM_F_CREATE } from '../netlink/request.ts';
import { bodyView } from './body-view.ts';
import {
  IFF_UP,
  IFINFOMSG_LENGTH,
  IFLA_ADDRESS,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MTU,
  IFLA_TXQLEN,
  RTM_DELLINK,
  RTM_NEWLINK,
} from './link-message.ts';
import { formatMacAddress } from './mac-address.ts';
import { unlessMalformed } from './malformed.ts';

/** What a request about an interface asks for; what is undefined it does not touch. */
export interface LinkRequest {
  readonly verb: 'add' | 'set' | 'delete';
  /** 0 where the name says which. */
  readonly ifindex: number;
  readonly name: string | undefined;
  readonly kind: string | undefined;
  readonly up: boolean | undefined;
  readonly mtu: number | undefined;
  readonly txqlen: number | undefined;
  readonly alias: string | undefined;
  readonly address: string | undefined;
}

/** Reads a request that is to be sent; undefined for one that is not about an interface, or asks only. */
export function readLinkRequest(request: Message): LinkRequest | undefined {
  const isAboutLink = request.type === RTM_NEWLINK || request.type === RTM_DELLINK;
  return isAboutLink ? unlessMalformed(() => decode(request)) : undefined;
}

function decode({ type, flags, body }: Message): LinkRequest {
  const header = bodyView(body);
  const attributes = Attributes.read(body, IFINFOMSG_LENGTH);
  const address = attributes.bytes(IFLA_ADDRESS);
  const isUp = (header.getUint32(8, true) & IFF_UP) !== 0;
  const changesUp = (header.getUint32(12, true) & IFF_UP) !== 0;
  const makes = (flags & NLM_F_CREATE) !== 0;
  return {
    verb: type === RTM_DELLINK ? 'delete' : makes ? 'add' : 'set',
    ifindex: header.getInt32(4, true),
    name: attributes.string(IFLA_IFNAME),
    kind: attributes.nested(IFLA_LINKINFO)?.string(IFLA_INFO_KIND),
    up: changesUp ? isUp : undefined,
    mtu: attributes.u32(IFLA_MTU),
    txqlen: attributes.u32(IFLA_TXQLEN),
    alias: attributes.string(IFLA_IFALIAS),
    address: address && formatMacAddress(address),
  };
}
