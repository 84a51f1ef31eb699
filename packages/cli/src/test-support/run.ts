import { run } from '../program.ts';
import type { Interrupt, Terminal } from '../terminal.ts';
import type { FakeNetweir } from './fake-netweir.ts';

export interface FakeTerminal extends Terminal {
  readonly stdout: () => string;
  readonly stderr: () => string;
  interrupt(interrupt: Interrupt): void;
  /** How many wait for an interrupt. */
  listeners(): number;
}

/** A terminal that keeps what it is given, without colours. */
export function fakeTerminal(size?: { columns: number; rows: number }): FakeTerminal {
  const written = { out: '', err: '' };
  const listeners = new Set<(interrupt: Interrupt) => void>();
  return {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    size: () => size,
    colors: false,
    errorColors: false,
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stdout: () => written.out,
    stderr: () => written.err,
    interrupt: (interrupt) => {
      for (const listener of listeners) listener(interrupt);
    },
    listeners: () => listeners.size,
  };
}

/** Runs a command line against a fake and gives what it printed. */
export async function runWith(
  netweir: FakeNetweir,
  argv: readonly string[],
  via: 'daemon' | 'process' = 'daemon',
  terminal: FakeTerminal = fakeTerminal(),
  engineFailure?: AbortSignal,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const code = await run(argv, terminal, () =>
    Promise.resolve({
      netweir,
      via,
      ...(engineFailure && { engineFailure }),
      [Symbol.asyncDispose]: () => {
        netweir.close();
        return Promise.resolve();
      },
    }),
  );
  return { code, stdout: terminal.stdout(), stderr: terminal.stderr() };
}

/** Polls until a condition holds; fails after five seconds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`still not so after 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
