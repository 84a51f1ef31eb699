/** Something that is to happen again and again. */
export interface Paced {
  readonly everyMs: number;
  readonly act: () => void;
}

/** What was missed while the process was busy is not made up for beyond this many times. */
const MAX_AT_ONCE = 4;
const TICK_MS = 1;

/**
 * Does things on the event loop, each at its own pace, for a time; tells how late each turn of the loop was,
 * in milliseconds.
 */
export async function pace(
  things: readonly Paced[],
  durationMs: number,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const start = performance.now();
  const done = things.map(() => 0);
  const lateMs: number[] = [];
  for (let last = start, now = start; now < start + durationMs; now = performance.now()) {
    lateMs.push(Math.max(0, now - last - TICK_MS));
    last = now;
    things.forEach(({ everyMs, act }, index) => {
      const due = Math.floor((now - start) / everyMs) + 1;
      const missed = due - (done[index] ?? 0);
      for (let times = Math.min(missed, MAX_AT_ONCE); times > 0; times--) act();
      done[index] = due;
    });
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    signal?.throwIfAborted();
  }
  return lateMs;
}

/** Waits until `isDone`, for a time at most. */
export async function patiently(
  isDone: () => boolean,
  patienceMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!isDone() && performance.now() < end) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const LOOK_EVERY_MS = 10;
