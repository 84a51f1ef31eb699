import { ERRORS, type ErrorCode } from './catalogue.ts';

/** Marks our errors across copies of this module. */
const BRAND = '@netweir/error';

/** One field of a request that is wrong, by its path: `egress.delay.mean`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface NetweirErrorOptions {
  readonly cause?: unknown;
  /** What the user can do about it. */
  readonly remedy?: string;
  readonly fields?: readonly FieldError[];
}

/**
 * Every error that netweir shows: the message says what failed, on what and why; `remedy` what to
 * do. `code` is one of the catalogue's.
 */
export class NetweirError extends Error {
  override readonly name = 'NetweirError';
  readonly [BRAND]: true = true;
  readonly code: ErrorCode;
  readonly remedy: string | undefined;
  readonly fields: readonly FieldError[];

  constructor(code: ErrorCode, message: string, options: NetweirErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.remedy = options.remedy;
    this.fields = options.fields ?? [];
  }

  get exitCode(): 1 | 2 | 3 | 4 {
    return ERRORS[this.code].exitCode;
  }
}

/** Also true of an error of another copy of this module. */
export function isNetweirError(error: unknown): error is NetweirError {
  return error instanceof Error && BRAND in error;
}
