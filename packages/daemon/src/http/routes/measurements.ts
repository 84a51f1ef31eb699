import { Measurement, MeasurementRequest, type Netweir } from '@netweir/api';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answer, BODY_ERRORS, INTERFACE_ERRORS, problems } from '../schema.ts';
import { exactRef } from '../targets.ts';

/** Measurements from one end to another, which are answered when they are done. */
export function measurementRoutes(netweir: Netweir): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/measurements',
      {
        schema: {
          operationId: 'measure',
          summary: 'Measures what is between two ends, against what is set on the way',
          description:
            'Takes `duration` and, with throughput, some four seconds more; both ends are probed by the daemon itself.',
          body: MeasurementRequest,
          response: {
            200: answer('What was measured.', Measurement),
            ...problems(
              ...BODY_ERRORS,
              ...INTERFACE_ERRORS,
              'unreachable',
              'too-many-measurements',
              'kernel-refused',
            ),
          },
        },
      },
      ({ body }) => {
        for (const end of [body.from, body.to]) {
          if ('space' in end) exactRef(end.space, end.interface ?? 'lo');
        }
        return netweir.measure(body);
      },
    );
  };
}
