/** How one of many actions stands. */
export type Progress =
  | { readonly state: 'waiting' }
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * Does the same to each item, at most `limit` at a time; a failure holds up none of the others.
 * Resolves when all are settled.
 */
export async function runEach<T>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<unknown>,
  onSettled: (item: T, progress: Progress) => void,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      try {
        await act(item);
        onSettled(item, { state: 'done' });
      } catch (error) {
        onSettled(item, { state: 'failed', error });
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
