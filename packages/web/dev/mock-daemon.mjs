// A daemon for work on the page: invented spaces that move, and the real API's shapes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { NetweirError, problemOf } from '@netweir/api';
import { answer, onChanges } from './mock-core.mjs';
import { inventory } from './mock-network.mjs';

const { PORT = '7878', TOKEN = 'mock' } = process.env;
const page = join(import.meta.dirname, '../../daemon/page');
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const sockets = new Set();
onChanges((changes) => {
  for (const socket of sockets) {
    send(socket, { type: 'changes', sequence: socket.sequence++, changes });
  }
});

function send(socket, message) {
  const body = Buffer.from(JSON.stringify(message));
  const short = body.length < 126;
  const long = body.length > 0xffff;
  const head = Buffer.alloc(short ? 2 : long ? 10 : 4);
  head[0] = 0x81;
  head[1] = short ? body.length : long ? 127 : 126;
  if (long) head.writeBigUInt64BE(BigInt(body.length), 2);
  else if (!short) head.writeUInt16BE(body.length, 2);
  socket.write(Buffer.concat([head, body]));
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (!pathname.startsWith('/api/v1/')) {
    const file = normalize(pathname === '/' ? '/index.html' : pathname);
    const bytes = await readFile(join(page, file)).catch(() => undefined);
    response.writeHead(bytes ? 200 : 404, { 'Content-Type': types[extname(file)] ?? 'text/plain' });
    return response.end(bytes);
  }
  const reply = (status, body) =>
    response
      .writeHead(status, { 'Content-Type': 'application/json' })
      .end(body && JSON.stringify(body));
  try {
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      throw new NetweirError('unauthorized', 'the token is missing or wrong');
    const text = (await request.toArray()).join('');
    const result = answer(
      request.method,
      pathname.split('/').slice(3).map(decodeURIComponent),
      text && JSON.parse(text),
    );
    setTimeout(() => reply(result ? 200 : 204, result), 250);
  } catch (error) {
    const problem = problemOf(error);
    reply(problem.status, problem);
  }
});
server.on('upgrade', (request, socket) => {
  const right = new URL(request.url, 'http://localhost').searchParams.get('token') === TOKEN;
  if (!right) return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.sequence = 0;
  socket
    .on('data', (frame) => (frame[0] & 15) === 8 && socket.end())
    .on('close', () => sockets.delete(socket))
    .on('error', () => socket.destroy());
  send(socket, { type: 'snapshot', sequence: socket.sequence++, inventory });
  sockets.add(socket);
});
server.listen(Number(PORT), '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${PORT}/#token=${TOKEN}\n`),
);
