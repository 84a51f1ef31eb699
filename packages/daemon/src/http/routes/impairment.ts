import type { Socket } from 'node:net';
import {
  type Caller,
  exactDirection,
  Impairment,
  ImpairmentReport,
  type Netweir,
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
        const callers = [...(body.callers ?? []), ...callerBy(socket)];
        return netweir.setImpairment(exactRef(params.space, params.name), {
          ...body,
          ...(callers.length > 0 && { callers }),
        });
      },
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

/** Who sends a request by TCP; nobody by the Unix socket. */
function callerBy({ remoteAddress, localAddress, localPort }: Socket): Caller[] {
  if (remoteAddress === undefined || localAddress === undefined || !localPort) return [];
  const plain = (address: string): string => address.replace(/^::ffff:/u, '').replace(/%.*$/u, '');
  return [{ client: plain(remoteAddress), server: plain(localAddress), port: localPort }];
}
