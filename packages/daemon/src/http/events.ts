import type { WebSocket } from '@fastify/websocket';
import type { Netweir } from '@netweir/api';
import type { FastifyBaseLogger } from 'fastify';

/** A client that leaves this much unread is let go; it comes back and gets a new snapshot. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

const INTERNAL_ERROR = 1011;
const GOING_AWAY = 1001;

/** Sends a snapshot and then changes to one client, until either side ends it. */
export async function streamEvents(
  netweir: Netweir,
  socket: WebSocket,
  log: FastifyBaseLogger,
): Promise<void> {
  let stop: (() => void) | undefined;
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    stop?.();
  };
  socket.on('close', end);
  const onEnd = (error?: Error): void => {
    if (over) return;
    end();
    if (error) log.error({ err: error }, 'the stream of events broke');
    socket.close(error ? INTERNAL_ERROR : GOING_AWAY);
  };
  try {
    stop = await netweir.watch((message) => {
      if (over) return;
      socket.send(JSON.stringify(message));
      if (socket.bufferedAmount <= MAX_UNREAD_BYTES) return;
      end();
      log.warn({ unreadBytes: socket.bufferedAmount }, 'a client that does not read is let go');
      socket.terminate();
    }, onEnd);
    if (over) stop();
  } catch (error) {
    onEnd(error instanceof Error ? error : new Error(String(error)));
  }
}
