import { type Netweir, RestoreReport } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { refuseBody } from '../body.ts';
import { answer, CHANGE_ERRORS, problems } from '../schema.ts';

/** The way back for everything at once. */
export function restoreRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/restore',
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'restore',
          summary: 'Puts back everything that the journal knows',
          response: {
            200: answer('What became of each interface.', RestoreReport),
            ...problems(...CHANGE_ERRORS),
          },
        },
      },
      () => netweir.restore(),
    );
  };
}
