/**
 * A shell inside a namespace that runs one program after the other. It is small, so that starting one costs nothing to
 * the process that is measured: one that forks finds its own memory write-protected afterwards.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const END = /^exit (\d+)\n$/m;

export class Shell {
  #process;
  #output = '';

  constructor(namespace) {
    this.#process = namespace.run(() => spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] }));
    this.#process.stdout.on('data', (chunk) => {
      this.#output += chunk;
    });
  }

  /** Starts a command line; `until` or `end` waits for it. */
  start(line) {
    this.#output = '';
    this.#process.stdin.write(`${line}\necho exit $?\n`);
  }

  /** Waits until the program has said something. */
  async until(text) {
    while (!this.#output.includes(text)) {
      if (END.test(this.#output)) throw new Error(`ended with ${this.#output}`);
      await once(this.#process.stdout, 'data');
    }
  }

  /** Waits for the program's end; its output. */
  async end() {
    while (!END.test(this.#output)) await once(this.#process.stdout, 'data');
    const [line, code] = END.exec(this.#output);
    if (code !== '0') throw new Error(`exit code ${code}: ${this.#output}`);
    return this.#output.slice(0, -line.length);
  }

  async run(line) {
    this.start(line);
    return await this.end();
  }

  async close() {
    const exit = once(this.#process, 'exit');
    this.#process.stdin.end();
    await exit;
  }
}
