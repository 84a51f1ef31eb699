/** Even streams of datagrams by bench/c/udp-stream.c, whose times of arrival are the kernel's. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PORT = 4001;

/** The program, compiled into a folder of its own. Needs a C compiler. */
export class UdpStream {
  #folder = mkdtempSync(join(tmpdir(), 'netweir-udp-stream-'));
  #program = join(this.#folder, 'udp-stream');

  constructor() {
    const source = join(import.meta.dirname, '..', 'c', 'udp-stream.c');
    execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', this.#program, source]);
  }

  /** The command line of a sender of `bytes` of data each. */
  sender(address, { perSecond, count, bytes }) {
    return [this.#program, 'send', address, PORT, perSecond, count, bytes].join(' ');
  }

  /**
   * Sends from one shell to the address of the other: how many are lost and arrive per second, and the median and 99th
   * percentile of the delays in ms, those of the first `skipped` not counted.
   */
  async measure({ count, ...options }) {
    const [figures] = await this.#receive('receive', { count, ...options });
    const [received, seconds, median, p99] = figures.split(' ').map(Number);
    return {
      lost: count - received,
      perSecond: received / seconds,
      p50: median / 1e6,
      p99: p99 / 1e6,
    };
  }

  /** As `measure`, but all of the delays in ms, as they arrived. */
  async samplesMs(options) {
    const lines = await this.#receive('samples', options);
    return lines.map((ns) => Number(ns) / 1e6);
  }

  async #receive(command, { from, to, address, idleMs = 500, skipped = 0, ...stream }) {
    to.start([this.#program, command, address, PORT, idleMs, skipped].join(' '));
    await to.until('ready');
    await from.run(this.sender(address, stream));
    const [, ...lines] = (await to.end()).trimEnd().split('\n');
    return lines;
  }

  close() {
    rmSync(this.#folder, { recursive: true });
  }
}
