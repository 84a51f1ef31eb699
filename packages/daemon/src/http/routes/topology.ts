import { type Netweir, Topology, topologyOf } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answer, problems } from '../schema.ts';

/** How everything is connected. */
export function topologyRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/topology',
      {
        schema: {
          operationId: 'getTopology',
          summary: 'Spaces, interfaces and networks, and how they are connected',
          response: { 200: answer('What there is now.', Topology), ...problems() },
        },
      },
      async () => topologyOf(await netweir.inventory()),
    );
  };
}
