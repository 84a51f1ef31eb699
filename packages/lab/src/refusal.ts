import { KernelError } from '@netweir/kernel';
import { LabError } from './errors.ts';

/** What to tell who may make no networks; undefined for what went wrong for another reason. */
export function refusalOf(error: unknown): LabError | undefined {
  if (!(error instanceof KernelError && ['EPERM', 'EACCES'].includes(error.errnoName))) {
    return undefined;
  }
  return new LabError(
    'ERR_LAB_NOT_PERMITTED',
    `this process may make no networks: ${error.message}`,
    'start it by `node --import @netweir/lab/unprivileged FILE`, or as root',
  );
}
