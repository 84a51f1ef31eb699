import * as z from 'zod';
import { ERRORS, type ErrorCode } from './catalogue.ts';
import { NetweirError } from './netweir-error.ts';

const codes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** An error as the API sends it: a problem document (RFC 9457) with netweir's code and remedy. */
export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string(),
    remedy: z.string().optional(),
    instance: z.string().optional().meta({
      description: 'In a list of results: the interface that it is about, as SPACE/INTERFACE.',
    }),
    fields: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'An error, as RFC 9457 has it.' });
export type Problem = z.infer<typeof Problem>;

export function problemOf(error: NetweirError): Problem {
  const { title, status } = ERRORS[error.code];
  return {
    type: `urn:netweir:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(error.fields.length === 0 ? {} : { fields: [...error.fields] }),
  };
}

/** The inverse of `problemOf`: what a client throws. */
export function errorOf(problem: Problem): NetweirError {
  return new NetweirError(problem.code, problem.detail, {
    ...(problem.remedy === undefined ? {} : { remedy: problem.remedy }),
    ...(problem.fields === undefined ? {} : { fields: problem.fields }),
  });
}
