const NEWLINE = 0x0a;

/** Puts lines together from the pieces of a stream; none may be longer than so many bytes. */
export class Lines {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that this piece ends, without empty ones; undefined where one is too long. */
  push(piece: Buffer): string[] | undefined {
    const lines: string[] = [];
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      if (!this.#keep(piece.subarray(start, end))) return undefined;
      const line = Buffer.concat(this.#pieces).toString().trim();
      if (line !== '') lines.push(line);
      this.#pieces = [];
      this.#length = 0;
      start = end + 1;
    }
    return this.#keep(piece.subarray(start)) ? lines : undefined;
  }

  #keep(piece: Buffer): boolean {
    this.#length += piece.length;
    if (this.#length > this.#maxBytes) return false;
    this.#pieces.push(piece);
    return true;
  }
}
