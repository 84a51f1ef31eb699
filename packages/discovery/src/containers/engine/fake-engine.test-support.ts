import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerSource, ContainerView } from '../source.ts';
import { unixEndpoint } from './endpoint.ts';
import { EngineSource } from './engine-source.ts';

const WAIT_MS = 15_000;

/** What a real engine answered: packages/discovery/golden. */
export function golden(file: string): string {
  return readFileSync(new URL(`../../../golden/${file}`, import.meta.url), 'utf8');
}

type Answer = unknown | ((response: ServerResponse) => void);

/** An engine that answers what it is told to, at a socket in a folder of its own. */
export class FakeEngine {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'netweir-engine-'));
  readonly path: string = join(this.folder, 'engine.sock');
  /** By the end of the path without the query: what is sent as JSON, or a function that answers. */
  readonly answers: Map<string, Answer> = new Map();
  readonly requests: string[] = [];
  headers: Record<string, string> = {};
  #server: Server | undefined;
  readonly #streams = new Set<ServerResponse>();

  async listen(): Promise<this> {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://engine').pathname;
      this.requests.push(path);
      this.#answer(path, response);
    });
    this.#server.listen(this.path);
    await new Promise((resolve) => this.#server?.once('listening', resolve));
    return this;
  }

  /** Ends connections and goes, with its socket. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.#streams.clear();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  /** How many listen to events. */
  get listeners(): number {
    return this.#streams.size;
  }

  event(event: unknown): void {
    this.raw(`${JSON.stringify(event)}\n`);
  }

  raw(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  #answer(path: string, response: ServerResponse): void {
    const key = [...this.answers.keys()].find((end) => path.endsWith(end));
    const answer = key === undefined ? undefined : this.answers.get(key);
    for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
    if (typeof answer === 'function') answer(response);
    else if (answer !== undefined) response.end(JSON.stringify(answer));
    else if (path.endsWith('/_ping')) response.end('OK');
    else if (path.endsWith('/events')) {
      response.flushHeaders();
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
    } else {
      response.writeHead(404).end('{"message":"no such container"}');
    }
  }
}

/** A container as `inspect` tells it. */
export interface FakeContainer {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly Pid: number };
}

export function running(id: string, pid = 42): FakeContainer {
  return { Id: id, Name: `/name-of-${id}`, State: { Status: 'running', Pid: pid } };
}

/** Puts containers into an engine, and lets it be Docker. */
export async function fakeDocker(...containers: FakeContainer[]): Promise<FakeEngine> {
  const engine = new FakeEngine();
  engine.answers.set('/version', JSON.parse(golden('docker/version.json')));
  engine.answers.set('/networks', JSON.parse(golden('docker/networks.json')));
  setContainers(engine, ...containers);
  return engine.listen();
}

export function setContainers(engine: FakeEngine, ...containers: FakeContainer[]): void {
  for (const key of engine.answers.keys()) {
    if (key.startsWith('/containers/')) engine.answers.delete(key);
  }
  engine.answers.set(
    '/containers/json',
    containers.map(({ Id }) => ({ Id })),
  );
  for (const one of containers) engine.answers.set(`/containers/${one.Id}/json`, one);
}

export function containerEvent(action: string, id: string): unknown {
  return { Type: 'container', Action: action, Actor: { ID: id, Attributes: {} } };
}

/** A source of an engine, with what tests ask of it. */
export class Watched {
  readonly source: EngineSource;
  changes = 0;

  constructor(path: string, runtime: 'docker' | 'podman' = 'docker') {
    this.source = new EngineSource(unixEndpoint(path, runtime), () => {
      this.changes += 1;
    });
  }

  get view(): ContainerView {
    return this.source.view;
  }

  /** The state, and what is wrong. */
  get status(): string {
    const { status } = this.view;
    return [status?.state, ...(status?.detail ? [status.detail] : [])].join(': ');
  }

  get names(): string[] {
    return this.view.containers.map(({ name }) => name).sort();
  }

  async reaches(state: 'current' | 'stale' | 'refused'): Promise<void> {
    await until(
      () => this.view.status?.state === state,
      () => this.status,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean, what: () => unknown = () => ''): Promise<void> {
  const endMs = performance.now() + WAIT_MS;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`still not so: ${isSo} ${what()}`);
    await delay(2);
  }
}

export function statesOf(sources: readonly ContainerSource[]): string[] {
  return sources.map(({ view: { status } }) => `${status?.endpoint} ${status?.state}`).sort();
}
