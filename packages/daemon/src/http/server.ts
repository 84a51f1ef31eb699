import type { FastifyInstance } from 'fastify';
import { type AppOptions, createApp } from './app.ts';
import { listenTcp, listenUnix, type TcpPlace } from './listen.ts';

export interface ServerOptions extends AppOptions {
  /** What a client over TCP must show. */
  readonly token: string;
}

/** The HTTP side of a daemon. */
export interface HttpServer extends AsyncDisposable {
  /**
   * Listens on 127.0.0.1; returns the port.
   *
   * @throws NetweirError `address-in-use`, `not-permitted`
   */
  listenTcp(place: TcpPlace): Promise<number>;
  /**
   * Listens on a Unix socket of mode 0600, where no token is asked for.
   *
   * @throws NetweirError `daemon-running`, `address-in-use`, `not-permitted`
   */
  listenUnix(path: string): Promise<void>;
  /** Ends every WebSocket and connection, within a second, and removes the socket file. */
  close(): Promise<void>;
}

/** How long a client has to read what is under way when the server closes. */
const GRACE_MS = 500;

/**
 * Serves `netweir` and the page. TCP and the Unix socket have a server each, so that which of the
 * two a request came by is known from where it arrived and not from anything that it says.
 */
export async function createServer(options: ServerOptions): Promise<HttpServer> {
  const tcp = await createApp(options, options.token);
  const unix = await createApp(options, undefined);
  const close = async (): Promise<void> => {
    await Promise.all([closeApp(tcp), closeApp(unix)]);
  };
  return {
    listenTcp: (place) => listenTcp(tcp.server, place),
    listenUnix: (path) => listenUnix(unix.server, path),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function closeApp(app: FastifyInstance): Promise<void> {
  const closed = new Promise((resolve) => app.server.close(resolve));
  const { clients } = app.websocketServer;
  for (const client of clients) client.close(1001, 'the daemon stops');
  const deadline = setTimeout(() => {
    for (const client of clients) client.terminate();
    app.server.closeAllConnections();
  }, GRACE_MS);
  await closed;
  clearTimeout(deadline);
  await app.close();
}
