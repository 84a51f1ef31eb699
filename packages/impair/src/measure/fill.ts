import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { NetworkNamespace, SocketReader } from '@netweir/kernel';
import { type FarEnd, type NearEnd, openPair } from './ends.ts';
import type { Direction } from './expectation.ts';
import type { Expected } from './expected.ts';
import { headerBytes } from './probe-plan.ts';
import { connectFrom, listenIn } from './tcp-probe.ts';
import { fillTcp, floodUdp, type RateResult } from './throughput.ts';

/** What came out of both directions when they were filled, one after the other. */
export interface Filled {
  /** Undefined where UDP was not let through. */
  readonly udp: RateResult;
  /** Null where no connection came to be. */
  readonly tcpBitPerSec: number | null;
}

export interface FillOptions {
  readonly reader: SocketReader;
  readonly from: NearEnd;
  readonly to: FarEnd & { readonly namespace: NetworkNamespace };
  readonly expected: Readonly<Record<Direction, Expected>>;
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Fits the smallest MTU that IPv6 allows. */
const MOST_PAYLOAD_BYTES = 1200;
const LEAST_PAYLOAD_BYTES = 64;
/** So many packets a second at least, that their rate can be told. */
const PACKETS_PER_SECOND = 100;
/** More than is set is offered, so that the way is full. */
const EXCESS = 1.3;
/** Without a rate: as much as this process can. */
const PLENTY_BIT_PER_SEC = 10e9;
const BUFFER_BYTES = 8 * 1024 * 1024;
const MOST_PATIENCE_MS = 5000;

/** Fills one direction with UDP packets and then with a TCP stream. @throws {KernelError} */
export async function fillWay(direction: Direction, options: FillOptions): Promise<Filled> {
  return {
    udp: await fillByUdp(direction, options),
    tcpBitPerSec: await fillByTcp(direction, options),
  };
}

/** The frames with which a direction is filled. */
export function fillFrameBytes(address: string, rateBitPerSec: number): number {
  const bytes = Math.floor(rateBitPerSec / 8 / PACKETS_PER_SECOND) - headerBytes(address);
  const payload = Math.max(LEAST_PAYLOAD_BYTES, Math.min(MOST_PAYLOAD_BYTES, bytes));
  return payload + headerBytes(address);
}

async function fillByUdp(
  direction: Direction,
  { reader, from, to, expected, patienceMs, signal }: FillOptions,
): Promise<RateResult> {
  const { narrowestBitPerSec } = expected[direction];
  const frameBytes = fillFrameBytes(to.address, narrowestBitPerSec);
  const pair = await openPair(from, to, {
    timeoutMs: patienceMs,
    bufferBytes: BUFFER_BYTES,
    signal,
  });
  const [sender, receiver] =
    direction === 'forward' ? [pair.near, pair.far] : [pair.far, pair.near];
  try {
    return await floodUdp(reader, sender, receiver, {
      frameBytes,
      payloadBytes: frameBytes - headerBytes(to.address),
      bitPerSec: Math.min(narrowestBitPerSec * EXCESS, PLENTY_BIT_PER_SEC),
      patienceMs: Math.min(MOST_PATIENCE_MS, patienceMs + 1000),
      signal,
    });
  } finally {
    // The reader closes the other one.
    sender.close();
  }
}

async function fillByTcp(
  direction: Direction,
  { from, to, patienceMs, signal }: FillOptions,
): Promise<number | null> {
  const accepted: Socket[] = [];
  const listening = await listenIn(to.namespace, to.address, (one) => accepted.push(one));
  const { server, port } = listening;
  const near = connectFrom(from, to.address, port);
  near.on('error', () => near.destroy());
  try {
    const timeout = AbortSignal.timeout(Math.ceil(patienceMs + 1000));
    const connected = await Promise.all([
      once(near, 'connect', { signal: timeout }),
      accepted.length > 0 ? undefined : once(server, 'connection', { signal: timeout }),
    ]).catch(() => undefined);
    const [far] = accepted;
    if (!connected || !far) return null;
    const [writes, reads] = direction === 'forward' ? [near, far] : [far, near];
    return await fillTcp(writes, reads, signal);
  } finally {
    near.resetAndDestroy();
    listening.close();
  }
}
