import { ERRORS, type ErrorCode, invalidRequest, Problem } from '@netweir/api';
import type { FastifySchemaCompiler } from 'fastify';
import * as z from 'zod';
import { PROBLEM_TYPE } from './errors.ts';

const PARTS: Readonly<Record<string, string>> = {
  params: 'the address',
  querystring: 'the query',
  headers: 'the headers',
};

/** Checks a part of a request; what is wrong becomes the NetweirError that says so. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value) => {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data };
    const what = PARTS[httpPart ?? ''] ?? 'the body';
    return { error: invalidRequest(result.error.issues, what) };
  };

/** Any request may end so. */
const COMMON: readonly ErrorCode[] = [
  'invalid-request',
  'unauthorized',
  'forbidden-host',
  'not-permitted',
  'internal',
];

/** What may go wrong where an interface is named. */
export const INTERFACE_ERRORS: readonly ErrorCode[] = [
  'invalid-target',
  'no-such-space',
  'no-such-interface',
  'space-vanished',
];

/** What may go wrong where a body is sent. */
export const BODY_ERRORS: readonly ErrorCode[] = ['invalid-quantity', 'request-too-large'];

/** What may go wrong where the kernel is asked to change something. */
export const CHANGE_ERRORS: readonly ErrorCode[] = [
  'original-not-restorable',
  'changed-elsewhere',
  'kernel-lacks-netem',
  'kernel-lacks-feature',
  'kernel-refused',
  'read-back-differs',
  'journal-failed',
];

interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly [PROBLEM_TYPE]: { readonly schema: typeof Problem } };
}

/** The responses by which a route reports these errors, by status. */
export function problems(...codes: readonly ErrorCode[]): Record<number, ProblemResponse> {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set([...COMMON, ...codes])) {
    const { status, title } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}.`]);
  }
  if (codes.includes('request-too-large')) {
    byStatus.set(415, ['`invalid-request`: The body is not declared as JSON.']);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join(' '), content: { [PROBLEM_TYPE]: { schema: Problem } } },
    ]),
  );
}

/** The response of a route that has done what it was asked to. */
export function answer<T extends z.ZodType>(
  description: string,
  schema: T,
): { description: string; content: { 'application/json': { schema: T } } } {
  return { description, content: { 'application/json': { schema } } };
}

/** The response of a route that has nothing to say but that it is done. */
export const Done: z.ZodUndefined = z.undefined().meta({ description: 'Done.' });
