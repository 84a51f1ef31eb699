import { type DatagramSocket, KernelError, monotonicNs, type SocketReader } from '@netweir/kernel';
import { decodeProbe, encodeProbe, HELLO, type ReceivedProbe } from './probe-packet.ts';
import type { StreamRecord } from './stream.ts';

/** One end of a UDP exchange: what it sends, and what comes from the other end. */
export class UdpEnd {
  readonly #socket: DatagramSocket;
  readonly #reader: SocketReader;
  readonly #sendsAs: number;
  readonly #length: number;
  readonly #sentAtNs: number[] = [];
  readonly #arrivals: (ReceivedProbe & { readonly atNs: number })[] = [];
  readonly #seen = new Set<number>();
  #handle: number | undefined;
  #closed = false;

  /** Takes over the socket, once it is connected. It sends packets of `length` bytes as the stream `sendsAs`. */
  constructor(
    reader: SocketReader,
    socket: DatagramSocket,
    { sendsAs, receives, length }: { sendsAs: number; receives: number; length: number },
  ) {
    this.#socket = socket;
    this.#reader = reader;
    this.#sendsAs = sendsAs;
    this.#length = length;
    this.#handle = reader.add(socket.fd, {
      message: (bytes, receivedAtNs) => {
        const probe = decodeProbe(receives, bytes, length);
        if (!probe || probe.sequence === HELLO) return;
        this.#arrivals.push({ ...probe, atNs: Number(receivedAtNs) });
        this.#seen.add(probe.sequence);
      },
      overrun: () => {},
      closed: () => {
        this.#closed = true;
        this.#handle = undefined;
      },
    });
  }

  /** Sends the next packet. What the kernel refuses is as good as lost; what its queue has no room for was not sent. */
  send(): void {
    if (this.#closed) return;
    const packet = encodeProbe(this.#sendsAs, this.#sentAtNs.length, this.#length);
    const now = monotonicNs();
    try {
      if (!this.#socket.send(packet)) return;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
    }
    this.#sentAtNs.push(now);
  }

  get sent(): number {
    return this.#sentAtNs.length;
  }

  /** How many different packets have come. */
  get received(): number {
    return this.#seen.size;
  }

  /** What this end has sent, as the other has received it. */
  recordTo(other: UdpEnd): StreamRecord {
    return { sentAtNs: this.#sentAtNs, arrivals: other.#arrivals };
  }

  close(): void {
    if (this.#handle !== undefined) this.#reader.remove(this.#handle);
  }
}
