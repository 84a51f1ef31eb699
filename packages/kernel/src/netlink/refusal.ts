import { KernelError } from '../errors.ts';
import { attributeAt, type Verdict } from './message.ts';
import type { Request } from './request.ts';

/** The error of a request that could not be carried to the kernel or back. */
export function failure(request: Request, errno: number): KernelError {
  return new KernelError({ operation: request.operation, target: request.target, errno });
}

/** The error of a request that the kernel answered with one. */
export function refusal(request: Request, verdict: Verdict): KernelError {
  const { offset } = verdict;
  const attribute = offset === undefined ? undefined : attributeAt(request.body, offset);
  const { operation, target } = request;
  return new KernelError({ operation, target, ...verdict, attribute });
}
