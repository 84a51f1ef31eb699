export type { AddressPool } from './addressing/plan.ts';
export type { NodeFunction } from './code/run.ts';
export type { LocalAddress, SocketAddress } from './code/sockets.ts';
export { LabError, type LabErrorCode, NodeRemoved } from './errors.ts';
export { Lab, type LabOptions } from './lab.ts';
export type { Device, DeviceOptions } from './node/device.ts';
export type { Exchange } from './node/exchange.ts';
export type { LabNode, NodeInterface } from './node/lab-node.ts';
export type { Downlink, Router, RouterOptions } from './node/router.ts';
