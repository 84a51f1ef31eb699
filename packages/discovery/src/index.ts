export type { ContainerOptions, Sockets } from './containers/source.ts';
export { type ChangeListener, Discovery } from './discovery.ts';
export type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from './model.ts';
export { discoverOnce, type Snapshot } from './once.ts';
export { openProcessNamespace } from './process-namespace.ts';
