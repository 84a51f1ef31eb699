const SEEDS = [0x811c_9dc5, 0x1b87_3593] as const;
const FACTORS = [0x9e37_79b1, 0x85eb_ca77] as const;

/**
 * A short text that tells whether a set of things is still the same, in whatever order they come. For each: `begin`,
 * then what it is of, then `end`. Two sets have the same text by chance once in 2^64; it is no defence against
 * somebody who wants them to.
 */
export class Digest {
  #low: number = SEEDS[0];
  #high: number = SEEDS[1];
  #sumLow = 0;
  #sumHigh = 0;
  /** How many things it is of. */
  count = 0;

  begin(): void {
    this.#low = SEEDS[0];
    this.#high = SEEDS[1];
  }

  /** 32 bits. */
  number(value: number): void {
    this.#low = lowWith(this.#low, value);
    this.#high = highWith(this.#high, value);
  }

  /** The bytes between two places of `view`. */
  bytes(view: DataView, start: number, end: number): void {
    // Most of the work is here, and variables are quicker than members.
    let low = lowWith(this.#low, end - start);
    let high = highWith(this.#high, end - start);
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getUint32(at, true);
      low = lowWith(low, word);
      high = highWith(high, word);
    }
    for (; at < end; at += 1) {
      low = lowWith(low, view.getUint8(at));
      high = highWith(high, view.getUint8(at));
    }
    this.#low = low;
    this.#high = high;
  }

  text(value: string): void {
    for (let at = 0; at < value.length; at++) this.number(value.charCodeAt(at));
  }

  end(): void {
    this.#sumLow = (this.#sumLow + mixed(this.#low ^ this.#high)) >>> 0;
    this.#sumHigh = (this.#sumHigh + mixed(this.#high)) >>> 0;
    this.count += 1;
  }

  get result(): string {
    const hex = [this.#sumLow, this.#sumHigh].map((half) => half.toString(16).padStart(8, '0'));
    return `${this.count}:${hex.join('')}`;
  }
}

function lowWith(low: number, value: number): number {
  const product = Math.imul(low ^ value, FACTORS[0]);
  return (product << 13) | (product >>> 19);
}

function highWith(high: number, value: number): number {
  const product = Math.imul(high ^ value, FACTORS[1]);
  return (product << 17) | (product >>> 15);
}

/** Each bit of the result depends on all bits of the value. */
function mixed(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}
