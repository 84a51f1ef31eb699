import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { type Impairment, type Inventory, type Problem, problemOf } from '@netweir/api';
import { impairedReport } from './fake-netweir.ts';
import { CAPABILITIES, INVENTORY, lacksNetem, untouchedReport } from './fixtures.ts';

/** A daemon as far as the command can see it: the HTTP API on a Unix socket. */
export interface FakeDaemon {
  /** `PUT /api/v1/interfaces/host/eth0/impairment {…}` for each request. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/**
 * host/eth0 takes everything; every other interface has no netem. The events are a snapshot and
 * then, until the client closes, empty changes.
 */
export async function fakeDaemon(
  socketPath: string,
  inventory: Inventory = INVENTORY,
): Promise<FakeDaemon> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const received: Buffer[] = [];
    request.on('data', (chunk: Buffer) => received.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(received).toString('utf8');
      requests.push(`${request.method} ${request.url} ${body}`.trimEnd());
      const [status, answer] = answerTo(`${request.method} ${request.url}`, body, inventory);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    });
  });
  server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.write(frame(JSON.stringify({ type: 'snapshot', sequence: 0, inventory: INVENTORY })));
    let sequence = 1;
    const timer = setInterval(() => {
      socket.write(frame(JSON.stringify({ type: 'changes', sequence: sequence++, changes: [] })));
    }, 20);
    socket.on('error', () => undefined);
    socket.on('close', () => clearInterval(timer));
    socket.on('data', () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerTo(request: string, body: string, inventory: Inventory): readonly [number, unknown] {
  const ref = /\/interfaces\/(?<space>[^/]+)\/(?<name>[^/]+)/u.exec(request)?.groups;
  if (ref) {
    const one = {
      space: decodeURIComponent(ref.space ?? ''),
      interface: decodeURIComponent(ref.name ?? ''),
    };
    if (`${one.space}/${one.interface}` !== 'host/eth0') return refusal(problemOf(lacksNetem(one)));
    if (request.endsWith('/link')) return [204, undefined];
    if (body === '') return [200, untouchedReport(one)];
    return [200, impairedReport(one, JSON.parse(body) as Impairment)];
  }
  switch (request) {
    case 'GET /api/v1/inventory':
    case 'GET /api/v1/inventory?stopped=true':
      return [200, inventory];
    case 'GET /api/v1/capabilities':
      return [200, CAPABILITIES];
    case 'POST /api/v1/restore':
      return [200, { restored: [], skipped: [], failed: [] }];
    default:
      return [404, undefined];
  }
}

function refusal(problem: Problem): readonly [number, Problem] {
  return [problem.status, problem];
}

/** One unmasked text frame of less than 64 KiB (RFC 6455, 5.2). */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header =
    payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...header]), payload]);
}
