import { SocketReader } from '@netweir/kernel';
import type { ContainerSource, ViewChanged } from '../source.ts';
import { listPids } from './proc-files.ts';
import { followProcesses } from './process-events.ts';
import { ProcessTable } from './process-table.ts';
import type { ProcessView } from './process-view.ts';

/** A container's start is a burst of processes; most of them have ended when it is over. */
const SETTLE_MS = 50;
/** While events tell, a scan is for what they do not tell: `unshare` and `setns` without a program's start. */
const SCAN_WITH_EVENTS_MS = 10_000;
const SCAN_ALONE_MS = 2000;
/** After work that nobody asked for, this many times its duration is left to others: 1 % of a processor. */
const REST_FACTOR = 100;
/** Nobody waits longer than for this many processes. */
const TURN_LENGTH = 128;

/** Containers and bare network namespaces as their processes show them, in no runtime's words. */
export class ProcessSource implements ContainerSource {
  readonly #table = new ProcessTable();
  readonly #changed: ViewChanged;
  readonly #reader = new SocketReader();
  readonly #unfollow: (() => void) | undefined;
  readonly #dirty = new Set<number>();
  #view: ProcessView = { ...this.#table.view(), pending: true };
  #hasEvents = false;
  #dirtyTimer: NodeJS.Timeout | undefined;
  #scanTimer: NodeJS.Timeout | undefined;
  #scanAtMs = Number.POSITIVE_INFINITY;
  #isScanning = false;
  #lastScan = { endMs: 0, usedMs: 0 };
  #dirtyRestUntilMs = 0;
  #closed = false;

  /** Starts to look at once, but returns before: the view is pending until the first look is over. */
  constructor(changed: ViewChanged) {
    this.#changed = changed;
    this.#unfollow = followProcesses(this.#reader, {
      event: (event) => this.#event(event),
      lost: (isOver) => this.#lost(isOver),
    });
    this.#scanAt(0);
  }

  get view(): ProcessView {
    return this.#view;
  }

  /** Whether the kernel's events are followed; without them the view is some seconds old. */
  get hasEvents(): boolean {
    return this.#hasEvents;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#dirtyTimer);
    clearTimeout(this.#scanTimer);
    this.#unfollow?.();
    await this.#reader.close();
  }

  #event({ kind, pid }: { kind: string; pid: number }): void {
    if (kind === 'listening') {
      this.#hasEvents = true;
      return;
    }
    if (kind === 'exit' && !this.#table.has(pid)) {
      this.#dirty.delete(pid);
      return;
    }
    this.#dirty.add(pid);
    if (this.#dirtyTimer || this.#closed) return;
    const waitMs = Math.max(SETTLE_MS, this.#dirtyRestUntilMs - performance.now());
    this.#dirtyTimer = setTimeout(() => this.#examineDirty(), waitMs).unref();
  }

  #lost(isOver: boolean): void {
    if (isOver) this.#hasEvents = false;
    if (!this.#closed) this.#scanAt(SETTLE_MS);
  }

  #examineDirty(): void {
    this.#dirtyTimer = undefined;
    const start = performance.now();
    for (const pid of this.#dirty) this.#table.examine(pid, true);
    this.#dirty.clear();
    if (!this.#view.pending) this.#publish();
    const end = performance.now();
    this.#dirtyRestUntilMs = end + (end - start) * REST_FACTOR;
  }

  /** Has a scan begin in `delayMs`, later where the last was long, unless one is to begin before. */
  #scanAt(delayMs: number): void {
    const now = performance.now();
    const { endMs, usedMs } = this.#lastScan;
    const atMs = Math.max(now + delayMs, endMs + usedMs * REST_FACTOR);
    if (this.#isScanning || this.#scanAtMs <= atMs) return;
    this.#scanAtMs = atMs;
    clearTimeout(this.#scanTimer);
    this.#scanTimer = setTimeout(() => void this.#scan(), atMs - now).unref();
  }

  async #scan(): Promise<void> {
    this.#isScanning = true;
    this.#scanAtMs = Number.POSITIVE_INFINITY;
    let usedMs = 0;
    // Those that are known and not listed may have begun since, or have ended.
    const pids = [...new Set([...listPids(), ...this.#table.pids()])];
    for (let at = 0; at < pids.length && !this.#closed; at += TURN_LENGTH) {
      usedMs += this.#examineTurn(pids.slice(at, at + TURN_LENGTH));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!this.#closed) {
      const start = performance.now();
      this.#table.readFrozen();
      this.#publish();
      const endMs = performance.now();
      this.#lastScan = { endMs, usedMs: usedMs + endMs - start };
    }
    this.#isScanning = false;
    if (!this.#closed) this.#scanAt(this.#hasEvents ? SCAN_WITH_EVENTS_MS : SCAN_ALONE_MS);
  }

  #examineTurn(pids: readonly number[]): number {
    const start = performance.now();
    for (const pid of pids) this.#table.examine(pid, false);
    return performance.now() - start;
  }

  #publish(): void {
    const view = this.#table.view();
    if (view === this.#view) return;
    this.#view = view;
    this.#changed();
  }
}
