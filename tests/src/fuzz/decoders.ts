import { API_DECODERS } from './api-decoders.ts';
import type { Decoder } from './decoder.ts';
import { DISCOVERY_DECODERS } from './discovery-decoders.ts';
import { FILTER_DECODERS } from './filter-decoders.ts';
import { IMPAIR_DECODERS } from './impair-decoders.ts';
import { NETLINK_DECODERS, ROUTE_DECODERS } from './kernel-decoders.ts';
import { KERNEL_TEXTS } from './kernel-texts.ts';
import { LAB_DECODERS } from './lab-decoders.ts';
import { NETFILTER_DECODERS } from './netfilter-decoders.ts';
import { PACKET_DECODERS } from './packet-decoders.ts';
import { TC_DECODERS } from './tc-decoders.ts';

/** All that reads what comes from the kernel, from a network, from other programs, or from people. */
export const DECODERS: readonly Decoder[] = [
  ...NETLINK_DECODERS,
  ...ROUTE_DECODERS,
  ...TC_DECODERS,
  ...FILTER_DECODERS,
  ...NETFILTER_DECODERS,
  ...PACKET_DECODERS,
  ...KERNEL_TEXTS,
  ...IMPAIR_DECODERS,
  ...LAB_DECODERS,
  ...DISCOVERY_DECODERS,
  ...API_DECODERS,
];

/** What has the name of a decoder and reads nothing from outside by itself. */
export const NO_DECODERS: Readonly<Record<string, string>> = {
  'kernel/internet-checksum.ts readU16': 'two bytes, of which the caller knows that they are there',
  'kernel/libc.ts read': 'a system call',
  'kernel/libc.ts readAt': 'a system call',
  'impair/engine/lane-counters.ts readCounters': 'our own shared memory',
  'impair/tree/tree.ts readTree': 'what parseQdisc has read',
  'lab/capture/counters.ts readCounters': 'asks the kernel, by dumpLinks',
  'lab/file/read.ts readLabFile': 'a file, by what parseLabFile calls',
  'lab/interface/read.ts readInterfaces': 'asks the kernel, by dumpLinks and dumpAddresses',
  'lab/state/state.ts readState': 'asks the kernel, by dumps of all kinds',
  'discovery/counters.ts readCounters': 'asks the kernel, by visitLinkStats',
  'discovery/record.ts readAll': 'asks the kernel, by dumps of all kinds',
  'discovery/record.ts readSome': 'asks the kernel, by dumps of all kinds',
  'discovery/containers/processes/proc-files.ts readStat': 'a file of /proc, of one form',
  'discovery/containers/processes/proc-files.ts readCommandLine': 'a file as text',
  'discovery/containers/processes/proc-files.ts readCgroup': 'a file as text',
  'discovery/containers/processes/proc-files.ts readStart': 'a file as text',
};
