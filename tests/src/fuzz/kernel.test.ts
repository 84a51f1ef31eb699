import { FILTER_DECODERS } from './filter-decoders.ts';
import { NETLINK_DECODERS, ROUTE_DECODERS } from './kernel-decoders.ts';
import { NETFILTER_DECODERS } from './netfilter-decoders.ts';
import { fuzzAll } from './run.ts';
import { TC_DECODERS } from './tc-decoders.ts';

fuzzAll([
  ...NETLINK_DECODERS,
  ...ROUTE_DECODERS,
  ...TC_DECODERS,
  ...FILTER_DECODERS,
  ...NETFILTER_DECODERS,
]);
