/** nftables under nft's own names, for `import { nftables } from '@netweir/kernel'`. */
export {
  addChain,
  type BaseChain,
  type Chain,
  type ChainPlace,
  deleteChain,
  flushChain,
  type Hook,
  listChains,
  type NewChain,
  PRIORITY,
} from './nftables/chain.ts';
export {
  addCtTimeout,
  type CtTimeout,
  deleteCtTimeout,
  listCtTimeouts,
  type NewCtTimeout,
} from './nftables/ct-timeout.ts';
export type { DataTypeName, Value } from './nftables/data-type.ts';
export { duplicateTo, forwardToMap } from './nftables/device.ts';
export {
  addElements,
  deleteElements,
  type Element,
  flushSet,
  listElements,
  type NewElement,
} from './nftables/element.ts';
export type { Expression } from './nftables/expression.ts';
export type { NftFamily } from './nftables/family.ts';
export type { ValueOrRange, ValueRange } from './nftables/interval.ts';
export { inSet, match, notInSet, unless, type Wanted } from './nftables/match.ts';
export {
  dnatTo,
  dnatToMap,
  type MapTarget,
  masquerade,
  type NatFlags,
  type NatTarget,
  type Port,
  redirectTo,
  snatTo,
  snatToMap,
} from './nftables/nat.ts';
export { drawPort } from './nftables/random-port.ts';
export { type RejectReason, reject } from './nftables/reject.ts';
export { appendRule, deleteRule, insertRule, listRules, type Rule } from './nftables/rule.ts';
export type { Statement } from './nftables/rule-draft.ts';
export {
  constant,
  ct,
  ctOriginal,
  ctReply,
  ether,
  fib,
  icmp,
  icmpv6,
  ip,
  ip6,
  mapped,
  meta,
  numgenRandom,
  type Selector,
  socket,
  tcp,
  th,
  udp,
} from './nftables/selector.ts';
export { addSet, deleteSet, listSets, type NewSet, type NftSet } from './nftables/set.ts';
export type { SetPlace, SetTypes } from './nftables/set-place.ts';
export {
  accept,
  addToSet,
  counter,
  deleteFromSet,
  drop,
  type ElementOfPacket,
  goTo,
  jumpTo,
  limitRate,
  notrack,
  type Rate,
  returnToCaller,
  setCtTimeout,
  setMark,
  updateSet,
} from './nftables/statement.ts';
export {
  addTable,
  deleteTable,
  destroyTable,
  flushRuleset,
  flushTable,
  listTables,
  type Table,
  type TablePlace,
} from './nftables/table.ts';
export { type Command, commit } from './nftables/transaction.ts';
