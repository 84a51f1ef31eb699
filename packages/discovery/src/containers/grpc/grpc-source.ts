import { accessSync, constants } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Container, ContainerRuntime, RuntimeStatus } from '@netweir/api';
import type { SocketSource } from '../sockets/socket-follower.ts';
import type { ContainerView, ViewChanged } from '../source.ts';
import { GrpcChannel, GrpcError, type Stream, type StreamHandler } from './channel.ts';
import type { Descriptors } from './descriptors.ts';

/** google.rpc.Code */
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;
/** Events that belong together come together. */
const SETTLE_MS = 20;
/** After a reading, this many times its duration is left to others, the server first of all. */
const REST_FACTOR = 5;
const LONGEST_REST_MS = 2000;
/** An event may come before what it tells of can be read: CRI's state follows that of containerd's tasks. */
const CONFIRM_MS = 1000;
/** How long no event may be trusted to mean that nothing happened. */
const VERIFY_MS = 60_000;

/** What is particular to one API. */
export interface Dialect {
  readonly descriptors: Descriptors;
  /** Whose socket it is taken for, before it has answered. */
  readonly runtime: ContainerRuntime;
  /** How often all is read where nothing tells of events. */
  readonly pollMs: number;
  /** Reads everything. @throws {GrpcError} */
  read(channel: GrpcChannel): Promise<Reading>;
  /** Begins to follow events, where the server has any of this kind; those that it lacks end the stream. */
  follow(channel: GrpcChannel, reading: Reading, handler: StreamHandler): Stream | undefined;
}

export interface Reading {
  readonly runtime: ContainerRuntime;
  readonly containers: readonly Container[];
}

/** Follows one socket through all that may happen to it, by reading everything again when events hint at it. */
export class GrpcSource implements SocketSource {
  readonly #path: string;
  readonly #dialect: Dialect;
  readonly #changed: ViewChanged;
  #view: ContainerView;
  #channel: GrpcChannel | undefined;
  #stream: Stream | undefined;
  /** The server told that it has no events for us. */
  #hasNoEvents = false;
  #wake: (() => void) | undefined;
  #isHinted = false;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;
  readonly #running: Promise<void>;

  constructor(socketPath: string, dialect: Dialect, changed: ViewChanged) {
    this.#path = socketPath;
    this.#dialect = dialect;
    this.#changed = changed;
    this.#view = { status: this.#status('connecting', null, null), containers: [] };
    this.#running = this.#run();
  }

  get view(): ContainerView {
    return this.#view;
  }

  retry(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#hint();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#disconnect();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#turn();
        this.#retryMs = FIRST_RETRY_MS;
      } catch (error) {
        this.#disconnect();
        if (this.#closed) return;
        const failure = error instanceof Error ? error : new Error(String(error));
        this.#fail(failure);
        // What a server does not serve, it will not serve before it is another.
        await this.#sleep(isUnserved(failure) ? VERIFY_MS : this.#retryMs);
        this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  /** Reads everything, and waits for the next reason to do so. */
  async #turn(): Promise<void> {
    const wasHinted = this.#isHinted;
    this.#isHinted = false;
    this.#channel ??= await this.#connect();
    this.#stream?.resume();
    const start = performance.now();
    const reading = await this.#dialect.read(this.#channel);
    if (this.#closed) return;
    this.#publish(reading);
    this.#follow(reading);
    const restMs = (performance.now() - start) * REST_FACTOR;
    await this.#sleep(Math.min(Math.max(restMs, SETTLE_MS), LONGEST_REST_MS), 'deaf');
    const idleMs = wasHinted ? CONFIRM_MS : VERIFY_MS;
    if (!this.#isHinted) await this.#sleep(this.#stream ? idleMs : this.#dialect.pollMs);
    if (this.#isHinted) await this.#sleep(SETTLE_MS, 'deaf');
  }

  async #connect(): Promise<GrpcChannel> {
    // Says more than the library does, and costs less.
    accessSync(this.#path, constants.R_OK | constants.W_OK);
    this.#hasNoEvents = false;
    return await GrpcChannel.open(this.#path, this.#dialect.descriptors);
  }

  /** Follows once it is known that the server answers; what happened since the reading has it read again. */
  #follow(reading: Reading): void {
    if (this.#stream || this.#hasNoEvents || !this.#channel) return;
    this.#stream = this.#dialect.follow(this.#channel, reading, {
      message: () => {
        // One event is reason enough; a flood of them stays where it comes from.
        this.#stream?.pause();
        this.#hint();
      },
      ended: (error) => {
        this.#stream = undefined;
        this.#hasNoEvents = isUnserved(error);
        this.#hint();
      },
    });
    this.#isHinted = this.#stream !== undefined;
  }

  #hint(): void {
    this.#isHinted = true;
    this.#wake?.();
  }

  /** Ends early by a hint, unless `deaf`, and by `close`. */
  #sleep(ms: number, hearing?: 'deaf'): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(), ms).unref();
      const finish = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = () => {
        if (hearing !== 'deaf' || this.#closed) finish();
      };
    });
  }

  #publish({ runtime, containers }: Reading): void {
    const status = this.#status('current', null, new Date().toISOString(), runtime);
    const old = this.#view;
    const isSame =
      old.status?.state === 'current' &&
      old.status.runtime === runtime &&
      isDeepStrictEqual(old.containers, containers);
    this.#view = { status, containers: isSame ? old.containers : containers };
    if (!isSame) this.#changed();
  }

  /** What was known stays, but for a server that turned out not to be one of this kind. */
  #fail(error: Error): void {
    const { status: old, containers } = this.#view;
    const status = isUnserved(error)
      ? null
      : this.#status(
          isRefusal(error) ? 'refused' : 'stale',
          error.message,
          old?.currentAt ?? null,
          old?.runtime,
        );
    this.#view = { status, containers: status ? containers : [] };
    if (!isDeepStrictEqual(old, status)) this.#changed();
  }

  #status(
    state: RuntimeStatus['state'],
    detail: string | null,
    currentAt: string | null,
    runtime: ContainerRuntime = this.#dialect.runtime,
  ): RuntimeStatus {
    return { runtime, endpoint: this.#path, state, detail, currentAt };
  }

  #disconnect(): void {
    this.#stream?.cancel();
    this.#stream = undefined;
    this.#channel?.close();
    this.#channel = undefined;
  }
}

function isUnserved(error: Error): boolean {
  return error instanceof GrpcError && error.code === UNIMPLEMENTED;
}

function isRefusal(error: Error): boolean {
  if (error instanceof GrpcError) {
    return error.code === PERMISSION_DENIED || error.code === UNAUTHENTICATED;
  }
  return 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}
