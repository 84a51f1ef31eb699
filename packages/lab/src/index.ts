export type { AddressPool } from './addressing/plan.ts';
export { LabError, type LabErrorCode, NodeRemoved } from './errors.ts';
