/** Streams of numbered datagrams through one way of a wire, and what became of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { FAMILIES } from './wire.mjs';

const CHILD = new URL('./datagrams-child.mjs', import.meta.url);
/** After the last arrival that is to be expected, for slow receivers. */
const GRACE_MS = 250;

export class Datagrams {
  #sender;
  #receiver;
  #to;

  constructor(wire, way) {
    const { from, to } = wire.ends(way);
    this.#sender = new Child(from.namespace);
    this.#receiver = new Child(to.namespace);
    this.#to = to;
  }

  async open() {
    const addresses = this.#to.address;
    await this.#receiver.call({ action: 'listen', addresses, families: FAMILIES });
    await this.#sender.call({ action: 'connect', addresses, families: FAMILIES });
  }

  /**
   * Sends a stream and waits until `lastMs` after its end; tells what arrived, in this order, and how many datagrams
   * came for which the receiver's socket had no room.
   */
  async stream({ count, perSecond, bytes, lastMs = 0 }) {
    const unreadBefore = this.#receiver.unread;
    await this.#sender.call({ action: 'send', count, perSecond, bytes });
    await setTimeout(lastMs + GRACE_MS);
    const result = await this.#receiver.call({ action: 'report' });
    return { ...result, unread: this.#receiver.unread - unreadBefore };
  }

  async close() {
    await Promise.all([this.#sender.close(), this.#receiver.close()]);
  }
}

class Child {
  #process;

  constructor(namespace) {
    this.#process = namespace.run(() => fork(CHILD, { serialization: 'advanced' }));
  }

  /** Has the process do something, one thing at a time. */
  async call(command) {
    this.#process.send(command);
    const [answer] = await once(this.#process, 'message');
    return answer;
  }

  /** Datagrams that were dropped for want of room in a socket's buffer, ever since (RcvbufErrors). */
  get unread() {
    const read = (file) => readFileSync(`/proc/${this.#process.pid}/net/${file}`, 'utf8');
    const [names, values] = [...read('snmp').matchAll(/^Udp: (.*)$/gm)].map(([, line]) =>
      line.split(' '),
    );
    if (FAMILIES.length === 1) return Number(values[names.indexOf('RcvbufErrors')]);
    const v6 = /^Udp6RcvbufErrors\s+(\d+)/m.exec(read('snmp6'))?.[1] ?? 0;
    return Number(values[names.indexOf('RcvbufErrors')]) + Number(v6);
  }

  async close() {
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    await exit;
  }
}
