import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { NetworkNamespace } from '@netweir/kernel';
import { until } from './wire.test-support.ts';

const PORT = 7001;

/**
 * When nothing has come for a while, tells in which order numbers came, and how many datagrams found no room in its
 * socket.
 */
const SINK = `
  const { readFileSync } = require('node:fs');
  const socket = require('node:dgram').createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
  const numbers = [];
  let timer;
  socket.on('message', (message) => {
    numbers.push(message.readUInt32BE(0));
    timer ??= setTimeout(tell, 1500);
    timer.refresh();
  });
  function tell() {
    const udp = [...readFileSync('/proc/self/net/snmp', 'utf8').matchAll(/^Udp: (.*)$/gm)];
    const [names, values] = udp.map(([, line]) => line.split(' '));
    const unread = Number(values[names.indexOf('RcvbufErrors')]);
    process.stdout.write(JSON.stringify({ numbers, unread }), () => process.exit());
  }
  socket.bind(${PORT}, () => console.log('listening'));`;

/** Catches up where its timer is late. */
const SOURCE = `
  const [address, perSecond, count] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket('udp4');
  socket.connect(${PORT}, address, () => {
    const start = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(Number(count), 1 + ((performance.now() - start) * perSecond) / 1000);
      for (; sent < Math.floor(due); sent++) {
        const message = Buffer.alloc(100);
        message.writeUInt32BE(sent, 0);
        socket.send(message);
      }
      if (sent < Number(count)) return;
      clearInterval(timer);
      socket.close();
    }, 1);
  });`;

export interface UdpStreamOptions {
  readonly from: NetworkNamespace;
  readonly to: NetworkNamespace;
  /** At which the receiver is reached. */
  readonly address: string;
  readonly perSecond: number;
  readonly count: number;
}

export interface UdpStreamResult {
  /** Those that did not come through, but for what the receiver itself was too slow for. */
  readonly lost: number;
  /** How many came behind one that was sent after them. */
  readonly overtaken: number;
  /** How many came again. */
  readonly repeated: number;
}

/** Numbered datagrams from a program in one namespace to one in another, evenly spaced. */
export class UdpStream {
  readonly #count: number;
  readonly #sink: ChildProcess;
  readonly #source: ChildProcess;
  #said = '';

  static async start(t: TestContext, options: UdpStreamOptions): Promise<UdpStream> {
    const { from, to, address, perSecond, count } = options;
    const sink = to.spawn(process.execPath, ['-e', SINK], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => sink.kill());
    let said = '';
    sink.stdout?.once('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until(() => said.includes('listening'));
    const args = ['-e', SOURCE, address, `${perSecond}`, `${count}`];
    const source = from.spawn(process.execPath, args, { stdio: 'inherit' });
    t.after(() => source.kill());
    return new UdpStream(sink, source, count);
  }

  private constructor(sink: ChildProcess, source: ChildProcess, count: number) {
    this.#count = count;
    this.#sink = sink;
    this.#source = source;
    sink.stdout?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  /** Whether datagrams are still being sent. */
  get isRunning(): boolean {
    return this.#source.exitCode === null;
  }

  /** Waits until all is sent and nothing more comes; what came. */
  async end(): Promise<UdpStreamResult> {
    if (this.isRunning) await once(this.#source, 'exit');
    assert.equal(this.#source.exitCode, 0);
    if (this.#sink.exitCode === null) await once(this.#sink, 'close');
    const { numbers, unread } = JSON.parse(this.#said) as { numbers: number[]; unread: number };
    const distinct = new Set(numbers).size;
    let latest = -1;
    let overtaken = 0;
    for (const number of numbers) {
      if (number < latest) overtaken += 1;
      latest = Math.max(latest, number);
    }
    const lost = this.#count - distinct - unread;
    return { lost, overtaken, repeated: numbers.length - distinct };
  }
}
