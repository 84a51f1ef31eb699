import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NetweirError } from '@netweir/api';
import { openLifeline } from '@netweir/kernel';
import { THIS_PROCESS } from '../journal/tenure.ts';
import { netweirErrorOf } from '../kernel-error.ts';
import { FAREWELL } from './farewell.ts';

const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

/** It waits nearly all of its life: no threads and hardly any heap of its own. */
const THRIFT = ['--v8-pool-size=0', '--max-semi-space-size=1', '--no-warnings'];

export interface GuardianOptions {
  /** Where the journal is. */
  readonly stateDirectory: string;
  readonly onProblem: (error: NetweirError) => void;
}

interface Running {
  readonly child: ChildProcess;
  readonly writeFd: number;
}

/**
 * A process that outlives this one for a moment: when this one ends without a farewell, killed or crashed, it
 * puts back what would have ended with it.
 */
export class Guardian {
  readonly #options: GuardianOptions;
  #running: Running | undefined;
  #starting: NodeJS.Immediate | undefined;
  #ended = false;

  constructor(options: GuardianOptions) {
    this.#options = options;
  }

  /** Sees to it that one runs soon: whoever is to be answered is answered first. */
  watch(): void {
    if (this.#running || this.#starting || this.#ended) return;
    this.#starting = setImmediate(() => {
      this.#starting = undefined;
      this.#start();
    });
  }

  /** Lets it go: everything that it would put back is back, or shall stay. */
  farewell(): void {
    this.#ended = true;
    clearImmediate(this.#starting);
    const { writeFd } = this.#running ?? {};
    this.#running = undefined;
    if (writeFd !== undefined) bid(writeFd);
  }

  #start(): void {
    try {
      this.#running = this.#spawn();
    } catch (error) {
      this.#options.onProblem(netweirErrorOf(error));
    }
  }

  #spawn(): Running {
    const { stateDirectory } = this.#options;
    const { readFd, writeFd } = openLifeline();
    // A session of its own, which no Ctrl+C of a terminal reaches; and no directory that it keeps in use.
    const program = [...THRIFT, PROGRAM, THIS_PROCESS, resolve(stateDirectory)];
    const child = spawn(process.execPath, program, {
      cwd: '/',
      detached: true,
      env: {},
      stdio: [readFd, 'ignore', 'inherit'],
    });
    closeSync(readFd);
    child.unref();
    child.once('error', ({ message }) => this.#lost(child, message));
    child.once('exit', (code, signal) => this.#lost(child, signal ?? `exit code ${code}`));
    return { child, writeFd };
  }

  #lost(child: ChildProcess, why: string): void {
    if (this.#running?.child !== child) return;
    closeSync(this.#running.writeFd);
    this.#running = undefined;
    this.#options.onProblem(
      new NetweirError('internal', `the guardian process ended: ${why}`, {
        remedy: 'The next change starts another; after a crash `netweir restore` does its work.',
      }),
    );
  }
}

/** Sends the farewell; nobody is there to take it where the guardian was killed. */
function bid(writeFd: number): void {
  try {
    writeSync(writeFd, FAREWELL);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  } finally {
    closeSync(writeFd);
  }
}
