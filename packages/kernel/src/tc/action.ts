import { Attributes } from '../netlink/attributes.ts';
import type { Message, Query } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';

// linux/rtnetlink.h
const RTM_GETACTION = 50;
const TCA_ACT_TAB = 1; // @nl: TCA_ACT_TAB rw 2.6.8
// linux/pkt_cls.h
const TCA_ACT_KIND = 1;

/** `struct tcamsg`: nothing but padding in a request. */
const TCAMSG_LENGTH = 4;

/**
 * The actions of one kind in this namespace, whichever filters they are of: the attributes of each, as among
 * those of its filter.
 */
export function dumpActions(kind: string): Query<Uint8Array[]> {
  const writer = new Writer().zeros(TCAMSG_LENGTH);
  writer.attribute(TCA_ACT_TAB, (list) =>
    list.attribute(1, (action) => action.attributeString(TCA_ACT_KIND, kind)),
  );
  return {
    operation: 'list actions',
    target: kind,
    type: RTM_GETACTION,
    flags: 0,
    body: writer.finish(),
    parse: parseActions,
  };
}

function parseActions(message: Message): Uint8Array[] | undefined {
  if (message.type !== RTM_GETACTION) return undefined;
  const list = Attributes.read(message.body, TCAMSG_LENGTH).bytes(TCA_ACT_TAB);
  return list && Attributes.entries(list).map(({ payload }) => payload.slice());
}
