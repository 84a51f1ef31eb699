import { readFileSync } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGWINCH'] as const;
/** A terminal sends these to all of its foreground processes by itself. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

/**
 * Tells of the signals that this process gets, none of which ends it until what is returned is called, so
 * that they can be passed on to a process that it has started. That one `has` those already which a
 * terminal sent to both.
 */
export function passOn(send: (signal: NodeJS.Signals, has: boolean) => void): () => void {
  const listener = (signal: NodeJS.Signals): void => {
    try {
      send(signal, FROM_TERMINAL.has(signal) && isForeground());
    } catch (error) {
      // It has ended, and its exit code is on its way.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

/** Whether this process is in the foreground group of its terminal (proc(5), pgrp and tpgid). */
function isForeground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group === foreground;
}
