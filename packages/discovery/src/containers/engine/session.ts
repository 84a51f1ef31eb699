import type { Container } from '@netweir/api';
import { connect } from './connect.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { ContainerId, type Engine, EngineEvent } from './engine.ts';
import { EngineError } from './engine-error.ts';
import { HttpClient } from './http-client.ts';
import { Inspections } from './inspections.ts';

/** An engine that hangs tells nothing of it: that is found by asking. */
const HEARTBEAT_MS = 15_000;
/** Events of the time in which they began to be listened to are told again. */
const OVERLAP_SECONDS = 1;

/** Who is told what an engine says. */
export interface SessionSink {
  /** The ids of containers that have been told before. */
  known(): Iterable<string>;
  connected(runtime: Engine['runtime']): void;
  /** `undefined`: there is none. `urgent`: it has just become so. */
  told(id: string, container: Container | undefined, urgent: boolean): void;
  /** It cannot be read now; what was told before stays. */
  failed(id: string, error: EngineError, urgent: boolean): void;
  /** Everything has been told, and what comes from now on is news. */
  listed(): void;
}

/** One connection to an engine, until it ends. */
export class Session {
  readonly #client: HttpClient;
  readonly #endpoint: EngineEndpoint;
  readonly #sink: SessionSink;
  readonly #unread = new Set<string>();
  #isClosed = false;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(endpoint: EngineEndpoint, sink: SessionSink) {
    this.#endpoint = endpoint;
    this.#sink = sink;
    this.#client = new HttpClient(endpoint.address);
  }

  /** Tells the sink about all containers and then about every change, until that ends: by this. */
  async run(): Promise<EngineError> {
    try {
      const engine = await connect(this.#client, this.#endpoint);
      this.#sink.connected(engine.runtime);
      const inspections = new Inspections((id, urgent) => this.#inspect(engine, id, urgent));
      let isHeard = true;
      const following = this.#follow(engine, inspections).catch((error: unknown) => {
        isHeard = false;
        throw error;
      });
      const beating = this.#beat(inspections);
      // Even without events the list is worth something: it is not given up where they fail.
      await Promise.race([this.#list(engine, inspections), beating, following.catch(hang)]);
      if (isHeard) this.#sink.listed();
      return await Promise.race([following, beating]);
    } catch (error) {
      return EngineError.from(error, 'follow');
    } finally {
      await this.close();
    }
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#heartbeat);
    await this.#client.close();
  }

  /** Is asked for the events before the list, so that nothing is missed between them. */
  #follow(engine: Engine, inspections: Inspections): Promise<never> {
    const path = engine.eventsPath(Math.floor(Date.now() / 1000) - OVERLAP_SECONDS);
    return this.#client.follow(path, EngineEvent, (event) => {
      const id = ContainerId.safeParse(engine.concerns(event)).data;
      if (id !== undefined) inspections.add(id, { urgent: true });
    });
  }

  async #list(engine: Engine, inspections: Inspections): Promise<void> {
    const ids = new Set([...(await engine.list()), ...this.#sink.known()]);
    for (const id of ids) inspections.add(id);
    await inspections.idle();
  }

  /** Fails when the engine no longer answers. */
  async #beat(inspections: Inspections): Promise<never> {
    for (;;) {
      await new Promise<void>((resolve) => {
        this.#heartbeat = setTimeout(resolve, HEARTBEAT_MS).unref();
      });
      await this.#client.ping();
      for (const id of this.#unread) inspections.add(id);
    }
  }

  async #inspect(engine: Engine, id: string, urgent: boolean): Promise<void> {
    try {
      const container = await engine.inspect(id);
      if (this.#isClosed) return;
      this.#unread.delete(id);
      this.#sink.told(id, container, urgent);
    } catch (error) {
      if (this.#isClosed) return;
      this.#unread.add(id);
      this.#sink.failed(id, EngineError.from(error, 'inspect'), urgent);
    }
  }
}

function hang(): Promise<never> {
  return new Promise(() => undefined);
}
