export type { AddressPool, LabEvent, LabState } from '@netweir/api';
export { LINK_CONDITIONS } from '@netweir/api';
export type { OfFamilies } from './addressing/ip-support.ts';
export { becomeRoot, type FromOutside } from './become-root.ts';
export type { Capture, CaptureCounters, CaptureOptions } from './capture/capture.ts';
export type { InterfaceCounters } from './capture/counters.ts';
export type { ClassifyOptions } from './classify/classify.ts';
export type { NatClass, NatClassName, ObservedMapping } from './classify/nat-class.ts';
export type { ProgramResult } from './code/programs.ts';
export type { NodeFunction } from './code/run.ts';
export type { LocalAddress, NamedSocketAddress, SocketAddress } from './code/sockets.ts';
export type { ConditionsInForce } from './condition/conditions.ts';
export { ImpairerLease } from './condition/shared-impairer.ts';
export { LabError, type LabErrorCode, NodeRemoved } from './errors.ts';
export type { LabPlan } from './file/plan.ts';
export type { LabFileProblem } from './file/problems.ts';
export { LabFileError } from './file/problems.ts';
export { parseLabFile } from './file/read.ts';
export type { ExactFirewall } from './firewall/exact-firewall.ts';
export type { NodeInterface } from './interface/read.ts';
export { Lab, type LabOptions } from './lab.ts';
export type { NameValue } from './names/names.ts';
export type { ExactNat, ExactNatConfig } from './nat/settings.ts';
export { ipv4OfNat64, nat64Address } from './nat64/address.ts';
export {
  Device,
  type DeviceOptions,
  type InterfaceOptions,
  type NewInterfaceOptions,
} from './node/device.ts';
export type { Exchange } from './node/exchange.ts';
export type { LabNode } from './node/lab-node.ts';
export type { Cable } from './node/member.ts';
export { Region } from './node/region.ts';
export { type Downlink, Router, type RouterOptions } from './node/router.ts';
export type { ProbeOptions } from './reflector/probe.ts';
export type { Reflector, ReflectorOptions } from './reflector/reflector.ts';
export type { BreakMode } from './region/region-link.ts';
