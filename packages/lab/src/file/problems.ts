import { LabError } from '../errors.ts';

/** One thing that is wrong in a lab file. */
export interface LabFileProblem {
  /** Where, such as `['router', 0, 'upstream']`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** From 1; undefined where the file is no text, or the line cannot be told. */
  readonly line: number | undefined;
}

/** A lab file is not one, or describes what cannot be built. Nothing of it is left. */
export class LabFileError extends LabError {
  /** All that is wrong. */
  readonly problems: readonly LabFileProblem[];
  /** The file's name, if it has one. */
  readonly file: string | undefined;

  static {
    LabFileError.prototype.name = 'LabFileError';
  }

  constructor(problems: readonly LabFileProblem[], file?: string) {
    super('ERR_LAB_FILE', problems.map((problem) => written(problem, file)).join('\n'));
    this.problems = problems;
    this.file = file;
  }
}

function written({ path, message, line }: LabFileProblem, file: string | undefined): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  return [place, path.join('.'), message].filter((part) => part !== '').join(': ');
}

/** Collects what is wrong, so that all of it is told at once. */
export class Problems {
  readonly #found: LabFileProblem[] = [];
  readonly #lineOf: (path: LabFileProblem['path']) => number | undefined;

  constructor(lineOf: (path: LabFileProblem['path']) => number | undefined = () => undefined) {
    this.#lineOf = lineOf;
  }

  add(path: LabFileProblem['path'], message: string): void {
    this.#found.push({ path, message, line: this.#lineOf(path) });
  }

  /** @throws {LabFileError} where there are any, in the order of their lines */
  throwIfAny(file?: string): void {
    if (this.#found.length === 0) return;
    const ordered = this.#found.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
    throw new LabFileError(ordered, file);
  }
}
