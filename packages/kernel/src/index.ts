export { DeadlineMap } from './bpf/deadline-map.ts';
export { loadClassifier } from './bpf/program.ts';
export { openProgram } from './bpf/program-by-id.ts';
export {
  markAndRedirectIngress,
  type RedirectWhileAlive,
  redirectWhileAlive,
  STAMP_LENGTH,
} from './bpf/redirect.ts';
export {
  type ConntrackEntry,
  countConntrack,
  deleteConntrack,
  dumpConntrack,
  flushConntrack,
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
} from './conntrack/conntrack.ts';
export {
  type ConntrackFilter,
  deleteConntrackEntries,
  matchesConntrack,
} from './conntrack/filter.ts';
export type { ConntrackTuple } from './conntrack/tuple.ts';
export {
  type DatagramSocket,
  type DatagramSocketOptions,
  openDatagramSocket,
} from './datagram-socket.ts';
export { errnoName } from './errno.ts';
export { KernelError, type KernelErrorDetails } from './errors.ts';
export { holdFileLock, withFileLock } from './file-lock.ts';
export { decodeEchoReply, type Echo } from './icmp/echo-packet.ts';
export { type EchoSocket, openEchoSocket } from './icmp/echo-socket.ts';
export { adoptSocket, bindToInterface, openBoundSocket, openInetSocket } from './inet-socket.ts';
export {
  completeChecksum,
  foldChecksum,
  readU16,
  sumWords,
  writeTransportChecksum,
  writeU16,
} from './internet-checksum.ts';
export { addressOf, readAt, sendAt, writeAt } from './libc.ts';
export { monotonicNs } from './monotonic-clock.ts';
export { NETLINK_NETFILTER } from './netfilter/nfgenmsg.ts';
export {
  ATTRIBUTE_HEADER_LENGTH,
  Attributes,
  attributeEnd,
  attributeType,
  hasAttribute,
  nextAttribute,
  type VisitAttribute,
  walkAttributes,
} from './netlink/attributes.ts';
export type { Digest } from './netlink/digest.ts';
export { readMessages } from './netlink/message.ts';
export {
  openMonitor,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_NSID,
  RTNLGRP_TC,
} from './netlink/monitor.ts';
export {
  ignoreProcessEvents,
  openProcessEvents,
  type ProcessEvent,
  parseProcessEvents,
} from './netlink/process-events.ts';
export type { Message, Query, Request } from './netlink/request.ts';
export { NetlinkSocket, type NetlinkSocketOptions } from './netlink/socket.ts';
export { Writer } from './netlink/writer.ts';
export { NamespaceNameError, NETNS_DIRECTORY } from './netns/name.ts';
export { createNamed, deleteNamed, listNamed } from './netns/named.ts';
export { NetworkNamespace, type Synchronous } from './netns/network-namespace.ts';
export { CLONE_NEWNET } from './netns/thread.ts';
export * as nftables from './nftables.ts';
export {
  bindPacketReceiver,
  openPacketReceiver,
  packetLosses,
  stopPacketReceiver,
} from './packet-receiver.ts';
export { type PacketRecord, readPacketRecord } from './packet-record.ts';
export { openPacketSender } from './packet-socket.ts';
export { processListeningAt } from './peer-process.ts';
export { endProcessesIn } from './process/end-processes.ts';
export { runAsRoot } from './process/exec-as-root.ts';
export {
  execInNamespaces,
  type ProgramInNamespaces,
} from './process/exec-in-namespaces.ts';
export type { ExitStatus } from './process/exit-status.ts';
export { type Lifeline, openLifeline } from './process/lifeline.ts';
export { MountNamespace, runInMounts } from './process/mount-namespace.ts';
export { PidNamespace, startIn } from './process/pid-namespace.ts';
export { passOn } from './process/signals.ts';
export { isInitialUserNamespace } from './process/user-namespace.ts';
export { waitForExit } from './process/wait-for-exit.ts';

