export { probeAbilities, probeMirred } from './capability/abilities.ts';
export { examineHost } from './capability/checks.ts';
export { describeQdiscs } from './describe.ts';
export { tapName } from './engine/engine.ts';
export type { Redirection } from './engine/hook.ts';
export { Guardian } from './guardian/guardian.ts';
export { ifbName } from './ifb-impairer.ts';
export { Impairer, type ImpairerOptions, type Wanted } from './impairer.ts';
export { holdDaemonLock } from './journal/daemon-lock.ts';
export {
  type Entry,
  type HookEntry,
  type IfbEntry,
  type Place,
  type RootEntry,
  subjectOf,
  type Way,
  wayAtRoot,
} from './journal/entry.ts';
export { type EntryStore, Journal } from './journal/journal.ts';
export { MemoryJournal } from './journal/memory-journal.ts';
export { isAlive } from './journal/tenure.ts';
export { alsoFailed, netweirErrorOf } from './kernel-error.ts';
export { setLink } from './link.ts';
export { type EchoProbeOptions, EchoProber } from './measure/echo-probe.ts';
export type { Passage } from './measure/element.ts';
export type { FarEnd, NearEnd } from './measure/ends.ts';
export type { Way as MeasuredWay } from './measure/expectation.ts';
export { type Measured, type MeasureOptions, measure } from './measure/measure.ts';
export { type NextHop, nextHopTo } from './measure/next-hop.ts';
export { rootOf } from './original/original.ts';
export { outgoingInterface } from './outgoing.ts';
export type { Abilities } from './plan.ts';
export { isSameNamespace, type Reachable } from './reachable.ts';
export {
  type DescribeOptions,
  describeEngine,
  describeOperations,
} from './tc-command/describe-operations.ts';
export type { InterfaceNameOf } from './tc-command/filter-words.ts';
export { tcCommandOf } from './tc-command/tc-command.ts';
export { Classifier } from './traffic/classifier.ts';
export { filtersOf, type RuleClassifier } from './traffic/filters.ts';
export { MAX_FILTERS_OF_RULE, type PortRange, type Term, termsOf } from './traffic/term.ts';
export { readTree } from './tree/tree.ts';
export { wayOf } from './way.ts';
