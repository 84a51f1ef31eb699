import { EventMessage, type Netweir, NetweirError } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { sendProblem } from '../errors.ts';
import { streamEvents } from '../events.ts';
import { problems } from '../schema.ts';

const UPGRADE_REQUIRED = 426;

/** The stream of changes. */
export function eventRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.route({
      method: 'GET',
      url: '/events',
      schema: {
        operationId: 'streamEvents',
        summary: 'A snapshot, then numbered changes, as a WebSocket',
        description: 'Each text message is an EventMessage. What the client sends is not read.',
        security: [{ bearer: [] }, { query: [] }],
        response: {
          101: {
            description: 'The WebSocket is open; each of its messages is as described.',
            content: { 'application/json': { schema: EventMessage } },
          },
          ...problems(),
        },
      },
      handler: async (_request, reply) => {
        reply.header('upgrade', 'websocket');
        const message = 'this address is a WebSocket';
        const remedy = 'Connect to it with a WebSocket client.';
        sendProblem(
          reply,
          new NetweirError('invalid-request', message, { remedy }),
          UPGRADE_REQUIRED,
        );
        return reply;
      },
      wsHandler: (socket, request) => streamEvents(netweir, socket, request.log),
    });
  };
}
