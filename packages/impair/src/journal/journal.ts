import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { NetweirError } from '@netweir/api';
import { withFileLock } from '@netweir/kernel';
import { applyLine, type Entry, type Line, lineOf, readEntries } from './entry.ts';

/** Each transaction reads the file, so that it must not grow with every change. */
const COMPACT_ABOVE_BYTES = 65_536;
/** For each open entry, whose line may be long. */
const COMPACT_ABOVE_LINES = 16;

/**
 * What a transaction may do: look at the open entries and write lines. Each is on disk when `write` returns,
 * but for those that only tell what is done already: that something is restored is by the end of the transaction,
 * and what was seen need not outlive the machine's fall, after which nothing of it is there.
 */
export interface Transaction {
  readonly entries: ReadonlyMap<number, Entry>;
  write(line: Line): void;
  nextId(): number;
}

/** Where the entries of what was touched are kept. */
export type EntryStore = Pick<Journal, 'entries' | 'transaction'>;

/**
 * The write-ahead journal of one state directory: a file of JSON lines that says which interfaces
 * are not as they were and what they were. Several processes may share it: a lock file orders them.
 */
export class Journal {
  readonly #path: string;
  readonly #lockPath: string;
  /** What the file held when it was used last: reading it takes longer than what is done with it. */
  #known: { readonly version: FileVersion; readonly content: Content } | undefined;
  /** The one that is under way. */
  #current: Transaction | undefined;

  /**
   * Opens or creates the journal and compacts it to its open entries.
   *
   * @throws NetweirError `journal-failed`, `not-permitted`
   */
  constructor(directory: string) {
    this.#path = join(directory, 'journal.ndjson');
    this.#lockPath = join(directory, 'journal.lock');
    guard(this.#path, () => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      withFileLock(this.#lockPath, () => this.#compact(readEntries(readIfThere(this.#path))));
    });
  }

  /** The open entries, read from disk. */
  entries(): Entry[] {
    return this.transaction(({ entries }) => [...entries.values()]);
  }

  /**
   * Runs `action` while no other process uses the journal. Synchronous: a lock is held for the few
   * milliseconds that a change takes. A transaction within another one is part of it.
   *
   * @throws NetweirError `journal-failed`, or what `action` throws
   */
  transaction<T>(action: (transaction: Transaction) => T): T {
    if (this.#current) return action(this.#current);
    let locked = false;
    try {
      return withFileLock(this.#lockPath, () => {
        locked = true;
        return this.#transact(action);
      });
    } catch (error) {
      throw locked ? error : journalFailed(this.#lockPath, error);
    }
  }

  #transact<T>(action: (transaction: Transaction) => T): T {
    const { content, fd } = guard(this.#path, () => this.#open());
    const { entries } = content;
    this.#known = undefined;
    let isSynced = true;
    try {
      this.#current = {
        entries,
        write: (line) => {
          const isAhead = line.type !== 'restored' && line.type !== 'seen';
          if (line.type !== 'seen') isSynced = isAhead;
          guard(this.#path, () => append(fd, `${JSON.stringify(line)}\n`, isAhead));
          content.lines += 1;
          applyLine(entries, line);
        },
        nextId: () => Math.max(0, ...entries.keys()) + 1,
      };
      const result = action(this.#current);
      if (!isSynced) guard(this.#path, () => fsyncSync(fd));
      return result;
    } finally {
      this.#current = undefined;
      this.#known = { version: versionOf(fd), content };
      closeSync(fd);
    }
  }

  #open(): { content: Content; fd: number } {
    const fd = openSync(this.#path, 'a+', 0o600);
    let content: Content;
    try {
      content = this.#contentOf(fd);
      if (!isWorthCompacting(content, fstatSync(fd).size)) return { content, fd };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
    const { entries } = content;
    this.#compact(entries);
    const compact = { entries, lines: entries.size, isWhole: true };
    return { content: compact, fd: openSync(this.#path, 'a', 0o600) };
  }

  #contentOf(fd: number): Content {
    if (this.#known && isDeepStrictEqual(versionOf(fd), this.#known.version)) {
      return this.#known.content;
    }
    const text = readFileSync(fd, 'utf8');
    const isWhole = text === '' || text.endsWith('\n');
    return { entries: readEntries(text), lines: text.split('\n').length - 1, isWhole };
  }

  #compact(entries: ReadonlyMap<number, Entry>): void {
    const text = [...entries.values()].map((entry) => `${JSON.stringify(lineOf(entry))}\n`);
    replaceFile(this.#path, text.join(''));
  }
}

/** What a journal's file holds. */
interface Content {
  readonly entries: Map<number, Entry>;
  lines: number;
  /** Whether the last line has its line feed. */
  readonly isWhole: boolean;
}

/** Tells a file from all that were there before: it grows with each line, or another takes its place. */
interface FileVersion {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

function versionOf(fd: number): FileVersion {
  const { ino, size, mtimeNs } = fstatSync(fd, { bigint: true });
  return { ino, size, mtimeNs };
}

/** After half a line nothing can be appended; a long file is not rewritten while most of it is in force. */
function isWorthCompacting({ entries, lines, isWhole }: Content, bytes: number): boolean {
  return !isWhole || (bytes > COMPACT_ABOVE_BYTES && lines >= COMPACT_ABOVE_LINES * entries.size);
}

/** Writes a whole line or, where the disk is full, none: the next line must not join half of this one. */
function append(fd: number, text: string, sync: boolean): void {
  const before = fstatSync(fd).size;
  try {
    writeAll(fd, text);
    if (sync) fsyncSync(fd);
  } catch (error) {
    ftruncateSync(fd, before);
    throw error;
  }
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written);
}

/** Writes beside the file, then renames over it and syncs the directory: old or new, never half. */
function replaceFile(path: string, text: string): void {
  const beside = `${path}.new`;
  const fd = openSync(beside, 'w', 0o600);
  try {
    writeAll(fd, text);
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
  } catch (error) {
    throw journalFailed(path, error);
  }
}

function journalFailed(path: string, cause: unknown): NetweirError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/\bE(?:ACCES|PERM)\b/u.test(reason)) {
    return new NetweirError(
      'not-permitted',
      `the journal ${path} is not ours to write: ${reason}`,
      {
        cause,
        remedy: 'Run netweir as root, or name another state directory with NETWEIR_STATE.',
      },
    );
  }
  return new NetweirError('journal-failed', `the journal ${path} failed: ${reason}`, {
    cause,
    remedy:
      'Make the state directory writable (NETWEIR_STATE names another), or move a damaged journal away.',
  });
}
