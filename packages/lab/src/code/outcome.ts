/** What the Worker of `run` says in the end, beside what the code itself may say by its `parentPort`. */
export interface Outcome {
  readonly kind: typeof OUTCOME;
  readonly result: unknown;
}

export const OUTCOME = 'netweir: outcome';
