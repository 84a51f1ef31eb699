export { followContainers } from './containers/follow-containers.ts';
export type {
  ContainerOptions,
  ContainerSource,
  ContainerSources,
  ContainerView,
  FollowContainers,
  ProcessNamespace,
  Sockets,
  ViewChanged,
} from './containers/source.ts';
export {
  type ChangeListener,
  Discovery,
  type DiscoveryOptions,
  type TrafficControlListener,
} from './discovery.ts';
export {
  type CommandLine,
  type Entered,
  type ProgramContext,
  ProgramNotStarted,
  runEntered,
  runInSpace,
  runInUserNamespace,
} from './enter/program.ts';
export { enterRootless, isRootless, rootlessNamespace } from './enter/rootless.ts';
export {
  enterUserOf,
  type NodeFiles,
  type NodeOfUser,
  nodeOfUser,
  runInNodeOfUser,
} from './enter/user-lab.ts';
export type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from './model.ts';
export { discoverOnce, type Snapshot } from './once.ts';
export { openProcessNamespace } from './process-namespace.ts';
export type { LabNodeName } from './space-name.ts';
