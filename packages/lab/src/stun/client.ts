import { randomBytes } from 'node:crypto';
import type { Socket as UdpSocket } from 'node:dgram';
import type { SocketAddress } from '../code/sockets.ts';
import { LabError } from '../errors.ts';
import { formatSocketAddress } from '../reflector/format.ts';
import { bindingRequest, type Change, mappedAddress } from './binding.ts';
import { BINDING_REQUEST, decodeStun, encodeStun } from './message.ts';

const TRANSACTION_ID_LENGTH = 12;
/** RFC 8489 section 6.2.1 begins with 500 ms, for the Internet. */
const FIRST_RETRY_MS = 100;

/** A Binding request that may be sent more than once, and its answer. */
export class Question {
  readonly id: string;
  /** What came in answer: how the socket is seen. */
  answer: SocketAddress | undefined;
  readonly send: () => void;
  readonly #close: () => void;
  #wake = (): void => {};

  constructor(id: string, send: () => void, close: () => void) {
    this.id = id;
    this.send = send;
    this.#close = close;
  }

  /** Waits until there is an answer, but no longer than this. */
  async within(limitMs: number): Promise<SocketAddress | undefined> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.answer) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer = setTimeout(resolve, limitMs);
      });
    }
    clearTimeout(timer);
    return this.answer;
  }

  /** There is an answer, or will be none. */
  settle(answer: SocketAddress | undefined): void {
    this.answer ??= answer;
    this.#wake();
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}

/** Asks STUN servers through one UDP socket, any number of things at a time. */
export class StunClient {
  readonly #socket: UdpSocket;
  readonly #questions = new Map<string, Question>();
  readonly #requests = new Set<string>();
  #closed = false;

  constructor(socket: UdpSocket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.#receive(datagram));
    socket.on('close', () => {
      this.#closed = true;
      for (const question of this.#questions.values()) question.settle(undefined);
    });
    // A firewall may refuse in words (ICMP): for a transaction that is no answer, as silence is.
    socket.on('error', () => {});
  }

  /** A question to a server, or to another client, who gets it as a request; not yet sent. */
  question(server: SocketAddress, change?: Change): Question {
    const transactionId = randomBytes(TRANSACTION_ID_LENGTH);
    const id = transactionId.toString('hex');
    const datagram = encodeStun(bindingRequest(transactionId, change));
    const question = new Question(
      id,
      () => this.#socket.send(datagram, server.port, server.address),
      () => this.#questions.delete(id),
    );
    this.#questions.set(id, question);
    return question;
  }

  /** Whether another client's question has come here. */
  hasReceived({ id }: Question): boolean {
    return this.#requests.has(id);
  }

  /**
   * How a server sees this socket. Asks again after 100 ms, then after twice that, and so on.
   * @throws {LabError} ERR_LAB_NO_ANSWER
   */
  async mapped(server: SocketAddress, timeoutMs: number): Promise<SocketAddress> {
    using question = this.question(server);
    const deadline = performance.now() + timeoutMs;
    for (let retryMs = FIRST_RETRY_MS; !this.#closed; retryMs *= 2) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) break;
      question.send();
      const answer = await question.within(Math.min(retryMs, leftMs));
      if (answer) return answer;
    }
    throw new LabError(
      'ERR_LAB_NO_ANSWER',
      `no answer by STUN from ${formatSocketAddress(server)} within ${timeoutMs} ms`,
      'see whether a reflector runs there, whether the links are up, and what firewalls let through',
    );
  }

  #receive(datagram: Uint8Array): void {
    const message = decodeStun(datagram);
    if (!message) return;
    const id = Buffer.from(message.transactionId).toString('hex');
    if (message.type === BINDING_REQUEST) this.#requests.add(id);
    const mapped = mappedAddress(message);
    if (mapped) this.#questions.get(id)?.settle(mapped);
  }
}
