import { constants } from 'node:os';

/** What asks the command to end: a signal, or SIGPIPE where nobody reads its output any more. */
export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE';

/** Where the command is read: everything that it needs of the process around it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Characters in a line and lines; undefined where the output is no terminal. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
  readonly colors: boolean;
  readonly errorColors: boolean;
  /** Calls the listener with each interrupt, which then no longer ends the process by itself. */
  onInterrupt(listener: (interrupt: Interrupt) => void): () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal of this process. Colours need a terminal and no NO_COLOR (https://no-color.org). */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const colorful = (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  const brokenPipe = new Set<() => void>();
  // A closed pipe is no fault: whoever waits for an interrupt learns of it, others just end.
  stdout.on('error', () => {
    for (const listener of brokenPipe) listener();
  });
  stderr.on('error', () => undefined);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    size: () => (stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined),
    colors: colorful && stdout.isTTY === true,
    errorColors: colorful && stderr.isTTY === true,
    onInterrupt: (listener) => {
      const onBrokenPipe = (): void => listener('SIGPIPE');
      brokenPipe.add(onBrokenPipe);
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        brokenPipe.delete(onBrokenPipe);
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
  };
}

/** The exit code of a command that ended because of a signal, as shells have it: 130 for SIGINT. */
export function interruptExitCode(interrupt: Interrupt): number {
  return 128 + constants.signals[interrupt];
}
