import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

type Document = ReturnType<typeof jsonSchemaTransformObject> & {
  components?: { schemas?: Record<string, unknown> };
};

/** How the routes become an OpenAPI 3.1 document. */
export function openapiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'netweir',
        version,
        description:
          'Every network interface of this host, and how slow, lossy or broken netweir makes it. ' +
          'Quantities are texts with their unit: `100ms`, `1.5%`, `10mbit`. Errors are problem ' +
          'documents (RFC 9457).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token that `netweir up` prints; not asked for on the Unix socket.',
          },
          query: {
            type: 'apiKey',
            in: 'query',
            name: 'token',
            description: 'The same token, on the WebSocket only.',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => mergeInputs(jsonSchemaTransformObject(document)),
  };
}

const INPUT = /^(?<ref>#\/components\/schemas\/\w+)Input$/u;

/**
 * One component for each schema. The type provider makes two, for input and for output; they are
 * the same, because no schema of the contract has a default or a transformation.
 */
function mergeInputs(document: Document): Document {
  const merged: Document = JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(INPUT, '$<ref>') : value,
  );
  const schemas = merged.components?.schemas ?? {};
  const names = Object.keys(schemas).filter((name) => !name.endsWith('Input'));
  for (const name of names) {
    if (JSON.stringify(schemas[name]) !== JSON.stringify(schemas[`${name}Input`])) {
      throw new Error(
        `schema ${name} differs between input and output: it cannot be one component`,
      );
    }
  }
  return {
    ...merged,
    components: {
      ...merged.components,
      schemas: Object.fromEntries(names.map((name) => [name, schemas[name]])),
    },
  } as Document;
}
