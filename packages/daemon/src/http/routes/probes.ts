import { type Netweir, Probe, ProbeId, ProbeRequest } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refuseBody } from '../body.ts';
import { answer, BODY_ERRORS, Done, problems } from '../schema.ts';
import { exactRef } from '../targets.ts';

const ProbeParams = z.strictObject({
  id: ProbeId.meta({ description: 'A name of your own for it.', examples: ['client-to-server'] }),
});

/** Running measurements of round trips. */
export function probeRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.put(
      '/probes/:id',
      {
        schema: {
          operationId: 'putProbe',
          summary: 'Starts a probe, or replaces the one of this name',
          params: ProbeParams,
          body: ProbeRequest,
          response: {
            200: answer('The probe, which has started.', Probe),
            ...problems(...BODY_ERRORS, 'invalid-target', 'no-such-space', 'space-vanished'),
          },
        },
      },
      async ({ params, body }) => {
        exactRef(body.space, 'lo');
        return netweir.putProbe(params.id, body);
      },
    );
    app.delete(
      '/probes/:id',
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'deleteProbe',
          summary: 'Stops a probe and forgets its samples',
          params: ProbeParams,
          response: { 204: Done, ...problems('no-such-probe') },
        },
      },
      async ({ params }, reply) => {
        await netweir.deleteProbe(params.id);
        return reply.code(204).send();
      },
    );
  };
}
