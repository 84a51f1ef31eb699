import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { NetweirError } from '@netweir/api';
import { withFileLock } from '@netweir/kernel';
import { applyLine, type Entry, type Line, readEntries, touchedLine } from './entry.ts';

/** Each transaction reads the file, so that it must not grow with every change. */
const COMPACT_ABOVE_BYTES = 65_536;

/** What a transaction may do: look at the open entries and write lines, each on disk when it returns. */
export interface Transaction {
  readonly entries: ReadonlyMap<number, Entry>;
  write(line: Line): void;
  nextId(): number;
}

/**
 * The write-ahead journal of one state directory: a file of JSON lines that says which interfaces
 * are not as they were and what they were. Several processes may share it: a lock file orders them.
 */
export class Journal {
  readonly #path: string;
  readonly #lockPath: string;

  /**
   * Opens or creates the journal and compacts it to its open entries.
   *
   * @throws NetweirError `journal-failed`
   */
  constructor(directory: string) {
    this.#path = join(directory, 'journal.ndjson');
    this.#lockPath = join(directory, 'journal.lock');
    guard(this.#path, () => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      withFileLock(this.#lockPath, () => this.#compact());
    });
  }

  /** The open entries, read from disk. */
  entries(): Entry[] {
    return this.transaction(({ entries }) => [...entries.values()]);
  }

  /**
   * Runs `action` while no other process uses the journal. Synchronous: a lock is held for the few
   * milliseconds that a change takes.
   *
   * @throws NetweirError `journal-failed`, or what `action` throws
   */
  transaction<T>(action: (transaction: Transaction) => T): T {
    return withFileLock(this.#lockPath, () => {
      const { entries, fd } = guard(this.#path, () => this.#open());
      try {
        return action({
          entries,
          write: (line) => {
            guard(this.#path, () => append(fd, `${JSON.stringify(line)}\n`));
            applyLine(entries, line);
          },
          nextId: () => Math.max(0, ...entries.keys()) + 1,
        });
      } finally {
        closeSync(fd);
      }
    });
  }

  #open(): { entries: Map<number, Entry>; fd: number } {
    let text = readFileSync(this.#path, 'utf8');
    const halfLine = text !== '' && !text.endsWith('\n');
    if (halfLine || text.length > COMPACT_ABOVE_BYTES) {
      this.#compact();
      text = readFileSync(this.#path, 'utf8');
    }
    return { entries: readEntries(text), fd: openSync(this.#path, 'a', 0o600) };
  }

  #compact(): void {
    const entries = readEntries(readIfThere(this.#path));
    const text = [...entries.values()].map((entry) => `${JSON.stringify(touchedLine(entry))}\n`);
    replaceFile(this.#path, text.join(''));
  }
}

function append(fd: number, text: string): void {
  const before = fstatSync(fd).size;
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
  fsyncSync(fd);
  if (fstatSync(fd).size !== before + bytes.length) {
    throw new Error('another process wrote at the same time');
  }
}

/** Writes beside the file, then renames over it and syncs the directory: old or new, never half. */
function replaceFile(path: string, text: string): void {
  const beside = `${path}.new`;
  const fd = openSync(beside, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(beside, path);
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NetweirError('journal-failed', `the journal ${path} failed: ${reason}`, {
      cause,
      remedy:
        'Nothing was changed. Make the state directory writable (NETWEIR_STATE names another), or move a damaged journal away.',
    });
  }
}
