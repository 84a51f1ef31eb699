import { NetweirError } from '../errors/netweir-error.ts';

/** A kind of value that tc reads from one word. */
export interface TcValue<T> {
  /** With its article: `a time`. */
  readonly name: string;
  readonly remedy: string;
  /** Undefined for a word that is none. */
  readonly parse: (word: string) => T | undefined;
}

/** The words of one tc command, read from the front. */
export class TcWords {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#words.length;
  }

  /** The word that `next` will give. */
  peek(): string | undefined {
    return this.#words[this.#at];
  }

  /** @throws NetweirError `invalid-request` where no word is left; `expected` is what should be there */
  next(expected: string): string {
    const word = this.#words[this.#at];
    if (word === undefined) throw this.#incomplete(expected);
    this.#at++;
    return word;
  }

  /** @throws NetweirError `invalid-quantity`, `invalid-request` */
  read<T>({ name, remedy, parse }: TcValue<T>): T {
    const word = this.next(name);
    const value = parse(word);
    if (value !== undefined) return value;
    const before = this.#words[this.#at - 2];
    const place = before === undefined ? '' : ` behind "${before}"`;
    throw new NetweirError('invalid-quantity', `tc: "${clip(word)}"${place} is not ${name}`, {
      remedy,
    });
  }

  /** Reads the next word if it begins as a number does, which is how tc tells an optional value. */
  readIfNumber<T>(value: TcValue<T>, start: RegExp = /^\d/u): T | undefined {
    const word = this.peek();
    return word !== undefined && start.test(word) ? this.read(value) : undefined;
  }

  #incomplete(expected: string): NetweirError {
    const last = this.#words.at(-1);
    const message =
      last === undefined
        ? `tc: ${expected} is missing`
        : `tc: "${clip(last)}" is the last word, where ${expected} is expected behind it`;
    return new NetweirError('invalid-request', message, { remedy: `Add ${expected}.` });
  }
}

/** The error for a word that nothing can begin with at its place. */
export function unexpected(word: string, remedy: string): NetweirError {
  return new NetweirError('invalid-request', `tc: "${clip(word)}" is not expected here`, {
    remedy,
  });
}

/** Whether tc takes `word` for `keyword`: it accepts every beginning of most of its words. */
export function abbreviates(word: string, keyword: string): boolean {
  return word !== '' && keyword.startsWith(word);
}

/** The error for words of which each is right, but not all of them together. */
export function contradiction(message: string, remedy: string): NetweirError {
  return new NetweirError('invalid-combination', `tc: ${message}`, { remedy });
}

function clip(word: string): string {
  return word.length > 40 ? `${word.slice(0, 37)}...` : word;
}
