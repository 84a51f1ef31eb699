import { Forgotten, type Netweir, RestoreReport } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refuseBody } from '../body.ts';
import { answer, CHANGE_ERRORS, problems } from '../schema.ts';

const RememberedQuery = z
  .strictObject({
    space: z
      .string()
      .optional()
      .meta({
        description:
          'A container or pod that does not run, or a pattern; all containers if absent.',
        examples: ['docker:web'],
      }),
    interface: z
      .string()
      .optional()
      .meta({
        description: 'One of its interfaces, or a pattern; all if absent.',
        examples: ['eth0'],
      }),
  })
  .refine(({ space, interface: name }) => space !== undefined || name === undefined, {
    path: ['space'],
    message: 'is needed with an interface',
  });

/** The way back for everything at once, and for what is to come. */
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
    app.delete(
      '/remembered',
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'forget',
          summary: 'Forgets what comes back when containers start',
          querystring: RememberedQuery,
          response: { 200: answer('What does not come back any more.', Forgotten), ...problems() },
        },
      },
      ({ query: { space, interface: name } }) =>
        space === undefined ? netweir.forget() : netweir.forget({ space, interface: name }),
    );
  };
}
