import { createWriteStream, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import {
  bindPacketReceiver,
  type Link,
  openPacketReceiver,
  packetLosses,
  readPacketRecord,
  type SocketHandle,
  type SocketReader,
  stopPacketReceiver,
} from '@netweir/kernel';
import type { Member } from '../node/member.ts';
import { borrowReader, returnReader } from './packet-reader.ts';
import {
  interfaceDescription,
  interfaceStatistics,
  type LinkType,
  sectionHeader,
} from './pcapng.ts';
import { PcapngFile } from './pcapng-file.ts';

/** Where captured packets go, and how much of them. */
export type CaptureOptions = ({ readonly path: string } | { readonly stream: Writable }) & {
  /** Bytes of each packet; 262,144 by default, which is every packet whole. */
  readonly snapLength?: number;
  /** The file is complete, and capturing at its end, before it would have more bytes than this. */
  readonly limitBytes?: number;
};

/** What a capture has done so far. */
export interface CaptureCounters {
  /** In the file. */
  readonly packets: number;
  /** Of the file. */
  readonly bytes: number;
  /** Packets that came faster than they could be taken. */
  readonly dropped: number;
  readonly limitReached: boolean;
}

/** As tcpdump: more than any packet has. */
const SNAP_LENGTH = 262_144;
/** Of the socket's queue. */
const QUEUE_BYTES = 64 << 20;
/** linux/if_arp.h */
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const LINKTYPE_ETHERNET: LinkType = 1;
const LINKTYPE_RAW: LinkType = 101;

/** Packets of one interface, both ways, on their way to a pcapng file. Ends with its node at the latest. */
export class Capture {
  readonly #file: PcapngFile;
  readonly #fd: number;
  readonly #reader: SocketReader;
  readonly #handle: SocketHandle;
  readonly #forget: () => void;
  readonly #startNs = nowNs();
  readonly #ended: Promise<void>;
  #open = true;
  #packets = 0;
  #dropped = 0;
  #limitReached = false;
  #onClosed: (error: Error | undefined) => void = () => {};

  /** Captures are made by nodes. @throws {KernelError} */
  constructor(node: Member, link: Link, options: CaptureOptions) {
    const { snapLength = SNAP_LENGTH, limitBytes = Number.POSITIVE_INFINITY } = options;
    const stream = streamOf(options);
    try {
      this.#fd = openPacketReceiver(node.stack.namespace, link.ifindex, QUEUE_BYTES);
    } catch (error) {
      stream.destroy();
      throw error;
    }
    const isEthernet = link.type === ARPHRD_ETHER || link.type === ARPHRD_LOOPBACK;
    const description = interfaceDescription({
      name: link.name,
      description: `${node.name} ${link.name}`,
      linkType: isEthernet ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
      snapLength,
    });
    const start = Buffer.concat([sectionHeader(), description]);
    this.#file = new PcapngFile(stream, start, limitBytes);
    this.#ended = this.#end();
    this.#ended.catch(() => {});
    this.#reader = borrowReader();
    this.#handle = this.#reader.addPackets(this.#fd, snapLength, {
      message: (bytes) => this.#take(bytes, link.loopback),
      overrun: (lost) => {
        this.#dropped += lost;
      },
      closed: (error) => this.#onClosed(error),
    });
    const forgetNode = node.activities.add(() => this.#stopForNode());
    const forgetInterface = node.onReplaced(link.name, (ifindex) => this.#follow(ifindex));
    this.#forget = () => {
      forgetNode();
      forgetInterface();
    };
    this.#file.finished.catch(() => this.#stop());
  }

  get counters(): CaptureCounters {
    this.#countLosses();
    return {
      packets: this.#packets,
      bytes: this.#file.length,
      dropped: this.#dropped,
      limitReached: this.#limitReached,
    };
  }

  /**
   * Ends the capture with everything that has passed until now, and waits for the file. A second call, and
   * one after the node's end, only waits.
   * @throws what writing failed with, such as ENOSPC
   */
  async close(): Promise<void> {
    this.#stop();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Node and lab end in whatever way the file does; `close` says how that was. */
  async #stopForNode(): Promise<void> {
    this.#stop();
    await this.#ended.catch(() => {});
  }

  #follow(ifindex: number): void {
    if (this.#open) bindPacketReceiver(this.#fd, ifindex);
  }

  #take(bytes: Uint8Array, isLoopback: boolean): void {
    if (this.#limitReached) return;
    const packet = readPacketRecord(bytes);
    // A loopback interface shows each packet twice: as it goes out, and as it comes in.
    if (isLoopback && packet.type === 'outgoing') return;
    const fate = this.#file.packet(packet);
    if (fate === 'written') this.#packets++;
    else if (fate === 'dropped') this.#dropped++;
    else {
      this.#limitReached = true;
      this.#stop();
    }
  }

  #stop(): void {
    if (!this.#open) return;
    stopPacketReceiver(this.#fd);
    this.#countLosses();
    // From now on the descriptor is the reader's to close.
    this.#open = false;
    this.#reader.finish(this.#handle);
  }

  #countLosses(): void {
    if (this.#open) this.#dropped += packetLosses(this.#fd);
  }

  async #end(): Promise<void> {
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#onClosed = (reason) => {
        this.#open = false;
        resolve(reason);
      };
    });
    this.#forget();
    await returnReader();
    const { packets, dropped } = this.counters;
    const statistics = { startNs: this.#startNs, endNs: nowNs(), delivered: packets, dropped };
    await this.#file.end(interfaceStatistics({ ...statistics, received: packets + dropped }));
    if (error) throw error;
  }
}

function streamOf(options: CaptureOptions): Writable {
  if ('stream' in options) return options.stream;
  // Opened at once, so that a path that leads nowhere is an error at once.
  return createWriteStream('', { fd: openSync(options.path, 'w') });
}

function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n;
}
