import {
  LabChange,
  LabEvent,
  LabFile,
  LabName,
  LabNamespaces,
  LabState,
  LabSummary,
  type Netweir,
} from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refuseBody } from '../body.ts';
import { answer, BODY_ERRORS, CHANGE_ERRORS, Done, problems } from '../schema.ts';

const LabParams = z.strictObject({
  name: LabName.meta({ description: 'A name of your own for it.', examples: ['demo'] }),
});

const NodeParams = LabParams.extend({ node: LabName.meta({ examples: ['laptop'] }) });

const LabQuery = z.strictObject({
  counters: z.enum(['true', 'false']).optional().meta({
    description: 'Whether interfaces are with their counters; `false` if absent.',
  }),
});

/** A lab of a thousand nodes that are all written out. */
const MAX_FILE_BYTES = 1024 * 1024;

const MAKE_ERRORS = [
  'lab-exists',
  'lab-refused',
  'kernel-lacks-feature',
  'kernel-refused',
] as const;

const LAB_CHANGE_ERRORS = [
  'no-such-lab',
  'no-such-node',
  'no-such-interface',
  'lab-refused',
  'invalid-combination',
  'engine-failed',
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
    app.get(
      '/labs/:name',
      {
        schema: {
          operationId: 'getLab',
          summary: 'A lab as it is, with all of its nodes and links',
          params: LabParams,
          querystring: LabQuery,
          response: { 200: answer('What the kernel says.', LabState), ...problems('no-such-lab') },
        },
      },
      ({ params, query: { counters } }) =>
        netweir.lab(params.name, { counters: counters === 'true' }),
    );
    app.get(
      '/labs/:name/nodes/:node/namespaces',
      {
        schema: {
          operationId: 'getLabNamespaces',
          summary: 'Where programs start that are to be in a node',
          params: NodeParams,
          response: {
            200: answer('Files for who may open them.', LabNamespaces),
            ...problems('no-such-lab', 'no-such-node'),
          },
        },
      },
      ({ params }) => netweir.labNamespaces(params.name, params.node),
    );
    app.post(
      '/labs/:name/changes',
      {
        schema: {
          operationId: 'changeLab',
          summary: 'Changes a running lab: all of the change happens, or nothing',
          params: LabParams,
          body: LabChange,
          response: {
            200: answer('What has happened by it, as those who watch are told.', z.array(LabEvent)),
            ...problems(...BODY_ERRORS, ...CHANGE_ERRORS, ...LAB_CHANGE_ERRORS),
          },
        },
      },
      ({ params, body }) => netweir.changeLab(params.name, body),
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
