import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Agent, buildConnector } from 'undici';

/** Opens a TCP connection from inside a node. */
export type Connect = (to: { readonly host: string; readonly port: number }) => Promise<Socket>;

export type Fetch = typeof globalThis.fetch;

/** `fetch` by connections of a node, which keeps them for further requests until `close`. */
export function fetchBy(connect: Connect): { readonly fetch: Fetch; close(reason: Error): void } {
  let agent: Agent | undefined;
  let closed: Error | undefined;
  const fetchInside = async (input: string, init: object): Promise<unknown> => {
    // Most labs have no use for it, and need not wait for it to load.
    const undici = await import('undici');
    if (closed) throw closed;
    agent ??= new undici.Agent({
      connect: (options, callback) => {
        open(connect, options).then(
          (socket) => callback(null, socket),
          (error: Error) => callback(error, null),
        );
      },
    });
    return await undici.fetch(input, { ...init, dispatcher: agent });
  };
  return {
    // That of the globals is an undici too, with the same interface.
    fetch: fetchInside as unknown as Fetch,
    close: (reason) => {
      closed = reason;
      void agent?.destroy(reason);
    },
  };
}

async function open(
  connect: Connect,
  { hostname, port, protocol, servername }: buildConnector.Options,
): Promise<Socket> {
  const isTls = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = await connect({ host, port: Number(port || (isTls ? 443 : 80)) });
  socket.setNoDelay(true);
  if (!isTls) return socket;
  return await new Promise((resolve, reject) => {
    const secured = connectTls({ socket, host, ...(servername && { servername }) });
    secured.once('secureConnect', () => resolve(secured));
    secured.once('error', reject);
  });
}
