import type * as z from 'zod';
import { isNetweirError, NetweirError } from './netweir-error.ts';

/**
 * The value as the schema gives it; `what` says in the error what was being read: `the impairment`.
 *
 * @throws NetweirError `invalid-request` that names every wrong field; where the one thing wrong is
 * a quantity, the error of the quantity's own parser with its remedy
 */
export function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  what: string,
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalidRequest(result.error.issues, what);
}

/** The error of `validate`, for whoever has the issues of a schema already. */
export function invalidRequest(found: readonly z.core.$ZodIssue[], what: string): NetweirError {
  const issues = leafIssues(found);
  const fields = issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const text = fields
    .map(({ path, message }) => (path ? `${path}: ${message}` : message))
    .join('; ');
  const single = issues.length === 1 ? originOf(issues[0]) : undefined;
  return new NetweirError(single?.code ?? 'invalid-request', `${what} is not valid: ${text}`, {
    fields,
    ...(single?.remedy === undefined ? {} : { remedy: single.remedy }),
  });
}

/** What is wrong, in the smallest parts that can be named, each by its path. */
export function leafIssues(found: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return found.flatMap(withinUnion).flatMap(ofKey);
}

/** Of a key that cannot be one, why not. */
function ofKey(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_key') return [issue];
  return issue.issues.map((inner) => ({ ...inner, path: issue.path }));
}

/** Of an object that fits no member of a union, what is wrong by the member that it fits best. */
function withinUnion(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const members = issue.errors.filter((errors) => errors.some(isOfObject));
  const [best] = members.toSorted((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length);
  if (!best) return [issue];
  return best.flatMap((inner) => withinUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Whether the member took the value for an object, and looked at its keys. */
function isOfObject({ path, code }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}

function unknownKeys(issues: readonly z.core.$ZodIssue[]): number {
  return issues
    .filter(({ path }) => path.length === 0)
    .reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

function originOf(issue: z.core.$ZodIssue | undefined): NetweirError | undefined {
  const origin = issue?.code === 'custom' ? issue.params?.origin : undefined;
  return isNetweirError(origin) ? origin : undefined;
}
