import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Problem } from '@netweir/api';
import { pino } from 'pino';
import { FakeNetweir } from './fake-netweir.test-helper.ts';
import { createServer, type HttpServer } from './server.ts';

export const TOKEN = 'a-token-of-the-tests';

/** A server with a fake behind it, on a port and a Unix socket of its own. */
export interface Running {
  readonly netweir: FakeNetweir;
  readonly server: HttpServer;
  readonly port: number;
  readonly socketPath: string;
  readonly log: string[];
}

export async function start(
  t: Pick<TestContext, 'after'>,
  pageDirectory?: string,
): Promise<Running> {
  const netweir = new FakeNetweir();
  const folder = await mkdtemp(join(tmpdir(), 'netweir-http-'));
  const log: string[] = [];
  const server = await createServer({
    netweir,
    token: TOKEN,
    pageDirectory: pageDirectory ?? join(folder, 'no-page'),
    version: '0.1.0',
    logger: pino({ level: 'warn' }, { write: (line: string) => void log.push(line) }),
  });
  const socketPath = join(folder, 'run', 'netweir.sock');
  await server.listenUnix(socketPath);
  const port = await server.listenTcp(0);
  t.after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });
  return { netweir, server, port, socketPath, log };
}

export interface Asked {
  readonly method?: string;
  /** Sent as it is, without the normalising that URL does. */
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request over TCP, with the token and JSON as content type unless `headers` say otherwise. */
export function ask(port: number, { method = 'GET', path, headers, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      agent: false,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.end(body);
  });
}

/** The problem document of an answer; throws if it is none. */
export function problemIn({ status, headers, text }: Answer): Problem {
  const problem = Problem.parse(JSON.parse(text));
  if (headers['content-type'] !== 'application/problem+json') {
    throw new Error(`a problem document of type ${headers['content-type']}`);
  }
  if (problem.status !== status) {
    throw new Error(`status ${status}, but the problem document says ${problem.status}`);
  }
  return problem;
}

/** Waits until `condition` holds; rejects after two seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within 2 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
