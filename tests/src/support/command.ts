import type { Site } from './daemon.ts';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the command that may be interrupted. */
export interface Running {
  readonly finished: Promise<Finished>;
  readonly pid: number | undefined;
  /** What it has printed so far. */
  stdout(): string;
  signal(name: NodeJS.Signals): void;
}

export function start(site: Site, ...args: string[]): Running {
  const child = site.spawn(args);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return {
    finished: new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    }),
    pid: child.pid,
    stdout: () => stdout,
    signal: (name) => child.kill(name),
  };
}

/** Runs `netweir` with these arguments to its end. */
export function netweir(site: Site, ...args: string[]): Promise<Finished> {
  return start(site, ...args).finished;
}
