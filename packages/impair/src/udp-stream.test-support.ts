import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import type { NetworkNamespace } from '@netweir/kernel';
import { until } from './wire.test-support.ts';

const PORT = 7001;
/** Longer than anything here delays a datagram. */
const IDLE_MS = 1000;

/**
 * When its input has ended and nothing has come for a while, tells in which order numbers came, and how many datagrams
 * found no room in its socket.
 */
const SINK = `
  const { readFileSync } = require('node:fs');
  const socket = require('node:dgram').createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
  const numbers = [];
  let timer;
  socket.on('message', (message) => {
    numbers.push(message.readUInt32BE(0));
    timer?.refresh();
  });
  process.stdin.resume().on('end', () => { timer = setTimeout(tell, ${IDLE_MS}); });
  function tell() {
    const udp = [...readFileSync('/proc/self/net/snmp', 'utf8').matchAll(/^Udp: (.*)$/gm)];
    const [names, values] = udp.map(([, line]) => line.split(' '));
    const unread = Number(values[names.indexOf('RcvbufErrors')]);
    process.stdout.write(JSON.stringify({ numbers, unread }), () => process.exit());
  }
  socket.bind(${PORT}, () => console.log('listening'));`;

/** Sends until its input ends, and then tells how many; it catches up where its timer is late. */
const SOURCE = `
  const [address, perSecond] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket('udp4');
  socket.connect(${PORT}, address, () => {
    const start = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = ((performance.now() - start) * perSecond) / 1000;
      for (; sent < due; sent++) {
        const message = Buffer.alloc(100);
        message.writeUInt32BE(sent, 0);
        socket.send(message);
      }
    }, 1);
    process.stdin.resume().on('end', () => {
      clearInterval(timer);
      socket.close();
      console.log(sent);
    });
  });`;

export interface UdpStreamOptions {
  readonly from: NetworkNamespace;
  readonly to: NetworkNamespace;
  /** At which the receiver is reached. */
  readonly address: string;
  readonly perSecond: number;
}

export interface UdpStreamResult {
  readonly sent: number;
  /** Those that did not come through, but for what the receiver itself was too slow for. */
  readonly lost: number;
  /** How many came behind one that was sent after them. */
  readonly overtaken: number;
  /** How many came again. */
  readonly repeated: number;
}

/** Numbered datagrams from a program in one namespace to one in another, evenly spaced. */
export class UdpStream {
  readonly #sink: Program;
  readonly #source: Program;

  static async start(t: TestContext, options: UdpStreamOptions): Promise<UdpStream> {
    const { from, to, address, perSecond } = options;
    const sink = new Program(t, to, [SINK]);
    await until(() => sink.said.includes('listening'));
    return new UdpStream(sink, new Program(t, from, [SOURCE, address, `${perSecond}`]));
  }

  private constructor(sink: Program, source: Program) {
    this.#sink = sink;
    this.#source = source;
  }

  /** Ends the stream, and waits until nothing more comes; what came. */
  async end(): Promise<UdpStreamResult> {
    const sent = Number(await this.#source.end());
    const [, result = ''] = (await this.#sink.end()).split('\n');
    const { numbers, unread } = JSON.parse(result) as { numbers: number[]; unread: number };
    const distinct = new Set(numbers).size;
    let latest = -1;
    let overtaken = 0;
    for (const number of numbers) {
      if (number < latest) overtaken += 1;
      latest = Math.max(latest, number);
    }
    const lost = sent - distinct - unread;
    return { sent, lost, overtaken, repeated: numbers.length - distinct };
  }
}

/** A script that runs in a namespace, and what it has said. */
class Program {
  said = '';
  readonly #process: ChildProcess;

  constructor(t: TestContext, namespace: NetworkNamespace, script: readonly string[]) {
    this.#process = namespace.spawn(process.execPath, ['-e', ...script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => this.#process.kill());
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
  }

  /** Closes its input, and waits for its end; all that it has said. */
  async end(): Promise<string> {
    const closed = once(this.#process, 'close');
    this.#process.stdin?.end();
    await closed;
    assert.equal(this.#process.exitCode, 0);
    return this.said;
  }
}
