import { buildConnector, type Dispatcher, Pool } from 'undici';
import * as z from 'zod';
import { EngineError } from './engine-error.ts';
import { Lines } from './lines.ts';

/** Where an engine listens. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

type Headers = Dispatcher.ResponseData['headers'];

export interface Limits {
  readonly maxBytes: number;
}

const ErrorAnswer = z.object({ message: z.string() });

const TIME_LIMIT_MS = 5000;
const MAX_ERROR_BYTES = 65_536;
const MAX_LINE_BYTES = 65_536;
/** The events, the heartbeat, and as many containers as are read at a time. */
const MAX_CONNECTIONS = 20;

/**
 * Asks a container engine by HTTP. It is made for an engine that may do anything: every request has a
 * limit of time and every answer one of size, and only the fields that are used are looked at, through a
 * schema. dockerode has none of these: it collects an answer whole however long it is and waits
 * for it however long it takes, what comes is typed but not checked, and it is 40 packages with ssh and
 * gRPC among them for the five GET requests that are made here. Sockets do not keep the process alive.
 */
export class HttpClient {
  readonly #pool: Pool;

  constructor(address: Address) {
    this.#pool = new Pool('http://localhost', {
      connect: connector(address),
      connections: MAX_CONNECTIONS,
      pipelining: 1,
    });
  }

  /**
   * An answer in JSON, as far as the schema has it.
   * @throws {EngineError}
   */
  async get<T>(path: string, schema: z.ZodType<T>, { maxBytes }: Limits): Promise<T> {
    const operation = operationOf(path);
    const { text } = await this.#ask(path, maxBytes);
    return check(parse(text, operation), schema, operation);
  }

  /**
   * Whether there is an answer at all: its headers.
   * @throws {EngineError} where there is none
   */
  async ping(): Promise<Headers> {
    return (await this.#ask('/_ping', MAX_ERROR_BYTES)).headers;
  }

  /**
   * Calls `heard` with each line of an answer that does not end, one line being one JSON value.
   * @throws {EngineError} always, as the answer does end
   */
  async follow<T>(path: string, schema: z.ZodType<T>, heard: (value: T) => void): Promise<never> {
    const operation = operationOf(path);
    const lines = new Lines(MAX_LINE_BYTES);
    await guarded(operation, async () => {
      // An answer may begin, too, only with the first event: so does Podman's.
      const options = { path, method: 'GET', headersTimeout: 0, bodyTimeout: 0 } as const;
      const { statusCode, body } = await this.#pool.request(options);
      if (statusCode !== 200) {
        body.on('error', () => undefined).destroy();
        throw statusError(operation, statusCode);
      }
      for await (const piece of body) {
        const complete = lines.push(piece);
        if (!complete) throw tooLong(operation, MAX_LINE_BYTES);
        for (const line of complete) heard(check(parse(line, operation), schema, operation));
      }
    });
    throw new EngineError('unreachable', operation, 'it closed the connection');
  }

  /** Ends all requests, which then fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #ask(path: string, maxBytes: number): Promise<{ headers: Headers; text: string }> {
    const operation = operationOf(path);
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    return guarded(operation, async () => {
      const response = await this.#pool.request({ path, method: 'GET', signal });
      await expectSuccess(response, operation);
      const text = await textOf(response, operation, maxBytes);
      return { headers: response.headers, text };
    });
  }
}

function operationOf(path: string): string {
  return `GET ${path.replace(/\?.*/, '')}`;
}

/** A connection that does not keep the process alive, whatever it is used for. */
function connector(address: Address): buildConnector.connector {
  const target = 'path' in address ? { socketPath: address.path } : {};
  const connect = buildConnector({ ...target, timeout: TIME_LIMIT_MS });
  return (options, callback) => {
    const to = 'path' in address ? {} : { hostname: address.host, port: `${address.port}` };
    connect({ ...options, ...to }, (...[error, socket]) => {
      if (error) {
        callback(error, null);
        return;
      }
      socket.unref();
      // undici counts a socket as needed while it is used.
      socket.ref = () => socket;
      callback(null, socket);
    });
  };
}

async function guarded<T>(operation: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      const what = `no answer within ${TIME_LIMIT_MS / 1000} s`;
      throw new EngineError('silent', operation, what, { cause: error });
    }
    throw EngineError.from(error, operation);
  }
}

async function expectSuccess(response: Dispatcher.ResponseData, operation: string): Promise<void> {
  const status = response.statusCode;
  if (status === 200) return;
  const words = messageOf(await textOf(response, operation, MAX_ERROR_BYTES));
  throw statusError(operation, status, `: ${words}`);
}

function statusError(operation: string, status: number, words = ''): EngineError {
  const failure = status === 401 || status === 403 ? 'refused' : 'status';
  return new EngineError(failure, operation, `HTTP ${status}${words}`, { status });
}

/** Both APIs put the words of an error into an object. */
function messageOf(text: string): string {
  try {
    return ErrorAnswer.parse(JSON.parse(text)).message;
  } catch {
    return text;
  }
}

async function textOf(
  { body }: Dispatcher.ResponseData,
  operation: string,
  maxBytes: number,
): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > maxBytes) throw tooLong(operation, maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function tooLong(operation: string, maxBytes: number): EngineError {
  return new EngineError('excessive', operation, `an answer of more than ${maxBytes} bytes`);
}

function parse(text: string, operation: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('unintelligible', operation, 'the answer is not JSON', { cause });
  }
}

function check<T>(value: unknown, schema: z.ZodType<T>, operation: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const what = `unexpected answer: ${issue?.path.join('.')}: ${issue?.message}`;
  throw new EngineError('unintelligible', operation, what, { cause: result.error });
}
