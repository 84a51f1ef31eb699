import type { Socket } from 'node:net';
import { type DatagramSocket, KernelError, type SocketReader } from '@netweir/kernel';
import { quantile } from './statistics.ts';

/** What came out of a way that was filled. */
export interface RateResult {
  /** Of all that came but the first part, with Ethernet, IP and UDP headers. */
  readonly bitPerSec: number;
  /** The same of parts of equal size, one after the other. */
  readonly blockBitPerSec: readonly number[];
  readonly offeredBitPerSec: number;
}

export interface FloodOptions {
  readonly payloadBytes: number;
  /** With all headers. */
  readonly frameBytes: number;
  readonly bitPerSec: number;
  /** How long what waits at the end may still take to come. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How long a way is filled. */
const DURATION_MS = 1000;
const TICK_MS = 1;
/** The event loop belongs to others, too: sending takes this share of it at most. */
const BUSY_SHARE = 0.6;
/** Nothing comes any more where nothing came for so long. */
const SILENCE_MS = 100;
const BLOCKS = 20;
/** What a token bucket or an empty queue lets through at once at the beginning. */
const BEGINNING = 0.2;

/** Fills a way with UDP packets and tells what comes out of it. Takes over the receiving socket. */
export async function floodUdp(
  reader: SocketReader,
  sender: DatagramSocket,
  receiver: DatagramSocket,
  options: FloodOptions,
): Promise<RateResult> {
  const { payloadBytes, frameBytes } = options;
  const arrivals: number[] = [];
  const ended = new AbortController();
  const handle = reader.add(receiver.fd, {
    message: (bytes, atNs) => {
      if (bytes.length === payloadBytes) arrivals.push(Number(atNs));
    },
    overrun: () => {},
    closed: () => ended.abort(),
  });
  try {
    const offered = await send(sender, options);
    await untilSilent(() => arrivals.length, options);
    return { ...ratesOf(arrivals, frameBytes * 8), offeredBitPerSec: offered };
  } finally {
    reader.remove(handle);
  }
}

async function send(
  sender: DatagramSocket,
  { payloadBytes, frameBytes, bitPerSec, signal }: FloodOptions,
): Promise<number> {
  const payload = new Uint8Array(payloadBytes).fill(0x57);
  const perMs = bitPerSec / (frameBytes * 8) / 1000;
  const start = performance.now();
  let sent = 0;
  for (let now = start; now < start + DURATION_MS; now = performance.now()) {
    signal?.throwIfAborted();
    const due = (now - start + TICK_MS) * perMs;
    while (sent < due && performance.now() < now + TICK_MS * BUSY_SHARE * 2) {
      if (!sendOne(sender, payload)) break;
      sent++;
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return (sent * frameBytes * 8 * 1000) / (performance.now() - start);
}

/** Whether there was room for it. */
function sendOne(sender: DatagramSocket, payload: Uint8Array): boolean {
  try {
    return sender.send(payload);
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

async function untilSilent(
  received: () => number,
  { patienceMs, signal }: FloodOptions,
): Promise<void> {
  const end = performance.now() + patienceMs;
  let before = -1;
  let silent = 0;
  while (performance.now() < end && silent < Math.min(patienceMs, SILENCE_MS)) {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 4));
    silent = received() === before ? silent + SILENCE_MS / 4 : 0;
    before = received();
  }
}

/**
 * The rate of what came, in all and by parts, without its beginning. In all it is the median of the slopes
 * between the ends of all parts (Theil and Sen), so that a reader who was late now and then changes nothing.
 */
export function ratesOf(
  arrivalsNs: readonly number[],
  frameBits: number,
): Pick<RateResult, 'bitPerSec' | 'blockBitPerSec'> {
  const counted = arrivalsNs.slice(Math.floor(arrivalsNs.length * BEGINNING));
  const size = Math.floor((counted.length - 1) / BLOCKS);
  const ends: number[] = [];
  for (let block = 0; size > 0 && block <= BLOCKS; block++) ends.push(counted[block * size] ?? 0);
  const slopes: number[] = [];
  const blockBitPerSec: number[] = [];
  ends.forEach((from, first) => {
    for (const [more, to] of ends.slice(first + 1).entries()) {
      if (to <= from) continue;
      const bitPerSec = ((more + 1) * size * frameBits * 1e9) / (to - from);
      slopes.push(bitPerSec);
      if (more === 0) blockBitPerSec.push(bitPerSec);
    }
  });
  const sorted = slopes.toSorted((a, b) => a - b);
  return { bitPerSec: sorted.length === 0 ? 0 : quantile(sorted, 0.5), blockBitPerSec };
}

const CHUNK = new Uint8Array(65_536);

/**
 * Writes to one end of a TCP connection for a second; the bits a second that the other end read, without the
 * time in which the connection found out how much it may send.
 */
export async function fillTcp(
  from: Socket,
  to: Socket,
  signal: AbortSignal | undefined,
): Promise<number> {
  let received = 0;
  to.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  let isOpen = true;
  const write = (): void => {
    while (isOpen && from.writable && from.write(CHUNK));
  };
  from.on('drain', write);
  write();
  await pause(DURATION_MS * BEGINNING * 2, signal);
  const [before, begun] = [received, performance.now()];
  await pause(DURATION_MS * (1 - BEGINNING), signal);
  const bits = (received - before) * 8;
  const seconds = (performance.now() - begun) / 1000;
  isOpen = false;
  return bits / seconds;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal?.throwIfAborted();
}
