import { setTimeout } from 'node:timers/promises';
import type { RuntimeStatus } from '@netweir/api';
import { type ContainedNamespaces, containedNamespaces, keyOfProcess } from './contained.ts';
import type { ContainerSources, ContainerView, FollowContainers } from './source.ts';

/**
 * How long the first answers of all runtimes are waited for. What this process itself works meanwhile does
 * not count, which at its start, on a slow machine, takes longer than that.
 */
const FIRST_ANSWER_MS = 1000;
const POLL_MS = 2;
/** A runtime that hangs does not tell of the end of its containers, which must not be kept alive. */
const CHECK_MS = 2000;

/** Which namespaces containers are in, and how things stand with those who tell. */
export interface Tracked extends ContainedNamespaces {
  readonly runtimes: readonly RuntimeStatus[];
}

/** Follows containers, from what their runtimes say and from whether their processes are there. */
export class ContainerTracker {
  readonly #hostKey: string;
  readonly #changed: (now: Tracked) => void;
  readonly #sources: ContainerSources;
  readonly #timer: NodeJS.Timeout;
  #now: Tracked = { namespaces: new Map(), stopped: [], runtimes: [] };
  #pending: NodeJS.Immediate | undefined;

  /** `changed` is called with what is there by then, never before the constructor has returned. */
  constructor(follow: FollowContainers, hostKey: string, changed: (now: Tracked) => void) {
    this.#hostKey = hostKey;
    this.#changed = changed;
    this.#sources = follow(() => this.#schedule());
    this.#timer = setInterval(() => this.check(), CHECK_MS).unref();
  }

  /** Calls `changed` with what the runtimes have told after about a second of waiting. */
  async start(): Promise<void> {
    const isSilent = ({ status, pending }: ContainerView): boolean =>
      pending === true || status?.state === 'connecting';
    for (let waitedMs = 0; waitedMs < FIRST_ANSWER_MS; waitedMs += POLL_MS) {
      if (!this.#views().some(isSilent)) break;
      await setTimeout(POLL_MS);
    }
    this.#update();
  }

  /** Calls `changed` at once where a process is gone that led to a namespace. */
  check(): void {
    for (const [key, { pid }] of this.#now.namespaces) {
      if (keyOfProcess(pid) === key) continue;
      this.#update();
      return;
    }
  }

  async close(): Promise<void> {
    clearImmediate(this.#pending);
    clearInterval(this.#timer);
    await this.#sources.close();
  }

  #views(): ContainerView[] {
    return this.#sources.sources.map(({ view }) => view);
  }

  /** Sources that have something to tell at the same time are heard together. */
  #schedule(): void {
    this.#pending ??= setImmediate(() => {
      this.#pending = undefined;
      this.#update();
    });
  }

  #update(): void {
    const views = this.#views();
    const runtimes = views.flatMap(({ status }) => status ?? []);
    this.#now = { ...containedNamespaces(views, this.#hostKey, keyOfProcess), runtimes };
    this.#changed(this.#now);
  }
}
