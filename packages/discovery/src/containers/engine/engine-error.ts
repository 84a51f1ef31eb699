import { cleanText } from './text.ts';

/** Long enough for a sentence of the other side. */
const QUOTE_LENGTH = 200;

/**
 * What went wrong: it may not be asked, cannot be reached, says nothing for too long, says too much,
 * says what cannot be understood, or says no (an HTTP status).
 */
export type EngineFailure =
  | 'refused'
  | 'unreachable'
  | 'silent'
  | 'excessive'
  | 'unintelligible'
  | 'status';

/** A container engine did not answer a request as it should. */
export class EngineError extends Error {
  readonly failure: EngineFailure;
  /** The HTTP method and path. */
  readonly operation: string;
  /** The HTTP status, where that is what is wrong. */
  readonly status: number | undefined;

  static {
    EngineError.prototype.name = 'EngineError';
  }

  constructor(
    failure: EngineFailure,
    operation: string,
    what: string,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(`${operation}: ${cleanText(what, QUOTE_LENGTH)}`, options);
    this.failure = failure;
    this.operation = operation;
    this.status = options?.status;
  }

  /** What a request or the reading of its answer was ended by, with what the user can do. */
  static from(error: unknown, operation: string): EngineError {
    if (error instanceof EngineError) return error;
    if (!(error instanceof Error)) return new EngineError('unreachable', operation, String(error));
    const code = 'code' in error ? String(error.code) : error.name;
    if (code === 'EACCES' || code === 'EPERM') {
      const remedy = 'run netweir as root, or as a member of the group of the socket';
      return new EngineError('refused', operation, `permission denied; ${remedy}`, {
        cause: error,
      });
    }
    const what = WORDS[code] ?? `${error.message || code}`;
    return new EngineError('unreachable', operation, what, { cause: error });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'the socket is gone; is the runtime running?',
  ECONNREFUSED: 'nobody listens; is the runtime running?',
  UND_ERR_SOCKET: 'it closed the connection',
  UND_ERR_DESTROYED: 'the socket is gone, or another one',
  ECONNRESET: 'it closed the connection',
};
