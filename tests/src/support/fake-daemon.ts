import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import {
  applyChange,
  type Change,
  type EventMessage,
  type Impairment,
  type ImpairmentReport,
  type Inventory,
  type Measurement,
  parseDuration,
} from '@netweir/api';
import { type WebSocket, WebSocketServer } from 'ws';

const PAGE = resolve(import.meta.dirname, '../../../packages/daemon/page');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const CAPABILITIES = {
  version: '0.1.0',
  kernel: '6.18.0',
  netem: true,
  netemSeed: true,
  classifier: null,
  duplicateBesideOthers: false,
  ifb: false,
  tbf: true,
  userspace: true,
  checks: [],
};

const COUNTERS = {
  sentBytes: 151_200,
  sentPackets: 1234,
  droppedPackets: 5,
  queuedPackets: 0,
  queuedBytes: 0,
};

/** One request that asked for a change. */
export interface Asked {
  readonly method: string;
  /** `space/interface` */
  readonly subject: string;
  readonly body: unknown;
}

/**
 * Serves the built page and an inventory that a test makes up. What is set on an interface is told as
 * done, except on those that `refusals` names.
 */
export class FakeDaemon implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** What `space/interface` reports besides what was set there. */
  readonly reported: Map<string, Partial<ImpairmentReport>> = new Map();
  /** What every measurement finds. */
  measurement: Measurement | undefined;
  readonly #wanted: Map<string, Impairment> = new Map();
  /** `space/interface` and why nothing can be changed there. */
  readonly refusals: Map<string, string> = new Map();
  /** Where a change is refused as long as it does not say `replace`. */
  readonly refusedUnlessReplaced: Set<string> = new Set();
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #inventory: Inventory;
  #sequence = 0;

  private constructor(inventory: Inventory) {
    this.#inventory = inventory;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#sockets = new WebSocketServer({ server: this.#server, path: '/api/v1/events' });
    this.#sockets.on('connection', (socket) =>
      this.#send(socket, { type: 'snapshot', sequence: 0, inventory: this.#inventory }),
    );
  }

  static async start(inventory: Inventory): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(inventory);
    await new Promise<void>((done) => daemon.#server.listen(0, '127.0.0.1', done));
    return daemon;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/#token=of-the-tests`;
  }

  /** What every open page is told next; for one page at a time, as all share the numbers. */
  emit(...changes: Change[]): void {
    this.#inventory = changes.reduce(applyChange, this.#inventory);
    this.#sequence++;
    for (const socket of this.#sockets.clients) {
      this.#send(socket, { type: 'changes', sequence: this.#sequence, changes });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #send(socket: WebSocket, message: EventMessage): void {
    if (message.type === 'snapshot') this.#sequence = 0;
    socket.send(JSON.stringify(message));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, search } = new URL(request.url ?? '/', 'http://fake');
    if (!path.startsWith('/api/')) return servePage(path, response);
    if (path === '/api/v1/capabilities') return sendJson(response, 200, CAPABILITIES);
    const { method = 'GET' } = request;
    const body = await bodyOf(request);
    const [space = '', name = ''] = path.split('/').slice(4, 6).map(decodeURIComponent);
    const subject = `${space}/${name}`;
    if (method !== 'GET') this.asked.push({ method, subject, body });
    const refusal = this.refusals.get(subject);
    if (refusal !== undefined) return sendJson(response, 409, problem(refusal));
    const isReplacing = search === '?replace=true' || (body as Impairment | undefined)?.replace;
    if (method !== 'GET' && this.refusedUnlessReplaced.has(subject) && !isReplacing) {
      return sendJson(response, 409, problem('somebody else has put something in its place'));
    }
    if (path === '/api/v1/measurements') return sendJson(response, 200, this.measurement);
    if (method === 'PUT') this.#wanted.set(subject, body as Impairment);
    if (path.endsWith('/confirmation')) this.reported.delete(subject);
    if (method === 'DELETE') this.#wanted.delete(subject);
    if (method !== 'GET') this.#tell(space, name);
    sendJson(response, 200, this.#reportOf(space, name));
  }

  #reportOf(space: string, name: string): ImpairmentReport {
    const subject = `${space}/${name}`;
    const report = reportOf(space, name, this.#wanted.get(subject) ?? {});
    return { ...report, ...this.reported.get(subject) };
  }

  /** Every open page sees on the interface what is now set on it. */
  #tell(space: string, name: string): void {
    const one = this.#inventory.spaces
      .find(({ id }) => id === space)
      ?.interfaces.find((link) => link.name === name);
    if (!one) return;
    const { egress, ingress, rules, expiresAt } = this.#reportOf(space, name);
    const now = { ...one, egress, ingress, trafficRules: rules.length, expiresAt };
    this.emit({ type: 'interface', space, interface: now });
  }
}

function reportOf(space: string, name: string, wanted: Impairment): ImpairmentReport {
  const { egress = null, ingress = null, rules = [], persist = false, for: time } = wanted;
  return {
    space,
    interface: name,
    ifindex: 2,
    egress,
    ingress,
    rules: rules.map((rule) => ({
      match: rule.match,
      egress: rule.egress ?? null,
      ingress: rule.ingress ?? null,
      exclude: rule.exclude ?? false,
      egressCounters: rule.egress ? COUNTERS : null,
      ingressCounters: rule.ingress ? COUNTERS : null,
    })),
    egressMechanism: egress && 'netem',
    ingressMechanism: ingress && 'userspace',
    original: 'noqueue',
    expiresAt: time ? new Date(Date.now() + parseDuration(time) / 1e6).toISOString() : null,
    owner: null,
    persist,
    changedElsewhere: null,
    guarded: [],
    provisionalUntil: null,
    egressCounters: null,
    ingressCounters: null,
  };
}

function problem(detail: string): object {
  return {
    type: 'urn:netweir:error:original-not-restorable',
    title: 'Not possible',
    status: 409,
    detail,
    code: 'original-not-restorable',
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

async function servePage(path: string, response: ServerResponse): Promise<void> {
  const file = path === '/' ? '/index.html' : path;
  const text = await readFile(join(PAGE, file)).catch(() => undefined);
  response.writeHead(text ? 200 : 404, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
  response.end(text);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type });
  response.end(JSON.stringify(body));
}
