import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { until } from '../witness.ts';
import type { Machine } from './machine.ts';

const START_DEADLINE_MS = 30_000;
const LOG_SHOWN = 4000;

/** A container daemon as a process of its own, with its output in a file. */
export class RuntimeDaemon {
  readonly #process: ChildProcess;
  readonly #exit: Promise<void>;
  readonly #log: string;
  readonly #command: string;

  constructor(machine: Machine, command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#command = command;
    this.#log = machine.path(`${command}.log`);
    const log = openSync(this.#log, 'a');
    // Should this process be killed, the daemon ends and takes its containers with it.
    this.#process = machine.spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#exit = new Promise((resolve) => this.#process.once('exit', () => resolve()));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves once `isReady` does so with true; fails with the end of the log. */
  async ready(isReady: () => Promise<boolean>): Promise<void> {
    try {
      await until('the daemon answers', START_DEADLINE_MS, () => {
        if (this.#ended) throw new Error('the daemon ended');
        return isReady();
      });
    } catch (cause) {
      await this.stop();
      const log = readFileSync(this.#log, 'utf8').slice(-LOG_SHOWN);
      throw new Error(`${this.#command} does not run; it said:\n${log}`, { cause });
    }
  }

  async stop(): Promise<void> {
    if (!this.#ended) this.#process.kill('SIGTERM');
    await this.#exit;
  }

  get #ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}

/** Whether a server on a Unix socket answers GET `path` with 200. */
export function answers(socketPath: string, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
