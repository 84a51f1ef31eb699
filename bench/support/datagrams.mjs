/** Streams of numbered datagrams through one way of a wire, and what became of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

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
    await this.#receiver.call({ action: 'listen', addresses });
    await this.#sender.call({ action: 'connect', addresses });
  }

  /** Sends a stream and waits for it, `lastMs` beyond its end; tells what arrived, in this order. */
  async stream({ count, perSecond, bytes, lastMs = 0 }) {
    const errorsBefore = this.#bufferErrors();
    await this.#sender.call({ action: 'send', count, perSecond, bytes });
    await setTimeout(lastMs + GRACE_MS);
    const result = await this.#receiver.call({ action: 'report' });
    const missed = this.#bufferErrors() - errorsBefore;
    if (missed > 0) throw new Error(`the receiver was too slow for ${missed} datagrams`);
    return result;
  }

  close() {
    this.#sender.close();
    this.#receiver.close();
  }

  /** Datagrams that came and for which the receiver's socket had no room. */
  #bufferErrors() {
    return this.#receiver.bufferErrors();
  }
}
