import { type InterfaceRef, isNetweirError, NetweirError } from '@netweir/api';

/** How one interface of several went. */
export type Outcome<T> = { readonly ref: InterfaceRef } & (
  | { readonly value: T; readonly error?: undefined }
  | { readonly error: NetweirError; readonly value?: undefined }
);

/** Does one interface after the other; a failure does not stop the others, the signal does. */
export async function attemptEach<T>(
  refs: readonly InterfaceRef[],
  attempt: (ref: InterfaceRef) => Promise<T>,
  signal?: AbortSignal,
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  for (const ref of refs) {
    if (signal?.aborted) break;
    try {
      outcomes.push({ ref, value: await attempt(ref) });
    } catch (error) {
      outcomes.push({ ref, error: asNetweirError(error) });
    }
  }
  return outcomes;
}

/** 0 if all went well, 1 if some did, otherwise the code of the first error. */
export function exitCodeOf(outcomes: readonly Outcome<unknown>[]): number {
  const errors = outcomes.flatMap(({ error }) => error ?? []);
  if (errors.length > 0 && errors.length < outcomes.length) return 1;
  return errors[0]?.exitCode ?? 0;
}

/** What was thrown, as one of ours: anything else is a fault in netweir. */
export function asNetweirError(error: unknown): NetweirError {
  if (isNetweirError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new NetweirError('internal', message, { cause: error });
}
