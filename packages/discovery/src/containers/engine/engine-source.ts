import { statSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Container, RuntimeStatus } from '@netweir/api';
import type { SocketSource } from '../sockets/socket-follower.ts';
import type { ContainerView, ViewChanged } from '../source.ts';
import type { EngineEndpoint } from './endpoint.ts';
import type { EngineError } from './engine-error.ts';
import { Session, type SessionSink } from './session.ts';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5000;
/** What is read anyway is told together. */
const TOGETHER_MS = 20;

/**
 * The containers of one Docker or Podman. While it does not answer as it should, they stay as they
 * were, and it is tried again, at once where its socket changes, else less and less often.
 */
export class EngineSource implements SocketSource {
  readonly #endpoint: EngineEndpoint;
  readonly #changed: ViewChanged;
  readonly #containers = new Map<string, Container>();
  /** What is wrong with containers that cannot be read. */
  readonly #failures = new Map<string, string>();
  readonly #running: Promise<void>;
  /** Apart from single containers. */
  #status: RuntimeStatus;
  #view: ContainerView;
  #session: Session | undefined;
  #socket: string | undefined;
  #isOutdated = false;
  #publishing: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #endPause: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(endpoint: EngineEndpoint, changed: ViewChanged) {
    this.#endpoint = endpoint;
    this.#changed = changed;
    this.#status = {
      runtime: endpoint.runtime,
      endpoint: endpoint.url,
      state: 'connecting',
      detail: null,
      currentAt: null,
    };
    this.#view = { status: this.#status, containers: [] };
    this.#running = this.#run();
  }

  get view(): ContainerView {
    return this.#view;
  }

  retry(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#wake?.();
    // Who still listens on a socket that is not there any more is not who answers on the new one.
    if (this.#session && socketOf(this.#endpoint) !== this.#socket) void this.#session.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#publishing);
    this.#endPause?.();
    await this.#session?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      const startMs = performance.now();
      this.#socket = socketOf(this.#endpoint);
      this.#session = new Session(this.#endpoint, this.#sink());
      const error = await this.#session.run();
      this.#session = undefined;
      if (this.#isClosed) return;
      this.#failed(error);
      if (performance.now() - startMs > LAST_PAUSE_MS) this.#pauseMs = FIRST_PAUSE_MS;
      await this.#pause();
    }
  }

  /** However often it is told to try again, attempts are never closer than the first pause. */
  async #pause(): Promise<void> {
    await this.#wait(FIRST_PAUSE_MS);
    await this.#wait(this.#pauseMs - FIRST_PAUSE_MS, { isWakeable: true });
    this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS);
  }

  #wait(delayMs: number, { isWakeable = false } = {}): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, delayMs).unref();
      this.#endPause = end;
      if (isWakeable) this.#wake = end;
      if (this.#isClosed) end();
    });
  }

  #sink(): SessionSink {
    return {
      known: () => this.#containers.keys(),
      connected: (runtime) => {
        this.#status = { ...this.#status, runtime };
      },
      told: (id, container, urgent) => {
        if (this.#failures.delete(id)) this.#isOutdated = true;
        this.#store(id, container);
        this.#publishSoon(urgent);
      },
      failed: (id, error, urgent) => {
        this.#failures.set(id, error.message);
        this.#isOutdated = true;
        this.#publishSoon(urgent);
      },
      listed: () => this.#setStatus({ state: 'current', detail: null, currentAt: now() }),
    };
  }

  #store(id: string, container: Container | undefined): void {
    const before = this.#containers.get(id);
    if (isDeepStrictEqual(before, container)) return;
    if (container) this.#containers.set(id, container);
    else this.#containers.delete(id);
    this.#isOutdated = true;
  }

  #failed(error: EngineError): void {
    this.#failures.clear();
    const state = error.failure === 'refused' ? 'refused' : 'stale';
    const currentAt = this.#status.state === 'current' ? now() : this.#status.currentAt;
    this.#setStatus({ state, detail: error.message, currentAt });
  }

  #setStatus(status: Pick<RuntimeStatus, 'state' | 'detail' | 'currentAt'>): void {
    this.#status = { ...this.#status, ...status };
    this.#publish();
  }

  #publishSoon(urgent: boolean): void {
    if (urgent) this.#publish();
    else this.#publishing ??= setTimeout(() => this.#publish(), TOGETHER_MS).unref();
  }

  #publish(): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    const status = statusWith(this.#status, this.#failures);
    if (!this.#isOutdated && isDeepStrictEqual(status, this.#view.status)) return;
    this.#isOutdated = false;
    this.#view = { status, containers: [...this.#containers.values()] };
    this.#changed();
  }
}

/** What is told of a whole engine, where some containers cannot be read. */
function statusWith(status: RuntimeStatus, failures: ReadonlyMap<string, string>): RuntimeStatus {
  const [first] = failures.values();
  if (status.state !== 'current' || first === undefined) return status;
  const others = failures.size > 1 ? `; and ${failures.size - 1} more` : '';
  return { ...status, state: 'stale', detail: `${first}${others}` };
}

/** Which socket file it is, as its path does not tell. */
function socketOf({ address }: EngineEndpoint): string | undefined {
  if (!('path' in address)) return undefined;
  const stat = statSync(address.path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`;
}

function now(): string {
  return new Date().toISOString();
}
