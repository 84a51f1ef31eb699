import { randomBytes } from 'node:crypto';
import type { Socket as UdpSocket } from 'node:dgram';
import type { SocketAddress } from '../code/sockets.ts';
import { LabError } from '../errors.ts';
import { formatSocketAddress } from '../reflector/format.ts';
import { bindingRequest, type Change, mappedAddress } from './binding.ts';
import { decodeStun, encodeStun } from './message.ts';

const TRANSACTION_ID_LENGTH = 12;
/** RFC 8489 section 6.2.1 begins with 500 ms, for the Internet. */
const FIRST_RETRY_MS = 100;

/** Asks STUN servers through one UDP socket, any number of things at a time. */
export class StunClient {
  readonly #socket: UdpSocket;
  /** By transaction id, in hexadecimal. */
  readonly #waiting = new Map<string, (mapped: SocketAddress) => void>();

  constructor(socket: UdpSocket) {
    this.#socket = socket;
    socket.on('message', (datagram) => {
      const message = decodeStun(datagram);
      const mapped = message && mappedAddress(message);
      if (mapped) this.#waiting.get(hex(message.transactionId))?.(mapped);
    });
    // A firewall may refuse in words (ICMP): for a transaction that is no answer, as silence is.
    socket.on('error', () => {});
  }

  get localPort(): number {
    return this.#socket.address().port;
  }

  /**
   * How a server sees this socket; undefined where it does not answer in time. Asks again after 100 ms, then
   * after twice that, and so on.
   */
  async ask(
    server: SocketAddress,
    { timeoutMs, change }: { readonly timeoutMs: number; readonly change?: Change },
  ): Promise<SocketAddress | undefined> {
    const transactionId = randomBytes(TRANSACTION_ID_LENGTH);
    const datagram = encodeStun(bindingRequest(transactionId, change));
    const timers: NodeJS.Timeout[] = [];
    let giveUp = (): void => {};
    const send = (afterMs: number): void => {
      this.#socket.send(datagram, server.port, server.address);
      timers.push(setTimeout(send, afterMs, 2 * afterMs));
    };
    try {
      return await new Promise((resolve) => {
        this.#waiting.set(hex(transactionId), resolve);
        giveUp = () => resolve(undefined);
        timers.push(setTimeout(giveUp, timeoutMs));
        this.#socket.once('close', giveUp);
        send(FIRST_RETRY_MS);
      });
    } finally {
      for (const timer of timers) clearTimeout(timer);
      this.#socket.off('close', giveUp);
      this.#waiting.delete(hex(transactionId));
    }
  }

  /** As `ask`, for what has to be answered. @throws {LabError} ERR_LAB_NO_ANSWER */
  async mapped(server: SocketAddress, timeoutMs: number): Promise<SocketAddress> {
    const mapped = await this.ask(server, { timeoutMs });
    if (mapped) return mapped;
    throw new LabError(
      'ERR_LAB_NO_ANSWER',
      `no answer by STUN from ${formatSocketAddress(server)} within ${timeoutMs} ms`,
      'see whether a reflector runs there, whether the links are up, and what firewalls let through',
    );
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
