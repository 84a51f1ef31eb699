import { hostNamespaceInode } from '../../enter/rootless.ts';
import { containerOfCgroup } from './container-of-cgroup.ts';
import { freezerFile, isFrozen } from './frozen.ts';
import {
  namespaceInode,
  ownNamespace,
  readCgroup,
  readCommandLine,
  readStat,
} from './proc-files.ts';
import {
  firstOfContainers,
  type NamespacedProcess,
  type ProcessView,
  viewOf,
} from './process-view.ts';

const COMMAND_LENGTH = 200;
/** A process may get its control group and its program a while after its namespace. */
const SETTLED_MS = 5000;

interface Entry extends NamespacedProcess {
  readonly seenMs: number;
  readonly readMs: number;
}

/** The processes that are in other network namespaces than ours and the host's. Holds nothing open. */
export class ProcessTable {
  readonly #own = ownNamespace();
  readonly #host = hostNamespaceInode();
  readonly #entries = new Map<number, Entry>();
  #frozen: ReadonlySet<string> = new Set();
  #changed = true;
  #view: ProcessView = viewOf([], this.#own.dev, this.#frozen);

  has(pid: number): boolean {
    return this.#entries.has(pid);
  }

  pids(): number[] {
    return [...this.#entries.keys()];
  }

  /** Looks at one process; what was read of it before is read again only where `reread` is set, or it was young. */
  examine(pid: number, reread: boolean): void {
    const ino = namespaceInode(pid);
    if (ino === undefined || ino === this.#own.ino || ino === this.#host) {
      this.forget(pid);
      return;
    }
    const stat = readStat(pid);
    if (!stat) {
      this.forget(pid);
      return;
    }
    const known = this.#entries.get(pid);
    const isSame = known?.startTime === stat.startTime && known.ino === ino;
    if (isSame && !reread && known.readMs - known.seenMs >= SETTLED_MS) return;
    const now = performance.now();
    const seenMs = isSame ? known.seenMs : now;
    const entry = { ...read(pid, ino, stat), seenMs, readMs: now };
    if (!known || !sameProcess(known, entry)) this.#changed = true;
    this.#entries.set(pid, entry);
  }

  forget(pid: number): void {
    if (this.#entries.delete(pid)) this.#changed = true;
  }

  /** Reads which containers are paused, of which nothing tells. */
  readFrozen(): void {
    const frozen = new Set<string>();
    for (const [key, first] of firstOfContainers(this.#entries.values())) {
      if (isFrozen(first.freezerFile)) frozen.add(key);
    }
    if (frozen.size !== this.#frozen.size || [...frozen].some((key) => !this.#frozen.has(key))) {
      this.#changed = true;
    }
    this.#frozen = frozen;
  }

  view(): ProcessView {
    if (this.#changed) {
      this.#view = viewOf([...this.#entries.values()], this.#own.dev, this.#frozen);
      this.#changed = false;
    }
    return this.#view;
  }
}

function read(
  pid: number,
  ino: number,
  { startTime, name }: { startTime: number; name: string },
): NamespacedProcess {
  const cgroup = readCgroup(pid);
  const container = containerOfCgroup(cgroup);
  return {
    pid,
    startTime,
    ino,
    command: printable(readCommandLine(pid)) || `[${printable(name)}]`,
    container,
    freezerFile: container && freezerFile(cgroup),
  };
}

/** Arguments end in NUL. */
function printable(text: string): string {
  const line = text.replace(/\0+$/u, '').replaceAll('\0', ' ');
  return line.replace(/\p{C}/gu, '\ufffd').slice(0, COMMAND_LENGTH);
}

function sameProcess(a: NamespacedProcess, b: NamespacedProcess): boolean {
  return (
    a.startTime === b.startTime &&
    a.ino === b.ino &&
    a.command === b.command &&
    a.container?.id === b.container?.id &&
    a.container?.runtime === b.container?.runtime
  );
}
