import {
  type Message,
  type NetworkNamespace,
  type NsidEvent,
  openMonitor,
  parseNsidMessage,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
  RTNLGRP_TC,
  readMessages,
  type SocketHandle,
  type SocketReader,
} from '@netweir/kernel';

const GROUPS = [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_TC, RTNLGRP_NSID];

/** linux/rtnetlink.h */
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_NEWQDISC = 36;
const RTM_DELQDISC = 37;
const RTM_NEWTCLASS = 40;
const RTM_DELTCLASS = 41;
const RTM_NEWTFILTER = 44;
const RTM_DELTFILTER = 45;

const INTERFACE_MESSAGES = new Set([
  RTM_NEWLINK,
  RTM_DELLINK,
  RTM_NEWADDR,
  RTM_DELADDR,
  RTM_NEWQDISC,
  RTM_DELQDISC,
]);

const TRAFFIC_CONTROL = new Set([
  RTM_NEWQDISC,
  RTM_DELQDISC,
  RTM_NEWTCLASS,
  RTM_DELTCLASS,
  RTM_NEWTFILTER,
  RTM_DELTFILTER,
]);

/** `struct ifinfomsg`, `ifaddrmsg` and `tcmsg` all have the index here. */
const IFINDEX_OFFSET = 4;
const IFINDEX_END = 8;

/** What events tell: only where to look, since what is there is read from the kernel anyway. */
export interface EventSink {
  interfaceChanged(ifindex: number, what: { readonly qdiscsChanged: boolean }): void;
  /** A qdisc, class or filter of an interface was made, changed or removed. */
  trafficControlChanged(ifindex: number): void;
  nsidChanged(event: NsidEvent): void;
  /** Events were lost. */
  lost(): void;
}

/**
 * Has `reader` receive the events of a namespace, from before this returns. Removing the handle closes
 * the socket. @throws {KernelError}
 */
export function monitor(
  reader: Pick<SocketReader, 'add'>,
  namespace: NetworkNamespace,
  sink: EventSink,
): SocketHandle {
  return reader.add(openMonitor(namespace, GROUPS), {
    message: (datagram) => {
      for (const message of readMessages(datagram)) report(message, sink);
    },
    overrun: () => sink.lost(),
    closed: (error) => {
      if (error) throw error;
    },
  });
}

/** Tells `sink` what one message is about; those about anything else pass over. */
export function report(message: Message, sink: EventSink): void {
  const { type, body } = message;
  const isTrafficControl = TRAFFIC_CONTROL.has(type);
  if ((isTrafficControl || INTERFACE_MESSAGES.has(type)) && body.length >= IFINDEX_END) {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const ifindex = view.getInt32(IFINDEX_OFFSET, true);
    if (isTrafficControl) sink.trafficControlChanged(ifindex);
    if (!INTERFACE_MESSAGES.has(type)) return;
    sink.interfaceChanged(ifindex, {
      qdiscsChanged: type === RTM_NEWQDISC || type === RTM_DELQDISC,
    });
    return;
  }
  const nsid = parseNsidMessage(message);
  if (nsid) sink.nsidChanged(nsid);
}
