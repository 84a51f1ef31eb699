import type { ProbeSample } from '@netweir/api';

/** The last samples of a probe in words: round-trip times in milliseconds. */
export interface RoundTrip {
  /** Null where the last echo was lost, or there is none yet. */
  readonly currentMs: number | null;
  readonly medianMs: number | null;
  readonly lost: number;
  readonly sent: number;
}

export function roundTripOf(samples: readonly ProbeSample[]): RoundTrip {
  const answered = samples.flatMap(({ rttMs }) => (rttMs === null ? [] : [rttMs]));
  return {
    currentMs: samples.at(-1)?.rttMs ?? null,
    medianMs: medianOf(answered),
    lost: samples.length - answered.length,
    sent: samples.length,
  };
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}
