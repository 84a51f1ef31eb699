import { isNetweirError, NetweirError, problemOf } from '@netweir/api';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const PROBLEM_TYPE = 'application/problem+json';

/** An answer with a problem document. `status` where HTTP has a finer one than the error's code. */
export function sendProblem(reply: FastifyReply, error: NetweirError, status?: number): void {
  const problem = problemOf(error);
  const shown = status === undefined ? problem : { ...problem, status };
  void reply
    .code(shown.status)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(shown)));
}

/** Turns whatever a route throws into a problem document; what was not foreseen goes to the log only. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (isNetweirError(error)) {
    if (error.code === 'internal') logFault(request, error);
    sendProblem(reply, error);
    return;
  }
  const status = clientFault(error);
  if (status === undefined) {
    logFault(request, error);
    sendProblem(
      reply,
      new NetweirError('internal', 'netweir failed to answer this request', {
        remedy: "The daemon's log says more.",
      }),
    );
    return;
  }
  if (status === 413) sendProblem(reply, tooLarge());
  else sendProblem(reply, invalid(error), status);
}

/** What the request asks for does not exist. */
export function noSuchRoute(request: FastifyRequest): NetweirError {
  const [path = ''] = request.url.split('?', 1);
  return new NetweirError('no-such-route', `there is no ${request.method} ${path.slice(0, 200)}`, {
    remedy: '/openapi.json describes every address.',
  });
}

function logFault(request: FastifyRequest, error: unknown): void {
  // The route's pattern, not the address asked for: that one may hold the token.
  const route = request.routeOptions.url;
  request.log.error({ err: error, method: request.method, route }, 'request failed');
}

function tooLarge(): NetweirError {
  return new NetweirError('request-too-large', 'the body is larger than 64 KiB');
}

/** The status of an error by which fastify refuses a request (its codes start with FST_ERR). */
function clientFault(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const status = error.statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

const EXPLAINED: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'the body is not declared as JSON',
    'Send the header Content-Type: application/json.',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: ['the body is not JSON', 'Send one JSON object.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    'the body is empty, though it is declared as JSON',
    'Send one JSON object, or no Content-Type.',
  ],
  FST_ERR_BAD_URL: [
    'the address is not valid: a % must be followed by two hexadecimal digits',
    'Encode each part of the address on its own.',
  ],
};

function invalid(error: unknown): NetweirError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [message, remedy] = EXPLAINED[code] ?? [];
  return new NetweirError('invalid-request', message ?? String((error as Error).message), {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
