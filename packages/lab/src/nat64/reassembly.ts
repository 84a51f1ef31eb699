import { IPV4_HEADER_LENGTH } from './ipv4.ts';

/** One fragment of a datagram, of either version of IP. */
export interface Fragment {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly identification: number;
  /** Bytes. */
  readonly offset: number;
  readonly more: boolean;
  readonly payload: Uint8Array;
}

/** What has come of a datagram. */
interface Datagram {
  readonly since: number;
  /** Room for the payload, which grows with what has come of it. */
  bytes: Uint8Array;
  /** How far anything of it has come. */
  end: number;
  /** Which units of eight bytes have come. */
  readonly units: Uint8Array;
  /** How many bytes have come. */
  received: number;
  /** Of the whole payload, once the last fragment has come. */
  length: number | undefined;
  /** What is left of it is passed over, too (RFC 5722 section 4). */
  isGivenUp: boolean;
}

/** RFC 6146 section 3.4: FRAGMENT_MIN, in milliseconds. */
const PATIENCE_MS = 2000;
/** How many datagrams may be under way at once; the oldest gives way. */
const MAX_DATAGRAMS = 64;
/** Of what a packet of IPv4 without options holds: a longer one could not go on as one. */
const MAX_LENGTH = 0xffff - IPV4_HEADER_LENGTH;
/** Fragments begin at multiples of this. */
const UNIT = 8;

/** Puts datagrams together that come in fragments. */
export class Reassembly {
  readonly #now: () => number;
  readonly #datagrams = new Map<string, Datagram>();

  /** `now` gives milliseconds of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes a fragment, whose memory may be used for others afterwards; the whole payload once it is there. */
  add(fragment: Fragment): Uint8Array | undefined {
    const key = keyOf(fragment);
    const datagram = this.#datagram(key);
    if (datagram.isGivenUp || isRepeated(datagram, fragment)) return undefined;
    if (!fits(datagram, fragment)) {
      datagram.isGivenUp = true;
      datagram.bytes = new Uint8Array();
      return undefined;
    }
    take(datagram, fragment);
    if (datagram.received !== datagram.length) return undefined;
    this.#datagrams.delete(key);
    return datagram.bytes.subarray(0, datagram.length);
  }

  #datagram(key: string): Datagram {
    const now = this.#now();
    const known = this.#datagrams.get(key);
    if (known && known.since + PATIENCE_MS > now) return known;
    const datagram: Datagram = {
      since: now,
      bytes: new Uint8Array(),
      end: 0,
      units: new Uint8Array(Math.ceil(MAX_LENGTH / UNIT)),
      received: 0,
      length: undefined,
      isGivenUp: false,
    };
    this.#datagrams.delete(key);
    this.#datagrams.set(key, datagram);
    const [oldest] = this.#datagrams.keys();
    if (this.#datagrams.size > MAX_DATAGRAMS && oldest) this.#datagrams.delete(oldest);
    return datagram;
  }
}

/** Whether all of it has come before; it is not looked at whether it says the same. */
function isRepeated({ units, length }: Datagram, { offset, payload, more }: Fragment): boolean {
  const end = offset + payload.length;
  const first = offset / UNIT;
  const isThere = payload.length > 0 && !units.subarray(first, Math.ceil(end / UNIT)).includes(0);
  return isThere && end <= units.length * UNIT && (more || end === length);
}

/** Whether a fragment overlaps none that has come, and all of them are of one datagram that can be. */
function fits(
  { units, length, end: known }: Datagram,
  { offset, payload, more }: Fragment,
): boolean {
  const end = offset + payload.length;
  if (end > MAX_LENGTH || (length !== undefined && (!more || end > length))) return false;
  if (more && (payload.length === 0 || payload.length % UNIT !== 0)) return false;
  if (!more && known > end) return false;
  return !units.subarray(offset / UNIT, Math.ceil(end / UNIT)).includes(1);
}

function take(datagram: Datagram, { offset, payload, more }: Fragment): void {
  const end = offset + payload.length;
  if (end > datagram.bytes.length) {
    const { bytes } = datagram;
    datagram.bytes = new Uint8Array(Math.min(MAX_LENGTH, Math.max(end, 2 * bytes.length)));
    datagram.bytes.set(bytes);
  }
  datagram.bytes.set(payload, offset);
  datagram.end = Math.max(datagram.end, end);
  datagram.units.fill(1, offset / UNIT, Math.ceil(end / UNIT));
  datagram.received += payload.length;
  if (!more) datagram.length = end;
}

function keyOf({ source, destination, protocol, identification }: Fragment): string {
  const addresses = [...source, ...destination].map((byte) => String.fromCharCode(byte)).join('');
  return `${addresses}${protocol} ${identification}`;
}
