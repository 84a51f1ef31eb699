import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { answer, problems } from '../schema.ts';

const OpenApiDocument = z.record(z.string(), z.unknown());

/** The description of the API, which needs no token. */
export function openapiRoutes(): FastifyPluginAsyncZod {
  return async (app) => {
    for (const [url, operationId] of [
      ['/openapi.json', 'getOpenApi'],
      ['/api/v1/openapi.json', 'getOpenApiOfVersion'],
    ] as const) {
      app.get(
        url,
        {
          schema: {
            operationId,
            summary: 'This document',
            security: [],
            response: { 200: answer('An OpenAPI 3.1 document.', OpenApiDocument), ...problems() },
          },
        },
        async () => ({ ...app.swagger() }),
      );
    }
  };
}
