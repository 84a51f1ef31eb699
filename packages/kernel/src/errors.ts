import { errnoName } from './errno.ts';
import { strerror } from './libc.ts';

/** What failed, on what, and all that the kernel said about it. */
export interface KernelErrorDetails {
  /** What was being done, as a verb phrase: `add netem qdisc`. */
  readonly operation: string;
  /** What it was done to: an interface, a path, a namespace. */
  readonly target: string;
  /** The positive error number. */
  readonly errno: number;
  /** The kernel's own sentence (NLMSGERR_ATTR_MSG). */
  readonly kernelText?: string | undefined;
  /** Where in the request, from its `struct nlmsghdr`, the refused attribute starts (NLMSGERR_ATTR_OFFS). */
  readonly offset?: number | undefined;
  /** The type of the attribute at `offset`. */
  readonly attribute?: number | undefined;
  /** The type of an attribute that the kernel missed (NLMSGERR_ATTR_MISS_TYPE). */
  readonly missingAttribute?: number | undefined;
}

/** The kernel refused or failed a request or a system call. */
export class KernelError extends Error {
  readonly operation: string;
  readonly target: string;
  readonly errno: number;
  /** The error number's symbolic name, such as `ENOENT`. */
  readonly errnoName: string;
  readonly kernelText: string | undefined;
  readonly offset: number | undefined;
  readonly attribute: number | undefined;
  readonly missingAttribute: number | undefined;

  static {
    KernelError.prototype.name = 'KernelError';
  }

  constructor(details: KernelErrorDetails, options?: ErrorOptions) {
    super(describe(details), options);
    this.operation = details.operation;
    this.target = details.target;
    this.errno = details.errno;
    this.errnoName = errnoName(details.errno);
    this.kernelText = details.kernelText;
    this.offset = details.offset;
    this.attribute = details.attribute;
    this.missingAttribute = details.missingAttribute;
  }
}

/** A system call's result, or KernelError where it is a negated error number. */
export function check(result: number, operation: string, target: string | number): number {
  if (result >= 0) return result;
  throw new KernelError({ operation, target: String(target), errno: -result });
}

/** The result of a function of `node:fs`; its system errors are thrown as KernelError. */
export function checkFile<T>(operation: string, target: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const errno = systemErrno(cause);
    if (errno === undefined) throw cause;
    throw new KernelError({ operation, target, errno }, { cause });
  }
}

function systemErrno(error: unknown): number | undefined {
  if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) {
    return undefined;
  }
  return Math.abs(error.errno);
}

function describe(details: KernelErrorDetails): string {
  const { operation, target, errno } = details;
  const text = strerror(errno);
  const lowered = /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
  const remarks = kernelRemarks(details);
  const suffix = remarks.length > 0 ? ` (${remarks.join('; ')})` : '';
  return `${operation} on ${target}: ${errnoName(errno)}, ${lowered}${suffix}`;
}

function kernelRemarks(details: KernelErrorDetails): string[] {
  const remarks: string[] = [];
  if (details.kernelText !== undefined) remarks.push(`kernel: "${details.kernelText}"`);
  if (details.attribute !== undefined) remarks.push(`attribute ${details.attribute}`);
  if (details.missingAttribute !== undefined) {
    remarks.push(`missing attribute ${details.missingAttribute}`);
  }
  return remarks;
}
