export {
  type ApplicationPoint,
  type At,
  applicationPoint,
  bridgeOf,
  otherEnd,
} from './application-point.ts';
export { Capabilities, Check } from './capabilities.ts';
export { createClient, type Transport } from './client/client.ts';
export { Config, type RuntimeConfig } from './config.ts';
export {
  Container,
  ContainerNetwork,
  ContainerRuntime,
  PublishedPort,
  RuntimeStatus,
} from './container.ts';
export { isInNetwork, matchesContainer, podName } from './container-match.ts';
export { ERRORS, type ErrorCode, type ErrorKind } from './errors/catalogue.ts';
export { type FieldError, isNetweirError, NetweirError } from './errors/netweir-error.ts';
export { errorOf, Problem, problemOf } from './errors/problem.ts';
export { invalidRequest, leafIssues, validate } from './errors/validate.ts';
export { applyChange, Change, EventMessage } from './events.ts';
export { isGlob, matchesGlob } from './glob.ts';
export type { Graph, GraphEdge, GraphGroup, GraphNode } from './graph/graph.ts';
export { labGraph } from './graph/lab-graph.ts';
export { mermaidOf } from './graph/mermaid.ts';
export { topologyGraph } from './graph/topology-graph.ts';
export { askedIn, isSameMatch, withoutRule, withRule } from './impairment/asked.ts';
export { describeMatch } from './impairment/describe-match.ts';
export {
  type ExactCorrelated,
  type ExactDirection,
  type ExactLoss,
  type ExactSlot,
  exactDirection,
  isUntouched,
} from './impairment/exact.ts';
export {
  DIRECTION_FLAGS,
  type DirectionFlags,
  directionFromFlags,
  writtenFlag,
} from './impairment/flags.ts';
export { Operation } from './impairment/operation.ts';
export { directionOf, summarize } from './impairment/print.ts';
export {
  Caller,
  Direction,
  Distribution,
  EngineChoice,
  Impairment,
  ImpairmentReport,
  Mechanism,
  type MechanismCounters,
  TrafficRule,
  TrafficRuleReport,
} from './impairment/schema.ts';
export {
  familiesOf,
  isHostName,
  PORT_PROTOCOLS,
  Protocol,
  parsePorts,
  TrafficMatch,
} from './impairment/traffic.ts';
export { interfaceAddress, interfaceCounters } from './interface-facts.ts';
export {
  Address,
  Counters,
  Interface,
  InterfaceNetwork,
  Inventory,
  Peer,
  QdiscSummary,
  Space,
  SpaceKind,
} from './inventory.ts';
export { LabChange } from './lab/change.ts';
export { LabEvent, LabEventKind } from './lab/event.ts';
export {
  type FileDevice,
  type FileFirewallConfig,
  type FileInterface,
  type FileNatConfig,
  type FilePortPolicy,
  type FileRegion,
  type FileRouter,
  LabFile,
} from './lab/file.ts';
export { FileCondition, FileConditions, type LinkLimits } from './lab/file-condition.ts';
export { word } from './lab/file-words.ts';
export { Firewall, FirewallConfig, FirewallName, PortPolicy } from './lab/firewall.ts';
export { LinkCondition, LinkConditionName, LinkConditions } from './lab/link-condition.ts';
export { LINK_CONDITIONS } from './lab/link-presets.ts';
export { LabName } from './lab/name.ts';
export { LabNamespaces } from './lab/namespaces.ts';
export {
  Nat,
  NatConfig,
  NatFiltering,
  NatMapping,
  NatName,
  NatPorts,
  NatV6,
} from './lab/nat.ts';
export { AddressPool, IpSupport, RouterPreset } from './lab/router.ts';
export {
  LabDevice,
  LabExchange,
  LabInterface,
  LabRegion,
  LabRegionLink,
  LabRouter,
  LabState,
} from './lab/state.ts';
export { LabSummary } from './lab/summary.ts';
export {
  belowRouterAddress,
  belowRouterName,
  isLabSwitches,
  LAB_SWITCHES,
  type LabSwitchName,
  switchBelowRouter,
  switchOfPort,
  switchPortName,
} from './lab/switch-port.ts';
export {
  Comparison,
  DelayFigures,
  Heading,
  Measurement,
  MeasurementRequest,
  MeasurementVerdict,
  OneWayFigures,
  OnTheWay,
  RoundTripFigures,
} from './measurement.ts';
export { Forgotten, type InterfaceRef, LinkState, type Netweir, RestoreReport } from './netweir.ts';
export { PROBE_HISTORY, Probe, ProbeId, ProbeRequest, ProbeSample } from './probe.ts';
export { ContainerMatch, NamedRule, Rule, RuleName } from './rule.ts';
export {
  idsOfContainer,
  meansContainer,
  type Selected,
  selectSpace,
  selectTarget,
  selectTargets,
} from './select.ts';
export { parseTarget, type Target } from './target.ts';
export { directionOfTc, readTc, type TcReading } from './tc/direction-of-tc.ts';
export { Topology, TopologyEdge, TopologyNode, topologyOf } from './topology.ts';
export { formatDuration, parseDuration } from './units/duration.ts';
export { CERTAIN, formatPercent, parsePercent } from './units/percent.ts';
export type { BitsPerSecond, Nanoseconds, Probability } from './units/quantity.ts';
export { formatRate, parseRate } from './units/rate.ts';
