import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NetweirError } from '@netweir/api';
import { THIS_PROCESS } from '../journal/tenure.ts';
import { FAREWELL } from './farewell.ts';

const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

/** It waits nearly all of its life: no threads and hardly any heap of its own. */
const THRIFT = ['--v8-pool-size=0', '--max-semi-space-size=1', '--no-warnings'];

export interface GuardianOptions {
  /** Where the journal is. */
  readonly stateDirectory: string;
  readonly onProblem: (error: NetweirError) => void;
}

/**
 * A process that outlives this one for a moment: when this one ends without a farewell, killed or crashed, it
 * puts back what would have ended with it.
 */
export class Guardian {
  readonly #options: GuardianOptions;
  #child: ChildProcess | undefined;
  #starting: NodeJS.Immediate | undefined;
  #ended = false;

  constructor(options: GuardianOptions) {
    this.#options = options;
  }

  /** Sees to it that one runs soon: whoever is to be answered is answered first. */
  watch(): void {
    if (this.#child || this.#starting || this.#ended) return;
    this.#starting = setImmediate(() => {
      this.#starting = undefined;
      this.#start();
    });
  }

  /** Lets it go: everything that it would put back is back, or shall stay. */
  farewell(): void {
    this.#ended = true;
    clearImmediate(this.#starting);
    this.#child?.stdin?.end(FAREWELL);
    this.#child = undefined;
  }

  #start(): void {
    const { stateDirectory, onProblem } = this.#options;
    // A session of its own, which no Ctrl+C of a terminal reaches; and no directory that it keeps in use.
    const program = [...THRIFT, PROGRAM, THIS_PROCESS, resolve(stateDirectory)];
    const child = spawn(process.execPath, program, {
      cwd: '/',
      detached: true,
      env: {},
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    this.#child = child;
    child.unref();
    const { stdin } = child;
    if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
    // It may have been killed; then there is nobody to take the farewell.
    stdin?.on('error', () => undefined);
    const lost = (why: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      onProblem(
        new NetweirError('internal', `the guardian process ended: ${why}`, {
          remedy: 'The next change starts another; after a crash `netweir restore` does its work.',
        }),
      );
    };
    child.once('error', ({ message }) => lost(message));
    child.once('exit', (code, signal) => lost(signal ?? `exit code ${code}`));
  }
}
