/** How a process ended: by itself, or by a signal's number. */
export type ExitStatus = { readonly code: number } | { readonly signal: number };

/** Reads the status that wait(2) gives (bits/waitstatus.h). */
export function exitOf(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal };
}
