import type { ProbeSample } from '@netweir/api';
import {
  decodeEchoReply,
  KernelError,
  type NetworkNamespace,
  openEchoSocket,
  type SocketHandle,
  SocketReader,
} from '@netweir/kernel';
import { netweirErrorOf } from '../kernel-error.ts';

/** A reply later than this counts as lost, if nothing else is said. */
const TIMEOUT_MS = 3000;

export interface EchoProbeOptions {
  readonly namespace: NetworkNamespace;
  readonly address: string;
  readonly intervalMs: number;
  /** By which it leaves alone; the one that the routes say if absent. */
  readonly interface?: string | undefined;
  /** How long echoes are sent; until it is ended if absent. */
  readonly durationMs?: number;
  /** A reply later than this counts as lost; 3,000 if absent. */
  readonly timeoutMs?: number;
  readonly onSent?: () => void;
  readonly onSample: (sample: ProbeSample) => void;
}

interface Pending {
  readonly sentAtMs: number;
  readonly sentAtNs: bigint;
  readonly timer: NodeJS.Timeout;
}

let lastIdentifier = process.pid & 0xffff;

/**
 * Measures round trips from a namespace to an address by ICMP echo, until it is closed. The time of
 * arrival is the reading thread's, so that a busy event loop does not lengthen what is measured.
 */
class EchoProbe {
  readonly #reader: SocketReader;
  readonly #options: EchoProbeOptions;
  readonly #socket: ReturnType<typeof openEchoSocket>;
  readonly #handle: SocketHandle;
  readonly #family: 4 | 6;
  readonly #identifier: number;
  readonly #pending = new Map<number, Pending>();
  #timer: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  #sequence = 0;
  #stopped = false;

  /** @throws KernelError as openEchoSocket does */
  constructor(reader: SocketReader, options: EchoProbeOptions) {
    lastIdentifier = (lastIdentifier + 1) & 0xffff;
    this.#identifier = lastIdentifier;
    this.#reader = reader;
    this.#options = options;
    this.#family = options.address.includes(':') ? 6 : 4;
    this.#socket = openEchoSocket(options.namespace, options.address, options.interface);
    this.#handle = reader.add(this.#socket.fd, {
      message: (bytes, receivedAtNs) => this.#receive(bytes, receivedAtNs),
      overrun: () => {},
      closed: () => this.#stop(),
    });
    // An echo sent while the reading thread still starts would count that time as its own.
    void reader.ready.then(() => this.#begin());
  }

  close(): void {
    this.#stop();
    this.#reader.remove(this.#handle);
  }

  #begin(): void {
    if (this.#stopped) return;
    this.#timer = setInterval(() => this.#send(), this.#options.intervalMs);
    this.#timer.unref();
    const { durationMs } = this.#options;
    if (durationMs !== undefined)
      this.#end = setTimeout(() => clearInterval(this.#timer), durationMs);
    this.#send();
  }

  #send(): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const sequence = this.#sequence;
    const sentAtMs = Date.now();
    const timer = setTimeout(() => this.#giveUp(sequence), this.#options.timeoutMs ?? TIMEOUT_MS);
    timer.unref();
    this.#options.onSent?.();
    this.#pending.set(sequence, { sentAtMs, sentAtNs: process.hrtime.bigint(), timer });
    try {
      this.#socket.send({ identifier: this.#identifier, sequence });
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      // A link that is down or a full queue is what a probe is there to show: a lost round trip.
      this.#giveUp(sequence);
    }
  }

  #receive(bytes: Uint8Array, receivedAtNs: bigint): void {
    const echo = decodeEchoReply(this.#family, bytes);
    if (echo?.identifier !== this.#identifier) return;
    const pending = this.#take(echo.sequence);
    if (!pending) return;
    const rttMs = Number(receivedAtNs - pending.sentAtNs) / 1_000_000;
    this.#options.onSample({ sentAtMs: pending.sentAtMs, rttMs });
  }

  #giveUp(sequence: number): void {
    const pending = this.#take(sequence);
    if (pending) this.#options.onSample({ sentAtMs: pending.sentAtMs, rttMs: null });
  }

  #take(sequence: number): Pending | undefined {
    const pending = this.#pending.get(sequence);
    if (!pending) return undefined;
    clearTimeout(pending.timer);
    this.#pending.delete(sequence);
    return pending;
  }

  #stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#end);
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }
}

/** Starts measurements, all received by one thread, which is its own unless it is given one. */
export class EchoProber {
  readonly #probes = new Set<EchoProbe>();
  readonly #isOwn: boolean;
  #reader: SocketReader | undefined;

  constructor(reader?: SocketReader) {
    this.#reader = reader;
    this.#isOwn = reader === undefined;
  }

  /**
   * Measures from now on; the returned function ends it.
   *
   * @throws NetweirError `not-permitted` without CAP_NET_RAW, or what else the kernel refuses
   */
  start(options: EchoProbeOptions): () => void {
    try {
      this.#reader ??= new SocketReader();
      const probe = new EchoProbe(this.#reader, options);
      this.#probes.add(probe);
      return () => {
        this.#probes.delete(probe);
        probe.close();
      };
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }

  /** Ends every measurement; none sends on a descriptor that the thread is closing. */
  async close(): Promise<void> {
    for (const probe of this.#probes) probe.close();
    this.#probes.clear();
    if (this.#isOwn) await this.#reader?.close();
  }
}
