import type { Expected } from './expected.ts';
import { PROBE_HEADER_LENGTH } from './probe-packet.ts';

/** How many bytes probes have, and how far apart they are. */
export interface ProbePlan {
  readonly payloadBytes: number;
  /** With UDP, IP and Ethernet headers. */
  readonly frameBytes: number;
  /** Whether they have no checksum, so that what was damaged arrives. */
  readonly showsDamage: boolean;
  readonly udpEveryMs: number;
  readonly echoEveryMs: number;
  readonly connectEveryMs: number;
  /** How long both ends may take to hear of each other. */
  readonly hearingMs: number;
  /** How long what is on its way at the end may take. */
  readonly patienceMs: number;
}

const PAYLOAD_BYTES = 64;
/** Where damage is to be seen it has to hit the payload and not the headers. */
const PAYLOAD_BYTES_TO_DAMAGE = 600;

const UDP_EVERY_MS = 2;
const ECHO_EVERY_MS = 50;
const CONNECT_EVERY_MS = 100;
/** Frames that a connection takes to stand and to be reset. */
const FRAMES_PER_CONNECTION = 4;

/** Each kind of probe may take this share of a rate that is set, so that they do not wait for each other. */
const SHARE_OF_RATE = 0.08;

const LEAST_PATIENCE_MS = 500;
const MOST_PATIENCE_MS = 10_000;

/** A neighbour is asked for three times, a second apart (net/ipv4/arp.c). */
const HEARING_MS = 4000;
/** Beyond this nobody will hear of anybody. */
const MOST_LOSS = 0.99;

export function headerBytes(address: string): number {
  return 14 + (address.includes(':') ? 40 : 20) + 8;
}

/** How to probe a way of which this is expected, each way. */
export function planOf(
  address: string,
  isDamaged: boolean,
  ways: readonly Pick<
    Expected,
    'delayMs' | 'delayAllowanceMs' | 'jitterMs' | 'loss' | 'narrowestBitPerSec'
  >[],
): ProbePlan {
  const payloadBytes = Math.max(
    PROBE_HEADER_LENGTH,
    isDamaged ? PAYLOAD_BYTES_TO_DAMAGE : PAYLOAD_BYTES,
  );
  const frameBytes = payloadBytes + headerBytes(address);
  const least = Math.min(...ways.map(({ narrowestBitPerSec }) => narrowestBitPerSec));
  const apart = (bytes: number): number => (bytes * 8 * 1000) / (least * SHARE_OF_RATE);
  const slowest = ways.reduce(
    (sum, { delayMs, delayAllowanceMs, jitterMs = 0 }) =>
      sum + delayMs + delayAllowanceMs + 5 * jitterMs,
    0,
  );
  const patienceMs = Math.min(MOST_PATIENCE_MS, LEAST_PATIENCE_MS + 2 * slowest);
  const isCut = ways.some(({ loss }) => loss > MOST_LOSS);
  return {
    payloadBytes,
    frameBytes,
    showsDamage: isDamaged,
    udpEveryMs: Math.max(UDP_EVERY_MS, apart(frameBytes)),
    echoEveryMs: Math.max(ECHO_EVERY_MS, apart(frameBytes)),
    connectEveryMs: Math.max(CONNECT_EVERY_MS, apart(frameBytes * FRAMES_PER_CONNECTION)),
    hearingMs: isCut ? patienceMs : Math.max(patienceMs, HEARING_MS),
    patienceMs,
  };
}
