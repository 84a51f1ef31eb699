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

interface Datagram {
  readonly since: number;
  /** By offset. */
  readonly parts: Map<number, Uint8Array>;
  length: number | undefined;
}

/** RFC 6146 section 3.4: FRAGMENT_MIN, in milliseconds. */
const PATIENCE_MS = 2000;
/** How many datagrams may be under way at once; the oldest gives way. */
const MAX_DATAGRAMS = 64;
const MAX_LENGTH = 0xffff;

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
    const { offset, payload } = fragment;
    datagram.parts.set(offset, payload.slice());
    if (!fragment.more) datagram.length = offset + payload.length;
    const { length } = datagram;
    if (length === undefined || length > MAX_LENGTH) return undefined;
    const whole = joined(datagram.parts, length);
    if (whole) this.#datagrams.delete(key);
    return whole;
  }

  #datagram(key: string): Datagram {
    const now = this.#now();
    const known = this.#datagrams.get(key);
    if (known && known.since + PATIENCE_MS > now) return known;
    const datagram: Datagram = { since: now, parts: new Map(), length: undefined };
    this.#datagrams.delete(key);
    this.#datagrams.set(key, datagram);
    const [oldest] = this.#datagrams.keys();
    if (this.#datagrams.size > MAX_DATAGRAMS && oldest) this.#datagrams.delete(oldest);
    return datagram;
  }
}

/** The payload where its parts follow one another without gap or overlap (RFC 5722). */
function joined(parts: ReadonlyMap<number, Uint8Array>, length: number): Uint8Array | undefined {
  const whole = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const part = parts.get(at);
    if (!part || part.length === 0 || at + part.length > length) return undefined;
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function keyOf({ source, destination, protocol, identification }: Fragment): string {
  const addresses = [...source, ...destination].map((byte) => String.fromCharCode(byte)).join('');
  return `${addresses}${protocol} ${identification}`;
}
