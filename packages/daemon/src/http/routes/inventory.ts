import { Capabilities, Inventory, type Netweir } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answer, problems } from '../schema.ts';

/** What is there, and what this host can do. */
export function inventoryRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/inventory',
      {
        schema: {
          operationId: 'getInventory',
          summary: 'Every namespace with its interfaces, and the running probes',
          response: { 200: answer('What there is now.', Inventory), ...problems() },
        },
      },
      () => netweir.inventory(),
    );
    app.get(
      '/capabilities',
      {
        schema: {
          operationId: 'getCapabilities',
          summary: 'What this host, its kernel and the permissions of the daemon allow',
          response: {
            200: answer('One check for each thing that netweir needs or can use.', Capabilities),
            ...problems(),
          },
        },
      },
      () => netweir.capabilities(),
    );
  };
}