export {
  type AddressEvent,
  addAddress,
  deleteAddress,
  dumpAddresses,
  type InterfaceAddress,
  type NewAddress,
  parseAddressMessage,
  replaceAddress,
} from './route/address.ts';
export { assertInterfaceName } from './route/interface-name.ts';
export { type InvalidValueCode, InvalidValueError } from './route/invalid-value-error.ts';
export {
  formatIpAddress,
  type IpAddress,
  type IpFamily,
  parseIpAddress,
} from './route/ip-address.ts';
export {
  broadcastOf,
  formatIpPrefix,
  type IpPrefix,
  networkOf,
  parseIpPrefix,
} from './route/ip-prefix.ts';
export { type Link, type LinkEvent, type Operstate, parseLinkMessage } from './route/link.ts';
export {
  clearLinkMaster,
  deleteLink,
  deleteLinkGroup,
  moveLink,
  renameLink,
  setLinkAddress,
  setLinkAlias,
  setLinkDown,
  setLinkGroup,
  setLinkMaster,
  setLinkMtu,
  setLinkTxQueueLength,
  setLinkUp,
} from './route/link-change.ts';
export {
  addBridge,
  addDummy,
  addIfb,
  addMacvlan,
  addVeth,
  type NewBridge,
  type NewLink,
  type NewMacvlan,
} from './route/link-create.ts';
export type { LinkReference } from './route/link-message.ts';
export { dumpLinks, getLink, getLinkMtu } from './route/link-query.ts';
export { type LinkRequest, readLinkRequest } from './route/link-request.ts';
export { type LinkStats, type VisitLinkStats, visitLinkStats } from './route/link-stats.ts';
export { formatMacAddress, parseMacAddress } from './route/mac-address.ts';
export {
  addNeighbour,
  deleteNeighbour,
  dumpNeighbours,
  type Neighbour,
  type NeighbourEvent,
  type NewNeighbour,
  parseNeighbourMessage,
  replaceNeighbour,
} from './route/neighbour.ts';
export {
  dumpNsids,
  getNsid,
  NETNSA_NSID_NOT_ASSIGNED,
  type NsidEvent,
  parseNsidMessage,
  setNsid,
} from './route/nsid.ts';
export {
  dumpRoutes,
  getRoute,
  parseRouteMessage,
  type Route,
  type RouteEvent,
  type RouteNexthop,
} from './route/route.ts';
export {
  addRoute,
  deleteRoute,
  type NewNexthop,
  type NewRoute,
  type RouteToDelete,
  replaceRoute,
} from './route/route-change.ts';
export type { RouteType } from './route/route-message.ts';
export {
  addRule,
  deleteRule,
  dumpRules,
  type NewRule,
  parseRuleMessage,
  type Rule,
  type RuleEvent,
  type RuleSelector,
} from './route/rule.ts';
export { dumpActions } from './tc/action.ts';
export {
  addBpfFilter,
  type BpfFilter,
  type BpfFilterPlace,
  bpfFilterName,
  replaceBpfFilter,
} from './tc/bpf-filter.ts';
export { addChain, type Chain, type ChainPlace, deleteChain, dumpChains } from './tc/chain.ts';
export {
  addClass,
  type ClassPlace,
  changeClass,
  deleteClass,
  dumpClasses,
  parseClass,
  replaceClass,
  type TcClass,
} from './tc/class.ts';
export {
  digestClasses,
  digestFilters,
  digestQdiscs,
  listQdiscs,
  type QdiscDigest,
  type QdiscList,
} from './tc/digest.ts';
export type { Bfifo, Pfifo } from './tc/fifo.ts';
export {
  addFilter,
  deleteFilters,
  dumpFilters,
  ETH_P_ALL,
  type Filter,
  type FilterPlace,
  type FilterPriority,
  parseFilter,
} from './tc/filter.ts';
export type { FilterOptions } from './tc/filter-options.ts';
export type { FilterAction, FilterVerdict, RedirectAction } from './tc/filter-verdict.ts';
export type { Flower, MaskedByte } from './tc/flower.ts';
export type { FlowerPorts } from './tc/flower-ports.ts';
export type { FqCodel } from './tc/fq-codel.ts';
export type { Htb, HtbClass } from './tc/htb.ts';
export { type Clsact, type Ingress, ingressPlace } from './tc/ingress.ts';
export type { Matchall } from './tc/matchall.ts';
export {
  decodeNetem,
  decodeNetemXstats,
  encodeNetem,
  type Netem,
  type NetemLoss,
  type NetemXstats,
  neutralNetem,
  type RandomLoss,
} from './tc/netem.ts';
export type {
  GilbertElliott,
  LossStates,
  NetemChance,
  NetemCorrelation,
  NetemRate,
  NetemSlot,
} from './tc/netem-attributes.ts';
export { type NetemDistribution, netemDistribution } from './tc/netem-distribution.ts';
export type { Prio } from './tc/prio.ts';
export { fractionToProbability, probabilityToFraction } from './tc/psched.ts';
export {
  addQdisc,
  changeQdisc,
  deleteQdisc,
  dumpQdiscs,
  parseQdisc,
  type Qdisc,
  type QdiscPlace,
  replaceQdisc,
  rootQdisc,
} from './tc/qdisc.ts';
export { encodeQdiscOptions, type QdiscOptions, type RawOptions } from './tc/qdisc-options.ts';
export { type RateSpec, rateSpec } from './tc/ratespec.ts';
export { addRawFilter, deleteRawFilter, type RawFilter } from './tc/raw-filter.ts';
export { addRedirectFilter } from './tc/redirect-filter.ts';
export type { TcStats } from './tc/stats.ts';
export type { Tbf } from './tc/tbf.ts';
export { readTcRequest, type TcRequest, type TcVerb } from './tc/tc-request.ts';
export type { TcView } from './tc/tc-view.ts';
export {
  formatHandle,
  handle,
  parseHandle,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
  TC_H_ROOT,
} from './tc/tcmsg.ts';
export type { U32, U32Key } from './tc/u32.ts';
export { TimerFd } from './timer-fd.ts';
export { type NewTap, openTap, openTun, type Tap } from './tun.ts';
export {
  decodeVirtioNetHeader,
  encodeVirtioNetHeader,
  VIRTIO_NET_HDR_F_DATA_VALID,
  VIRTIO_NET_HDR_F_NEEDS_CSUM,
  VIRTIO_NET_HDR_GSO_ECN,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_GSO_TCPV4,
  VIRTIO_NET_HDR_GSO_TCPV6,
  VIRTIO_NET_HDR_GSO_UDP,
  VIRTIO_NET_HDR_GSO_UDP_L4,
  VIRTIO_NET_HDR_LENGTH,
  VIRTIO_NET_HDR_OFFSET,
  type VirtioNetHeader,
} from './virtio-net-header.ts';
export { Epoll } from './worker/epoll.ts';
export { type SocketHandle, type SocketHandler, SocketReader } from './worker/socket-reader.ts';
export { WakeFd } from './worker/wake-fd.ts';
