import type { Socket } from 'node:net';
import {
  type Caller,
  exactDirection,
  Impairment,
  ImpairmentReport,
  type Netweir,
  Operation,
} from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { refuseBody } from '../body.ts';
import { answer, BODY_ERRORS, CHANGE_ERRORS, INTERFACE_ERRORS, problems } from '../schema.ts';
import { exactRef, InterfaceParams } from '../targets.ts';

const ClearQuery = z.strictObject({
  replace: z.enum(['true', 'false']).optional().meta({
    description:
      'Whether to go on where somebody else has changed what netweir had set, which is lost by that.',
  }),
});

/** What one interface does to its packets. */
export function impairmentRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  const url = '/interfaces/:space/:name/impairment';
  return async (app) => {
    app.get(
      url,
      {
        schema: {
          operationId: 'getImpairment',
          summary: 'What the interface does to its packets now, as the kernel says',
          params: InterfaceParams,
          response: {
            200: answer('Read back from the kernel.', ImpairmentReport),
            ...problems(...INTERFACE_ERRORS),
          },
        },
      },
      ({ params }) => netweir.impairment(exactRef(params.space, params.name)),
    );
    app.put(
      url,
      {
        schema: {
          operationId: 'putImpairment',
          summary: 'Replaces, in place, what netweir does to the packets of the interface',
          params: InterfaceParams,
          body: Impairment,
          response: {
            200: answer('Read back from the kernel after the change.', ImpairmentReport),
            ...problems(
              ...INTERFACE_ERRORS,
              ...BODY_ERRORS,
              'invalid-combination',
              ...CHANGE_ERRORS,
            ),
          },
        },
      },
      async ({ params, body, socket }) => {
        // Contradictions are refused here, before anything is looked up or touched.
        for (const direction of [body.egress, body.ingress]) {
          if (direction) exactDirection(direction);
        }
        const wanted = withCallers(body, callerBy(socket));
        return netweir.setImpairment(exactRef(params.space, params.name), wanted);
      },
    );
    app.post(
      `${url}/preview`,
      {
        schema: {
          operationId: 'previewImpairment',
          summary: 'What a PUT of the same would do, in the words of tc; nothing is changed',
          params: InterfaceParams,
          body: Impairment,
          response: {
            200: answer('The steps, in their order.', z.array(Operation)),
            ...problems(
              ...INTERFACE_ERRORS,
              ...BODY_ERRORS,
              'invalid-combination',
              ...CHANGE_ERRORS,
            ),
          },
        },
      },
      ({ params, body, socket }) =>
        netweir.previewImpairment(
          exactRef(params.space, params.name),
          withCallers(body, callerBy(socket)),
        ),
    );
    app.post(
      `${url}/confirmation`,
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'confirmImpairment',
          summary: 'Makes a provisional change last; nothing to confirm is no error',
          params: InterfaceParams,
          response: {
            200: answer('What is in force.', ImpairmentReport),
            ...problems(...INTERFACE_ERRORS, ...CHANGE_ERRORS),
          },
        },
      },
      ({ params }) => netweir.confirmImpairment(exactRef(params.space, params.name)),
    );
    app.delete(
      url,
      {
        preValidation: refuseBody,
        schema: {
          operationId: 'deleteImpairment',
          summary: 'Puts back what was there before netweir; nothing to do is no error',
          params: InterfaceParams,
          querystring: ClearQuery,
          response: {
            200: answer('What is there after the change.', ImpairmentReport),
            ...problems(...INTERFACE_ERRORS, ...CHANGE_ERRORS),
          },
        },
      },
      ({ params, query: { replace } }) =>
        netweir.clearImpairment(
          exactRef(params.space, params.name),
          ...(replace === 'true' ? [{ replace: true }] : []),
        ),
    );
  };
}

function withCallers(impairment: Impairment, more: readonly Caller[]): Impairment {
  const callers = [...(impairment.callers ?? []), ...more];
  return { ...impairment, ...(callers.length > 0 && { callers }) };
}

/** Who sends a request by TCP; nobody by the Unix socket. */
function callerBy({ remoteAddress, localAddress, localPort }: Socket): Caller[] {
  if (remoteAddress === undefined || localAddress === undefined || !localPort) return [];
  const plain = (address: string): string => address.replace(/^::ffff:/u, '').replace(/%.*$/u, '');
  return [{ client: plain(remoteAddress), server: plain(localAddress), port: localPort }];
}
