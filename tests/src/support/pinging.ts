import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestNamespace } from './witness.ts';

/** A reply, as ping saw it. */
export interface Reply {
  /** When it came, by the clock of Date.now. */
  readonly atMs: number;
  readonly sequence: number;
  readonly rttMs: number;
}

/** The newest replies that are kept. */
const KEPT = 1000;

/** A ping that runs until it is disposed of. */
export class Pinging implements Disposable {
  readonly replies: Reply[] = [];
  readonly #process: ChildProcess;

  constructor({ name }: TestNamespace, address: string, intervalMs: number) {
    const interval = `${intervalMs / 1000}`;
    this.#process = spawn(
      'ip',
      ['netns', 'exec', name, 'ping', '-D', '-n', '-i', interval, address],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    if (!this.#process.stdout) throw new Error('ping has no standard output');
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#take(line));
  }

  /** The last reply that came. */
  get last(): Reply | undefined {
    return this.replies.at(-1);
  }

  [Symbol.dispose](): void {
    this.#process.kill();
  }

  #take(line: string): void {
    const match = /^\[([\d.]+)\] .* icmp_seq=(\d+) .* time=([\d.]+) ms/u.exec(line);
    if (!match) return;
    const [, at, sequence, rtt] = match;
    this.replies.push({ atMs: Number(at) * 1000, sequence: Number(sequence), rttMs: Number(rtt) });
    if (this.replies.length > KEPT) this.replies.shift();
  }
}
