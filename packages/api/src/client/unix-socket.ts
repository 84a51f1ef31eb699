import { request as httpRequest } from 'node:http';
import WebSocket from 'ws';
import { NetweirError } from '../errors/netweir-error.ts';
import type { Transport } from './client.ts';

const REMEDY = 'Start it with `netweir up`, or see `netweir doctor`.';

/** The daemon through its Unix socket: no token is needed, the socket's file mode guards it. */
export function unixSocketTransport(socketPath: string): Transport {
  return {
    request: (method, path, body) => exchange(socketPath, method, path, body),
    stream: (path, onText, onEnd) => openStream(socketPath, path, onText, onEnd),
  };
}

function exchange(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', (error) => reject(unreachable(socketPath, error)));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        try {
          resolve({
            status: response.statusCode ?? 0,
            body: text === '' ? undefined : JSON.parse(text),
          });
        } catch (cause) {
          reject(
            new NetweirError('internal', `the daemon's answer to ${method} ${path} is not JSON`, {
              cause,
            }),
          );
        }
      });
    });
    request.on('error', (error) => reject(unreachable(socketPath, error)));
    request.end(payload);
  });
}

function openStream(
  socketPath: string,
  path: string,
  onText: (text: string) => void,
  onEnd: (error?: Error) => void,
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws+unix://${socketPath}:${path}`);
    let failure: Error | undefined;
    socket.on('message', (data) => onText(String(data)));
    socket.on('error', (error) => {
      failure = unreachable(socketPath, error);
      reject(failure);
    });
    socket.on('open', () => {
      socket.on('close', () => onEnd(failure));
      resolve(() => socket.close());
    });
  });
}

function unreachable(socketPath: string, cause: Error): NetweirError {
  return new NetweirError(
    'daemon-unreachable',
    `the daemon does not answer on ${socketPath}: ${cause.message}`,
    {
      cause,
      remedy: REMEDY,
    },
  );
}
