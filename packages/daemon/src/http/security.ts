import { createHash, timingSafeEqual } from 'node:crypto';
import { NetweirError } from '@netweir/api';
import type { FastifyReply, FastifyRequest } from 'fastify';

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/iu;

/** Mantine writes styles into the page; everything else comes from the daemon's own files. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers that every answer carries. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

export async function setSecurityHeaders(_: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers(SECURITY_HEADERS);
}

/**
 * Refuses what a foreign web page could make a browser send: a Host that is not this machine's
 * (DNS rebinding), an Origin that is not this very server.
 *
 * @throws NetweirError `forbidden-host`
 */
export async function requireLocalHost(request: FastifyRequest): Promise<void> {
  const { host, origin } = request.headers;
  if (host === undefined || !LOCAL_HOST.test(host)) {
    throw new NetweirError('forbidden-host', `the Host header names "${host ?? ''}"`, {
      remedy: 'Use 127.0.0.1, localhost or [::1].',
    });
  }
  if (origin !== undefined && !isSameOrigin(origin, host)) {
    throw new NetweirError('forbidden-host', `the request comes from a page of "${origin}"`, {
      remedy: `Open the page at http://${host}/.`,
    });
  }
}

/**
 * A hook that asks for the token: `Authorization: Bearer TOKEN`, or `?token=TOKEN` on a WebSocket,
 * for which a browser can set no header.
 */
export function requireToken(token: string): (request: FastifyRequest) => Promise<void> {
  const expected = digest(token);
  return async (request) => {
    const given = bearerOf(request) ?? (request.ws ? queryTokenOf(request) : undefined);
    if (given === undefined) throw unauthorized('the request carries no token');
    // Digests have one length, which timingSafeEqual asks for, and tell nothing of the token's.
    if (!timingSafeEqual(digest(given), expected)) throw unauthorized('the token is wrong');
  };
}

function isSameOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host}`.toLowerCase();
}

function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/iu.exec(request.headers.authorization ?? '')?.[1];
}

function queryTokenOf(request: FastifyRequest): string | undefined {
  const query = request.url.split('?')[1];
  return new URLSearchParams(query).get('token') ?? undefined;
}

function unauthorized(message: string): NetweirError {
  return new NetweirError('unauthorized', message, {
    remedy: 'Open the address that `netweir up` prints, or send Authorization: Bearer TOKEN.',
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
