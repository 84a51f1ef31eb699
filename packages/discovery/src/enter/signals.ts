import { readFileSync } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGWINCH'] as const;
/** A terminal sends these to all of its foreground processes by itself. */
const FROM_TERMINAL: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

/** Passes the signals that this process gets on to another, and none ends this one, until it is called. */
export function passOn(send: (signal: NodeJS.Signals) => void): () => void {
  const listener = (signal: NodeJS.Signals): void => {
    if (FROM_TERMINAL.has(signal) && isForeground()) return;
    try {
      send(signal);
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
