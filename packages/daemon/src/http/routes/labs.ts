import { LabFile, LabName, LabSummary, type Netweir } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refuseBody } from '../body.ts';
import { answer, BODY_ERRORS, Done, problems } from '../schema.ts';

const LabParams = z.strictObject({
  name: LabName.meta({ description: 'A name of your own for it.', examples: ['demo'] }),
});

/** A lab of a thousand nodes that are all written out. */
const MAX_FILE_BYTES = 1024 * 1024;

const MAKE_ERRORS = [
  'lab-exists',
  'lab-refused',
  'kernel-lacks-feature',
  'kernel-refused',
] as const;

/** Networks of namespaces that the daemon keeps. */
export function labRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/labs',
      {
        schema: {
          operationId: 'getLabs',
          summary: 'The labs that run',
          response: { 200: answer('What runs now.', z.array(LabSummary)), ...problems() },
        },
      },
      () => netweir.labs(),
    );
    app.put(
      '/labs/:name',
      {
        bodyLimit: MAX_FILE_BYTES,
        schema: {
          operationId: 'putLab',
          summary:
            'Makes a lab of a file; the same name and the same file once more change nothing',
          params: LabParams,
          body: LabFile,
          response: {
            200: answer('The lab, which runs until it is deleted or the daemon ends.', LabSummary),
            ...problems(...BODY_ERRORS, ...MAKE_ERRORS),
          },
        },
      },
      ({ params, body }) => netweir.putLab(params.name, body),
    );
    app.delete(
      '/labs/:name',
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'deleteLab',
          summary: 'Takes a lab down, with all that runs in it',
          params: LabParams,
          response: { 204: Done, ...problems('no-such-lab') },
        },
      },
      async ({ params }, reply) => {
        await netweir.deleteLab(params.name);
        return reply.code(204).send();
      },
    );
  };
}
