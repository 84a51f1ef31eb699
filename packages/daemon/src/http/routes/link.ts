import { LinkState, type Netweir } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { BODY_ERRORS, Done, INTERFACE_ERRORS, problems } from '../schema.ts';
import { exactRef, InterfaceParams } from '../targets.ts';

/** An interface's administrative state. */
export function linkRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/interfaces/:space/:name/link',
      {
        schema: {
          operationId: 'setLink',
          summary: 'Sets the interface up or down',
          params: InterfaceParams,
          body: LinkState,
          response: {
            204: Done,
            ...problems(...INTERFACE_ERRORS, ...BODY_ERRORS, 'kernel-refused'),
          },
        },
      },
      async ({ params, body }, reply) => {
        await netweir.setLink(exactRef(params.space, params.name), body.state);
        return reply.code(204).send();
      },
    );
  };
}
