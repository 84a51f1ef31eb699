import { Attributes } from '../netlink/attributes.ts';
import { ADD, type Message, type Query, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { readTcmsg, TCA_CHAIN, TCA_KIND, TCMSG_LENGTH, writeTcmsg } from './tcmsg.ts';

// linux/rtnetlink.h
const RTM_NEWCHAIN = 100;
const RTM_DELCHAIN = 101;
const RTM_GETCHAIN = 102;

/** A chain of filters, to which actions of others lead (`goto chain`); 0 is where packets come in. */
export interface Chain {
  readonly parent: number;
  readonly index: number;
  /** Set where it has a template (`tc chain add … flower …`), to which all its filters keep. */
  readonly hasTemplate?: true;
}

/** Where a chain is or shall be, and how messages name its interface. */
export interface ChainPlace {
  readonly ifindex: number;
  /** A qdisc, a class, TC_H_CLSACT_INGRESS or TC_H_CLSACT_EGRESS. */
  readonly parent: number;
  readonly index: number;
  /** For error messages: the interface's name. */
  readonly target: string;
}

/** Makes a chain that stays when it has no filters; EEXIST where there is one. Since Linux 4.19. */
export function addChain(place: ChainPlace): Request {
  return chainRequest('add', RTM_NEWCHAIN, ADD, place);
}

/** Deletes a chain with its filters; EINVAL where there is none. */
export function deleteChain(place: ChainPlace): Request {
  return chainRequest('delete', RTM_DELCHAIN, 0, place);
}

/** The chains of one parent, those that came with their filters included. */
export function dumpChains(ifindex: number, parent: number): Query<Chain> {
  return {
    operation: 'list chains',
    target: `interface ${ifindex}`,
    type: RTM_GETCHAIN,
    flags: 0,
    body: writeTcmsg(new Writer(), { ifindex, handle: 0, parent, info: 0 }).finish(),
    parse: (message) => parseChain(message),
  };
}

function parseChain(message: Message): Chain | undefined {
  if (message.type !== RTM_NEWCHAIN) return undefined;
  const attributes = Attributes.read(message.body, TCMSG_LENGTH);
  return {
    parent: readTcmsg(message).parent,
    index: attributes.u32(TCA_CHAIN) ?? 0,
    ...(attributes.has(TCA_KIND) && { hasTemplate: true }),
  };
}

function chainRequest(
  verb: string,
  type: number,
  flags: number,
  { ifindex, parent, index, target }: ChainPlace,
): Request {
  const writer = writeTcmsg(new Writer(), { ifindex, handle: 0, parent, info: 0 });
  const body = writer.attributeU32(TCA_CHAIN, index).finish();
  return { operation: `${verb} chain`, target, type, flags, body };
}
