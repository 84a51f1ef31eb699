import { Capabilities, Inventory, type Netweir } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { answer, problems } from '../schema.ts';

const InventoryQuery = z.strictObject({
  stopped: z.enum(['true', 'false']).optional().meta({
    description: 'Whether containers that do not run are in it; as configured if absent.',
  }),
});

/** What is there, and what this host can do. */
export function inventoryRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/inventory',
      {
        // Thousands of interfaces, which the client checks: to check them here as well would take longest.
        serializerCompiler: () => (inventory) => JSON.stringify(inventory),
        schema: {
          operationId: 'getInventory',
          summary: 'Every namespace with its interfaces, and the running probes',
          querystring: InventoryQuery,
          response: { 200: answer('What there is now.', Inventory), ...problems() },
        },
      },
      ({ query: { stopped } }) =>
        netweir.inventory(stopped === undefined ? {} : { stopped: stopped === 'true' }),
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
